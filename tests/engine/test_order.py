from __future__ import annotations

import random

import pytest

from graph import Graph, GraphError, In, Node, Out, per_sample
from graph.model.order import order
from graph.node.arithmetic import Add, Gain, Multiply
from nodes import Feedback


def ladder(names: list[str], edges: list[tuple[str, str]], seed: int) -> Graph:
    """Adds named in `names`, wired by `edges`, created and connected in random order."""
    rng = random.Random(seed)
    shuffled = list(names)
    rng.shuffle(shuffled)
    nodes = {name: Add(name=name) for name in shuffled}
    mixed = list(edges)
    rng.shuffle(mixed)
    inputs: dict[str, list[str]] = {}
    for source, target in edges:
        inputs.setdefault(target, []).append(source)
    for source, target in mixed:
        nodes[target].set("ab"[inputs[target].index(source)], nodes[source])
    return Graph(nodes[names[-1]])


EDGES = [("a", "c"), ("b", "c"), ("c", "d"), ("a", "d"), ("d", "e"), ("b", "e")]


@pytest.mark.parametrize("seed", range(20))
def test_every_node_runs_after_its_sources_in_any_order_of_creation(seed: int) -> None:
    graph = ladder(["a", "b", "c", "d", "e"], EDGES, seed)
    names = [graph.names[node] for node in order(graph)]
    for source, target in EDGES:
        assert names.index(source) < names.index(target)


def test_the_order_depends_on_the_wiring_and_not_on_the_order_of_creation() -> None:
    orders = set()
    for seed in range(20):
        graph = ladder(["a", "b", "c", "d", "e"], EDGES, seed)
        orders.add(tuple(graph.names[node] for node in order(graph)))
    assert len(orders) == 1


def test_a_cycle_is_named_with_its_path() -> None:
    a = Add(name="a")
    b = Gain(audio=a, name="b")
    c = Gain(audio=b, name="c")
    a.set("b", c)
    with pytest.raises(GraphError, match=r"cycle: (a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)\. .*Feedback"):
        order(Graph(c))


def test_a_cable_to_itself_is_a_cycle() -> None:
    a = Add(name="a")
    a.set("a", a)
    with pytest.raises(GraphError, match="cycle: a -> a"):
        order(Graph(a))


def test_a_feedback_node_breaks_a_cycle_and_runs_last() -> None:
    loop = Feedback(name="loop")
    total = Add(a=1.0, b=loop, name="total")
    loop.set("audio", total * 0.5)
    graph = Graph(total)
    assert [graph.names[node] for node in order(graph)][-1] == "loop"


def test_two_feedbacks_in_a_row_delay_by_two_blocks() -> None:
    first = Feedback(name="first")
    second = Feedback(audio=first, name="second")
    first.set("audio", Add(a=1.0, b=0.0))
    graph = Graph(second * 1.0, block=16)
    audio = graph.render(seconds=64 / 48_000)[:, 0]
    assert (audio[:32] == 0).all()
    assert (audio[32:] == 1).all()


def test_a_chain_of_five_thousand_nodes_needs_no_recursion() -> None:
    signal = Add(1.0, 0.0)
    for _ in range(5_000):
        signal = Multiply(signal, 1.0)
    assert len(order(Graph(signal))) == 5_001


def test_an_input_can_be_read() -> None:
    tone = Gain(audio=Add(1.0, 1.0), gain=3.0, name="tone")
    graph = Graph(tone.audio + tone.gain)
    assert graph.render(seconds=0.01)[-1, 0] == 5.0


class Bell(Node):
    """A node with an external effect."""

    sink = True
    audio = In(doc="What to ring.")
    out = Out(doc="The same.")

    @per_sample
    def process(audio):
        return audio


def test_a_sink_runs_after_the_output_although_it_is_inaudible() -> None:
    source = Add(a=1.0, name="source")
    bell = Bell(audio=source * 2.0, name="bell")
    graph = Graph(Gain(audio=1.0, name="heard"), nodes=[bell])
    assert [graph.names[node] for node in order(graph)] == ["heard", "source", "multiply", "bell"]


def test_sinks_run_in_name_order_in_any_order_of_creation() -> None:
    for names in (("a", "b"), ("b", "a")):
        graph = Graph(Gain(audio=1.0, name="heard"), nodes=[Bell(audio=1.0, name=name) for name in names])
        assert [graph.names[node] for node in order(graph)] == ["heard", "a", "b"]


def test_a_sink_may_read_a_feedback_that_the_output_does_not() -> None:
    loop = Feedback(name="loop")
    total = Add(a=1.0, b=loop, name="total")
    loop.set("audio", total)
    graph = Graph(Gain(audio=1.0, name="heard"), nodes=[Bell(audio=loop, name="bell")])
    assert [graph.names[node] for node in order(graph)] == ["heard", "bell", "total", "loop"]
    assert (graph.render(seconds=0.01) == 1.0).all()
