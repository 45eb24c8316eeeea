"""The contents of a diagram: boxes with ports, and the cables between them.

It follows the conventions of patching. Several cables into one input are summed, and a number in that sum is shown at
the port, like a knob. Other arithmetic is small: a round operator with its number inside. A send is a cable labeled
with its level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.language.units import ANY
from graph.model.net import Net
from graph.model.order import order, resolve
from graph.model.widths import Widths, widths
from graph.node.arithmetic import Gain
from graph.node.node import Cable, Node
from graph.node.ports import In, Option
from graph.patch.subpatch import SubPatch
from graph.writer.lines import implicit
from graph.writer.values import MUSICAL, OPERATORS, Writer, level, number, plain, port_number

LONGEST = 26
"""Maximum number of characters shown of an option's text."""

TALL = 10
"""Largest number of inputs for which defaults are shown; a node with more shows only their count."""

SIGNS = {"+": "+", "-": "\N{MINUS SIGN}", "*": "\N{MULTIPLICATION SIGN}", "/": "\N{DIVISION SIGN}"}
"""The operators in typographic form."""


@dataclass
class Pin:
    """A row on one side of a box.

    key     its name, also used in the wires
    value   its number
    given   whether the value was given, rather than the default
    used    whether a cable ends here
    """

    key: str
    kind: str
    value: str = ""
    given: bool = True
    used: bool = False


@dataclass
class Box:
    """A node, an operator or the output.

    key      its name in the diagram
    title, subtitle   the node's name and class; an operator has its sign as title
    small    whether it is an operator, which has no rows
    group    the nested patches that contain it, outermost first
    through  whether its inputs pass straight through, as in the box of a nested patch
    notes    options that differ from their defaults
    """

    key: str
    title: str
    subtitle: str = ""
    kind: str = "signal"
    small: bool = False
    through: bool = False
    group: tuple[str, ...] = ()
    notes: list[tuple[str, str]] = field(default_factory=list)
    ins: list[Pin] = field(default_factory=list)
    outs: list[Pin] = field(default_factory=list)


@dataclass(frozen=True)
class Wire:
    """A cable: box and port at both ends, kind, and number of lanes (voices times channels)."""

    source: str
    output: str
    target: str
    input: str
    kind: str
    lanes: int = 1


@dataclass
class Picture:
    """The contents of a diagram."""

    name: str
    boxes: list[Box]
    wires: list[Wire]


def picture(graph: Net) -> Picture:
    """The diagram of `graph`."""
    return _Picture(graph).made


