"""Random valid graphs of any nodes and cables, as a Hypothesis strategy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from graph import Cable, Graph, GraphError, Node, NodeError
from graph.language.units import note_frequency, ratio
from graph.node.arithmetic import Gain, SecondsPerBeat, Spread
from graph.node.library import all_nodes
from graph.node.ports import In, Option
from graph.patch.scope import bad_name
from nodes import Constant, Mix


def good_as_it_is(cls: type[Node]) -> bool:
    """Whether a node needs no file."""
    try:
        cls().validate()
    except NodeError:
        return False
    return True


CLASSES = [cls for cls in all_nodes().values() if cls is not Spread and good_as_it_is(cls)]


NUMBERS = st.one_of(
    st.floats(-1e6, 1e6),
    st.integers(-20_000, 20_000).map(float),
    st.integers(-60, 24).map(lambda level: ratio(level, "dB")),
    st.integers(-24, 24).map(lambda step: ratio(step, "semitones")),
    st.integers(0, 127).map(note_frequency),
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-7, 2e-5, 0.01, 1 / 3, 3 / 8, 1e30]),
)
NAMES = st.one_of(
    st.none(), st.from_regex(r"[a-zß_][A-Za-z0-9_é]{0,7}", fullmatch=True).filter(lambda name: not bad_name(name))
)
TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(["yes", "null", "1:2", "- a", "#", "a: b", "C4 E4 " * 40]))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Strategy: any nodes, connected in any valid way."""
    cables: dict[str, list[Cable]] = {"signal": [], "events": [], "clock": []}
    made: list[Node] = []
    taken: set[str] = set()

    def number(port: In | Option) -> float:
        value = float(draw(NUMBERS))
        low = -1e6 if port.min is None else port.min
        return max(low, min(1e6 if port.max is None else port.max, value))

    def signal(depth: int = 0) -> Any:
        choice = draw(st.integers(0, 9))
        if choice < 5 and cables["signal"]:
            return draw(st.sampled_from(cables["signal"]))
        if choice == 5 and cables["clock"]:
            return SecondsPerBeat(clock=draw(st.sampled_from(cables["clock"]))) * draw(NUMBERS)
        if depth > 4 or choice > 8 or not cables["signal"]:
            return draw(NUMBERS)
        a, b = signal(depth + 1), signal(depth + 1)
        if not isinstance(a, Cable | Node):
            a = draw(st.sampled_from(cables["signal"]))
        both: list[Callable[[], Any]] = [
            lambda: a + b,
            lambda: a - b,
            lambda: a * b,
            lambda: a / b,
            lambda: Gain(audio=a, gain=b),
        ]
        return both[draw(st.integers(0, 4))]()

    def fill(node: Node, key: str, port: In) -> None:
        if port.kind != "signal":
            if cables[port.kind]:
                node.set(key, draw(st.sampled_from(cables[port.kind])))
        elif draw(st.booleans()):
            value = signal()
            node.set(key, value if isinstance(value, Cable | Node) else number(port))

    for _ in range(draw(st.integers(1, 9))):
        cls = draw(st.sampled_from(CLASSES))
        name = draw(NAMES)
        node = cls(name=None if name in taken else name)
        for key, field in cls.fields.items():
            if isinstance(field, Option) and key != "file" and draw(st.booleans()):
                if field.choices:
                    node.set(key, draw(st.sampled_from(field.choices)))
                elif field.value_type is bool:
                    node.set(key, draw(st.booleans()))
                elif field.value_type is str:
                    node.set(key, draw(TEXTS))
                else:
                    value = number(field)
                    node.set(key, round(value) if field.value_type is int else value)
            elif isinstance(field, In):
                fill(node, key, field)
        out = next((key for key, port in cls.outs().items() if port.kind == "signal"), None)
        try:
            node.validate()
        except NodeError:  # a text that cannot be read
            node.options = cls().options
        try:
            if out is not None:
                Graph(Mix(audio=node.cable(out)), nodes=made).check()
        except GraphError:  # widths that clash
            continue
        made.append(node)
        taken.add(node.name or "")
        for key, port in cls.outs().items():
            cables[port.kind].append(node.cable(key))
        for key, read in cls.ins().items():
            if read.kind == "signal" and draw(st.integers(0, 9)) == 0:
                cables["signal"].append(node.cable(key))
    heard = signal()
    if not isinstance(heard, Cable | Node):
        heard = Constant(value=heard)
    graph = Graph(Mix(audio=heard), nodes=made if draw(st.booleans()) else ())
    graph.name = draw(TEXTS)
    return graph
