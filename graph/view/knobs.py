"""The knobs of the terminal view: what a playing patch lets one turn, and the turning."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from graph.engine.gauges import control_value, given, moved, target
from graph.errors import GraphError
from graph.model.net import Net
from graph.node.arithmetic import Add, Subtract
from graph.node.node import Cable, Node
from graph.node.ports import In
from graph.node.span import span
from graph.patch.subpatch import SubPatch
from graph.play.live import Live

CONTROL, CONSTANT = "Control", "Constant"
"""Node classes whose value is a knob of its own."""
STEP = 0.01
"""Part of its way that a knob turns per key press or notch of the wheel."""
DIGITS = 4
"""Significant digits of a value that was turned, so that what is shown is what sounds."""
WRITTEN = 4
"""Rank of nodes of which only the numbers that the patch writes are knobs."""
TAPER = 3.0
PENDING = 0.5
"""Seconds in which a value may not have reached the engine yet."""


@dataclass(frozen=True)
class Knob:
    """A value to turn.

    path    its input, as `--set` takes it; name: as it is shown
    low, high, curve   what it turns over, in its unit
    control  the controller and channel of a Control; settled: whether it takes its `initial` at any time
    """

    path: str
    name: str
    port: In
    low: float
    high: float
    curve: str
    control: tuple[int, int] | None = None
    settled: bool = False

    def share(self, value: float) -> float:
        """Where the knob stands at `value`, 0 .. 1."""
        if self._log:
            return min(1.0, max(0.0, math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)))
        share = min(1.0, max(0.0, (value - self.low) / (self.high - self.low))) if self.high != self.low else 0.0
        return float(share ** (1.0 / self._taper))

    def value(self, share: float) -> float:
        """The value where the knob stands at `share`, to four digits."""
        share = min(1.0, max(0.0, share))
        exact = self.low + share**self._taper * (self.high - self.low)
        exact = self.low * (self.high / self.low) ** share if self._log else exact
        return min(max(self.low, self.high), max(min(self.low, self.high), float(f"{exact:.{DIGITS}g}")))

    def text(self, value: float) -> str:
        """`800 Hz`."""
        unit = self.port.unit if self.port.unit not in ("", "any") else ""
        return f"{value:.{DIGITS}g} {unit}".rstrip()

    @property
    def _taper(self) -> float:
        """Cubic where the ends of a logarithmic range have no logarithm, such as 0 s."""
        return TAPER if self.curve == "log" else 1.0

    @property
    def _log(self) -> bool:
        return self.curve == "log" and self.low > 0.0 and self.high > 0.0 and self.low != self.high


class Knobs:
    """[control] The knobs of a Live, for the thread of its view.

    First come those that `chosen` names (what `--set` and presets set), then the patch's own inputs, Controls, inputs
    of patches inside it, Constants, and then every number in it that is not its input's default.
    """

    def __init__(self, live: Live, chosen: Callable[[], Iterable[str]] = tuple) -> None:
        self.live, self._chosen = live, chosen
        self.knobs: list[Knob] = []
        self.at = 0
        self._graph: Net | None = None
        self._turned: dict[str, tuple[float, float]] = {}

    def update(self) -> None:
        """Reads them again if another graph plays."""
        if self._graph is self.live.graph:
            return
        self._graph = self.live.graph
        before = self.knobs[self.at].path if self.knobs else ""
        found = {knob.path: knob for knob in self._found(self._graph)}
        first = [path for path in map(full, self._chosen()) if path in found]
        self.knobs = [found[path] for path in dict.fromkeys([*first, *found])]
        self.at = next((at for at, knob in enumerate(self.knobs) if knob.path == before), 0)

    def move(self, by: int) -> None:
        """Selects another knob; after the last comes the first."""
        self.at = (self.at + by) % len(self.knobs) if self.knobs else 0

    def turn(self, steps: float, at: int | None = None) -> None:
        """Turns a knob, by default the selected one, by so many steps; GraphError if it cannot be turned."""
        if at is not None:
            self.at = at
        if self.knobs:
            knob = self.knobs[self.at]
            self._set(knob, knob.value(knob.share(self.value(knob)) + steps * STEP))

    def reset(self) -> None:
        """Puts the selected knob back to where the patch has it."""
        param = self.live.engine.plan.params.get(self.knobs[self.at].path) if self.knobs else None
        if param is not None:
            self._set(self.knobs[self.at], param.value)

    def value(self, knob: Knob) -> float:
        """Where it stands: what was set last, or what a controller, OSC or Python has set meanwhile."""
        value, until = self._turned.get(knob.path, (0.0, 0.0))
        if time.monotonic() < until:
            return value
        if knob.control is not None:
            return control_value(self.live.engine, knob.name)
        return target(self.live.engine, knob.path)

    def _set(self, knob: Knob, value: float) -> None:
        self._turned[knob.path] = value, time.monotonic() + PENDING
        engine = self.live.engine
        if knob.control is not None and not knob.settled and (moved(engine, knob.name) or not given(engine, knob.name)):
            self.live.control(knob.control[0], knob.share(value), knob.control[1])  # its `initial` has no effect
        else:
            self.live[knob.path] = value

    def _found(self, graph: Net) -> Iterable[Knob]:
        ranked = [(_rank(name, node), name, node) for name, node in graph.nodes.items()]
        for _, name, node in sorted((each for each in ranked if each[0] >= 0), key=lambda each: each[0]):
            if type(node).__name__ == CONTROL:
                yield from self._control(name, node)
                continue
            for key, port in node.ins().items():
                path = f"{name}.{key}"
                if path not in self.live.engine.plan.params or isinstance(node.inputs.get(key), Cable):
                    continue
                number = node.inputs.get(key)
                if _rank(name, node) < WRITTEN or (isinstance(number, int | float) and number != port.default):
                    aim = (_aim(graph, node) or port) if type(node).__name__ == CONSTANT else port
                    low, high = span(aim, number if isinstance(number, int | float) else 0.0)
                    yield Knob(path, short(path), aim, low, high, aim.curve)

    def _control(self, name: str, node: Node) -> Iterable[Knob]:
        try:
            low, high = (self.live[f"{name}.{word}"] for word in ("min", "max"))
        except GraphError:  # a cable drives them
            return
        port = _aim(self.live.graph, node) or node.ins()["initial"]
        source = node.options["controller"], node.options["channel"] or 1
        settled = "initial" in node.inputs and node.options["pickup"]
        yield Knob(f"{name}.initial", name, port, low, high, node.options["curve"], source, settled)


def _aim(graph: Net, node: Node) -> In | None:
    """The first input with a unit that a node drives, alone or in a sum: it says what the node's numbers are."""
    for reader in graph.nodes.values():
        for key, port in reader.ins().items():
            source = reader.inputs.get(key)
            if isinstance(source, Cable) and source.node is node:
                found = _aim(graph, reader) if isinstance(reader, Add | Subtract) else port
                if found is not None and found.unit not in ("", "any"):
                    return found
    return None


def _rank(name: str, node: Node) -> int:
    """Which group of knobs a node belongs to; -1 for none."""
    if "." in name or node.made_by_expression:
        return -1
    if isinstance(node, SubPatch):
        return 0 if name == "inputs" else 2
    return {CONTROL: 1, CONSTANT: 3}.get(type(node).__name__, WRITTEN)


def full(path: str) -> str:
    """The name that the engine has for an input: the patch's own are written without a node."""
    return path if "." in path else f"inputs.{path}"


def short(path: str) -> str:
    """The name that `--set` and presets have for it."""
    return path.removeprefix("inputs.")
