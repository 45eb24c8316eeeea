"""Messages about faults found by the guard: the node, and the inputs to turn down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from graph.errors import several
from graph.memory.tables import OPEN
from graph.model.net import Net
from graph.model.order import resolve
from graph.node.arithmetic import Multiply
from graph.node.node import Cable, Node
from graph.plan.loops import PLAIN_UNITS
from graph.plan.plan import Plan

KNOBS = ("gain", "feedback")
"""Inputs that set the amount of feedback."""
MOST_KNOBS = 3
"""Maximum number of inputs named in a message."""


@dataclass(frozen=True)
class Fault:
    """A node stopped by the guard.

    kind    "not finite", or "too loud": it, or the loop that it closes, exceeded the graph's limit
    times   number of occurrences
    muted   whether it is permanently muted, after repeated non-finite output; a node that was too loud returns
    active  whether it is still muted, or on probation
    limit   the exceeded limit in dB over full scale
    loop    the nodes of the feedback loop that ran away; empty without a loop
    turn    the inputs to turn down
    """

    node: str
    times: int
    muted: bool
    kind: Literal["not finite", "too loud"] = "not finite"
    active: bool = False
    limit: float = 0.0
    loop: tuple[str, ...] = field(default=())
    turn: tuple[str, ...] = field(default=())

    @property
    def reason(self) -> str:
        """The fault, and the remedy."""
        if self.kind == "not finite":
            return f"{self.node} output non-finite values (NaN or infinity)"
        down = f"turn down {' or '.join(self.turn)}" if self.turn else "turn down its input"
        if self.loop:
            way = " -> ".join((*self.loop, self.loop[0]))
            return f"{self.node}: the feedback loop {way} has a gain above 1 and exceeded +{self.limit:g} dB: {down}"
        return f"{self.node} exceeded the limit of +{self.limit:g} dB over full scale: {down}"

    @property
    def news(self) -> str:
        """The message while playing."""
        if self.kind == "not finite":
            return f"{self.reason}; {'it is muted' if self.muted else 'it was reset'}"
        return f"{self.reason}. It was faded out and reset, and returns when its level is below the limit"

    @property
    def summary(self) -> str:
        """The message at the end of a render."""
        if self.kind == "not finite":
            fate = "and was muted" if self.muted else "and was reset"
            return f"{self.reason} in {several(self.times, 'block')} {fate}"
        return f"{self.reason}. It was faded out and reset {several(self.times, 'time')}"


class FaultNews:
    """[control] Reports faults while a graph plays."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self._loud: set[str] = set()

    def of(self, found: list[Fault]) -> list[str]:
        """Messages since the last call: each fault is reported once, regardless of retries, and once when it clears."""
        news = []
        for fault in found:
            if fault.kind == "not finite":
                if self._times.get(fault.node) != fault.times:
                    self._times[fault.node] = fault.times
                    news.append(fault.news)
            elif fault.active and fault.node not in self._loud:
                self._loud.add(fault.node)
                news.append(fault.news)
            elif not fault.active and fault.node in self._loud:
                self._loud.remove(fault.node)
                news.append(f"{fault.node} is back")
        return news


def faults(plan: Plan) -> list[Fault]:
    """[control] The nodes of a plan stopped by the guard since the start."""
    found = []
    for step, detail in zip(plan.steps, plan.details, strict=True):
        if detail["trips"]:
            found.append(Fault(step.name, int(detail["trips"]), bool(detail["muted"])))
        if detail["ran_away"]:
            node = plan.graph.nodes[step.name]
            loop = _loop(plan.graph, node) if detail["delays"] else []
            active = bool(detail["phase"] != OPEN or detail["probation"] > 0)
            names = tuple(plan.graph.names[each] for each in loop if not _anonymous(each))
            turn = _turn(plan.graph, loop or [node])
            times = int(detail["ran_away"])
            label, limit = _label(plan.graph, node), plan.graph.limit
            found.append(Fault(label, times, False, "too loud", active, limit, names, turn))
    return found