class _Picture:
    def __init__(self, graph: Net) -> None:
        running = order(graph)
        self.graph = graph
        self.widths: Widths = widths(graph, running)
        self.implicit = implicit(graph)
        self.writer = Writer(graph.where, self.implicit.__contains__)
        self.keys: dict[Node, str] = {}
        self.boxes: dict[str, Box] = {}
        self.waiting: list[tuple[Cable, str, str, str]] = []
        self.made = Picture(graph.name, [], [])
        named = [node for node in running if node not in self.implicit]
        idle = [node for name, node in graph.nodes.items() if node not in running and self.shown_idle(name, node)]
        named += idle
        for node in named:
            self.node(node)
        for node in named:
            for port in self.boxes[self.keys[node]].ins:
                self.connect(node.inputs.get(port.key), self.keys[node], port, node.ins()[port.key])
        out = Pin("in", "signal")
        key = "out()" if "out" in self.boxes else "out"
        self.box(Box(key, "out", ins=[out], small=True))
        self.connect(graph.out, key, out, In())

    def shown_idle(self, name: str, node: Node) -> bool:
        """Whether to show a node that does not run; hidden are nodes that a nested patch uses only as a default."""
        return node not in self.implicit and ("." not in name or isinstance(node, SubPatch))

    def box(self, box: Box) -> str:
        self.boxes[box.key] = box
        self.made.boxes.append(box)
        return box.key

    def node(self, node: Node) -> None:
        """Adds the box of a named node."""
        name = self.graph.names[node]
        *group, title = name.split(".")
        through = isinstance(node, SubPatch)
        outs = [Pin(key, port.kind) for key, port in (node.ins() if through else node.outs()).items()]
        if through:
            group = [*group, title] if any(each.startswith(f"{name}.") for each in self.graph.nodes) else group
        kind = outs[0].kind if outs else "signal"
        box = Box(name, title, type(node).__name__, kind, through=through, group=tuple(group), outs=outs)
        for key, declared in node.fields.items():
            if isinstance(declared, Option) and node.options[key] != declared.default:
                value = node.options[key]
                text = port_number(declared, value) if type(value) in (int, float) else str(value)
                text = text.lower() if isinstance(value, bool) else text
                box.notes.append((key, text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"))
            elif isinstance(declared, In):
                value, given = node.inputs.get(key), node.inputs.get(key) != declared.default
                shown = port_number(declared, value) if isinstance(value, float | int) else ""
                box.ins.append(Pin(key, declared.kind, shown, given))
        idle = [port for port in box.ins if not port.given]
        if len(box.ins) > TALL and not through:
            box.ins = [port for port in box.ins if port.given]
            box.notes.append((f"{len(idle)} more at their defaults", ""))
        self.keys[node] = self.box(box)

    def connect(self, value: float | Cable | None, key: str, port: Pin, declared: In) -> None:
        """Connects everything that drives an input: each cable of a sum separately; its numbers appear at the port."""
        if not isinstance(value, Cable):
            return
        port.used = True
        unit = "" if declared.unit == ANY else declared.unit
        port.value = ""
        for term in self.writer.terms(value):
            if isinstance(term, Cable):
                self.wire(term, key, port.key, unit)
            else:
                port.value = f"{port.value}{number(term, unit)} + "
        port.value = port.value.rstrip()
        while self.waiting:
            self.wire(*self.waiting.pop())

    def wire(self, cable: Cable, target: str, port: str, unit: str) -> None:
        """Adds a cable from the box of its node; creates boxes for operators."""
        node = cable.node
        lanes = 1
        if cable.declared().kind == "signal":
            resolved = resolve(cable)
            voices, channels = self.widths.cable(resolved) if isinstance(resolved, Cable) else (1, 1)
            lanes = voices * channels
        if node in self.implicit:
            source, output = self.operator(cable, target, unit), "out"
        else:
            source, output = self.keys[node], cable.port
            outs = {out.key: out for out in self.boxes[source].outs}
            if output not in outs:  # a cable may also read an input
                outs[output] = Pin(output, cable.declared().kind)
                self.boxes[source].outs.append(outs[output])
            outs[output].used = True
        self.made.wires.append(Wire(source, output, target, port, cable.declared().kind, lanes))

    def operator(self, cable: Cable, target: str, unit: str) -> str:
        """Adds the box of an operator that feeds `target`, and everything that feeds it."""
        sign, cables = self.sign(cable, unit)
        key = f"{target}/{len(self.boxes)}"
        box = Box(key, sign, small=True, group=self.boxes[target].group)
        box.ins = [Pin("in", "signal")]
        box.outs = [Pin("out", "signal")]
        self.box(box)
        self.waiting += [(each, key, "in", wanted) for each, wanted in reversed(cables)]
        return key

    def sign(self, cable: Cable, unit: str) -> tuple[str, list[tuple[Cable, str]]]:
        """The text of an operator's box, and its input cables with their units."""
        node = cable.node
        beats = self.writer.musical(cable)
        if beats:
            seconds = node.inputs["a"].node if type(node) not in MUSICAL else node  # type: ignore[union-attr]
            clock = seconds.inputs.get("clock")
            return beats, [(clock, "")] if isinstance(clock, Cable) else []
        if isinstance(node, Gain):
            gain, audio = node.inputs["gain"], node.inputs["audio"]
            assert isinstance(audio, Cable)
            if not isinstance(gain, Cable):
                return level(gain), [(audio, "")]
            return SIGNS["*"], [(audio, ""), (gain, "")]
        operator = OPERATORS[type(node)]
        operands = [node.inputs["a"], node.inputs["b"]] if operator in "-/" else self.writer.terms(cable, operator)
        cables = [each for each in operands if isinstance(each, Cable)]
        numbers = [each for each in operands if not isinstance(each, Cable)]
        plain_cables = all(self.writer.dimension(each) in ("", None) for each in cables)
        if operator in "+-":
            unit = unit or next((d for each in cables if (d := self.writer.dimension(each)) and d != ANY), "")
            inner = unit
        else:
            inner = unit if plain_cables and not numbers else ""
            unit = unit if plain_cables and operator == "*" else ""
        said = f" {SIGNS[operator]} ".join(
            number(each, unit) if unit else self._plain(each, operator) for each in numbers
        )
        wanted = [(each, inner) for each in cables]
        if operator in "-/" and numbers and operands[0] is numbers[0]:
            return f"{said} {SIGNS[operator]}", wanted
        return f"{SIGNS[operator]} {said}".rstrip(), wanted

    def _plain(self, value: float, operator: str) -> str:
        return number(value) if operator in "*/" else plain(value)


def groups(boxes: list[Box]) -> Iterator[tuple[str, ...]]:
    """All nested patches, outer ones first."""
    yield from dict.fromkeys(box.group[:depth] for box in boxes for depth in range(1, len(box.group) + 1))