def _anonymous(node: Node) -> bool:
    """Whether it was created by an expression, a sum or a send."""
    return not node.name and type(node).made_by_expression


def _sources(node: Node) -> dict[str, Cable]:
    """The audio sources of a node: the cables at its inputs without a unit."""
    found = {}
    for key, port in node.ins().items():
        source = resolve(node.inputs.get(key))
        if port.kind == "signal" and port.unit in PLAIN_UNITS and isinstance(source, Cable):
            out = source.node.outs().get(source.port)
            if out is not None and out.unit in PLAIN_UNITS:
                found[key] = source
    return found


def _loop(graph: Net, start: Node) -> list[Node]:
    """The nodes from a delaying node's output to its input, in signal order; empty if there is no loop."""
    sources = {node: [cable.node for cable in _sources(node).values()] for node in graph.nodes.values()}
    hears: dict[Node, list[Node]] = {node: [] for node in sources}
    for node, heard in sources.items():
        for source in heard:
            hears.setdefault(source, []).append(node)
    before = _reach(start, sources)
    after = _reach(start, hears)
    loop = [node for node in after if node in before]
    return loop if len(loop) > 1 or start in sources[start] else []


def _reach(start: Node, ways: dict[Node, list[Node]]) -> dict[Node, None]:
    """Reachable nodes in breadth-first order."""
    seen = {start: None}
    waiting = [start]
    for node in waiting:
        for other in ways.get(node, ()):
            if other not in seen:
                seen[other] = None
                waiting.append(other)
    return seen


def _turn(graph: Net, nodes: list[Node]) -> tuple[str, ...]:
    """The inputs that raise the level of these nodes, in descending order of gain."""
    found: list[tuple[float, str]] = []
    for node in nodes:
        heard = {key for key, cable in _sources(node).items() if cable.node in nodes}
        keys = [key for key in node.ins() if key in KNOBS or (isinstance(node, Multiply) and key not in heard)]
        for key in keys:
            value = resolve(node.inputs.get(key))
            if isinstance(value, Cable):
                if value.node not in nodes and not _anonymous(value.node):
                    found.append((float("inf"), graph.names[value.node]))
                continue
            factor = node.ins()[key].default if value is None else value
            if factor:
                found.append((abs(factor), f"{_place(graph, node, key)} ({factor:.3g})"))
    if any(factor > 1.0 for factor, _ in found):
        found = [each for each in found if each[0] > 1.0]
    return tuple(dict.fromkeys(text for _, text in sorted(found, key=lambda each: -each[0])))[:MOST_KNOBS]


def _label(graph: Net, node: Node) -> str:
    """A node's name; for a node of an expression, its kind and location."""
    what = {"Add": "sum", "Multiply": "product", "Gain": "level"}.get(type(node).__name__, type(node).__name__)
    return f"the {what} in {_reader(graph, node)}" if _anonymous(node) else graph.names[node]


def _place(graph: Net, node: Node, key: str) -> str:
    """An input's name; inside an expression or a send, the signal and the patch input that it belongs to."""
    if not _anonymous(node):
        return f"{graph.names[node]}.{key}"
    signal = next((c for k, c in _sources(node).items() if k != key), None)
    what = "factor"
    if signal is not None and not _anonymous(signal.node):
        what = f"level of {graph.names[signal.node]}"
    return f"the {what} in {_reader(graph, node)}"


def _reader(graph: Net, node: Node) -> str:
    """The patch input driven by an expression's node."""
    for _ in range(len(graph.nodes)):
        readers = ((each, key) for each in graph.nodes.values() for key, c in _sources(each).items() if c.node is node)
        reader = next(readers, None)
        if reader is None:
            break
        if not _anonymous(reader[0]):
            return f"{graph.names[reader[0]]}.{reader[1]}"
        node = reader[0]
    return "out"
