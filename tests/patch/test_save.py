"""A saved graph is a patch in hand-written style that loads to the same graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fingerprint as fp
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from random_graphs import CLASSES, graphs

from graph import Cable, Graph, GraphError, Node, load
from graph.graph import loads
from graph.language.units import note_frequency, ratio
from graph.model.order import order
from graph.native.functions import PLAIN
from graph.node.arithmetic import Add, Gain, Merge, Multiply, SecondsPerBeat
from graph.patch.subpatch import SubPatch
from graph.writer.lines import implicit
from graph.writer.save import dumps
from nodes import Adsr, Constant, Delay, Lfo, LowPass, MidiFile, Mix, Notes, Pan, Saw, Sine, Transport, VoiceAllocator

PATCHES = sorted(path.stem for path in (ROOT / "patches").glob("*.yaml"))


def written(graph: Graph) -> list[str]:
    """The names of the nodes that need lines in a patch."""
    inside = implicit(graph)
    return [name for name, node in graph.nodes.items() if node not in inside]


def assert_equal(one: Graph, two: Graph) -> None:
    """Asserts the same nodes with the same names, options, inputs and cables, in the same order."""
    assert (one.name, one.block, one.rate) == (two.name, two.block, two.rate)
    inside = implicit(one)
    named = [name for name, node in two.nodes.items() if node.name == name]
    lines = [name for name, node in one.nodes.items() if node not in inside or name in named]
    assert named == lines
    twin: dict[Node, Node] = {}
    pairs: list[tuple[Any, Any]] = [(one.out, two.out)]
    pairs += [(Cable(one.nodes[name], "out"), Cable(two.nodes[name], "out")) for name in named]
    while pairs:
        a, b = pairs.pop()
        if not isinstance(a, Cable) or not isinstance(b, Cable):
            assert a == b
            continue
        assert a.port == b.port
        if a.node in twin:
            assert twin[a.node] is b.node
            continue
        twin[a.node] = b.node
        assert type(a.node) is type(b.node)
        assert a.node.options == b.node.options
        pairs += [(a.node.inputs.get(key), b.node.inputs.get(key)) for key in a.node.ins()]
    assert len(set(twin.values())) == len(twin) == len(one.nodes) == len(two.nodes)
    assert [twin[node] for node in order(one)] == order(two)


def line(graph: Graph, name: str) -> str:
    """The line of a node in the saved patch."""
    return next(" ".join(each.split()) for each in dumps(graph).splitlines() if each.strip().startswith(f"{name}:"))


@given(graphs())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_graph_loads_to_an_equal_graph(graph: Graph) -> None:
    try:
        graph.check()
    except GraphError:
        return
    try:
        text = dumps(graph)
    except GraphError as error:
        assert "a patch cannot express that" in str(error)  # noqa: PT017  # the language checks units, Python does not
        return
    again = loads(text)
    assert_equal(graph, again)
    assert dumps(again) == text


@pytest.mark.parametrize("name", PATCHES)
def test_a_bundled_patch_saved_and_loaded_is_equal_and_as_short(name: str, tmp_path: Path) -> None:
    graph = load(name)
    graph.save(tmp_path / "again.yaml")
    again = load(tmp_path / "again.yaml")
    assert dumps(again) == (tmp_path / "again.yaml").read_text()
    if not any(isinstance(node, SubPatch) for node in graph.nodes.values()):
        assert_equal(graph, again)
        assert written(again) == written(graph)
    assert not any(
        type(node) in ARITHMETIC_CLASSES for node in again.nodes.values() if node.name and type(node) is not Gain
    )


ARITHMETIC_CLASSES = {cls for cls in CLASSES if cls.made_by_expression} - {Mix}


@pytest.mark.skipif(PLAIN, reason="a whole patch in plain Python takes minutes")
@pytest.mark.parametrize("name", PATCHES)
def test_a_bundled_patch_saved_and_loaded_sounds_the_same_to_the_bit(name: str, tmp_path: Path) -> None:
    graph = load(name)
    graph.save(tmp_path / f"{name}.yaml")
    played = fp.played_to(graph, tmp_path, seconds=2)
    once = graph.render(seconds=2, **played)  # type: ignore[arg-type]
    np.testing.assert_array_equal(load(tmp_path / f"{name}.yaml").render(seconds=2, **played), once)  # type: ignore[arg-type]


def test_arithmetic_is_written_as_expressions_in_the_units_of_the_port() -> None:
    env = Adsr(name="env")
    graph = Graph(LowPass(audio=Saw(freq=220.0), cutoff=200 + env * 4000, name="tone"))
    assert line(graph, "tone") == "tone: {node: LowPass, audio: saw, cutoff: 200 Hz + env * 4 kHz}"


def test_a_quantity_is_written_in_a_unit_of_its_magnitude() -> None:
    graph = Graph(Adsr(name="env", attack=0.02, decay=1.5, sustain=0.25, release=0.0005))
    assert line(graph, "env") == "env: {node: Adsr, attack: 20 ms, decay: 1.5 s, sustain: 25%, release: 0.5 ms}"
    assert line(Graph(Sine(freq=note_frequency(61), name="osc")), "osc") == "osc: {node: Sine, freq: C#4}"
    assert line(Graph(Sine(freq=0.1 + 0.2, name="osc")), "osc") == "osc: {node: Sine, freq: 0.30000000000000004 Hz}"


def test_sends_are_mappings_and_plain_sums_are_lists() -> None:
    a, b, c = Saw(name="one"), Saw(name="two"), Saw(name="three")
    sends = Gain(audio=a, gain=ratio(-6, "dB")) + Gain(audio=b, gain=0.3) + c
    assert line(Graph(LowPass(audio=sends, name="low")), "low") == (
        "low: {node: LowPass, audio: {one: -6 dB, two: 0.3, three: 0 dB}}"
    )
    assert line(Graph(LowPass(audio=a + b + c, name="low")), "low") == "low: {node: LowPass, audio: [one, two, three]}"
    twice = Gain(audio=a, gain=0.5) + Gain(audio=a, gain=0.25)
    assert (
        line(Graph(LowPass(audio=twice, name="low")), "low") == "low: {node: LowPass, audio: [{one: 0.5}, {one: 0.25}]}"
    )


def test_beats_are_written_if_there_is_a_clock() -> None:
    beat = Transport(name="beat")
    echo = Delay(audio=Saw(name="osc"), clock=beat, time=SecondsPerBeat(clock=beat) * 0.375, name="echo")
    assert line(Graph(echo), "echo") == "echo: {node: Delay, audio: osc, time: 3/8 beats, clock: beat}"
    assert_equal(Graph(echo), loads(dumps(Graph(echo))))


def test_parentheses_are_written_only_where_needed() -> None:
    a, b = Lfo(name="slow"), Lfo(name="slower")
    for value, text in [
        ((a + b) * 0.5, "(slow + slower) * 0.5"),
        (a * b + 0.5, "slow * slower + 0.5"),
        (a - (b - 0.5), "slow - (slower - 0.5)"),
        (a / (b * 3.0), "slow / (slower * 3)"),
        (-a, "slow * -1"),
    ]:
        assert line(Graph(Constant(value=value, name="sum")), "sum") == f"sum: {{node: Constant, value: {text}}}"


def test_arithmetic_without_an_expression_gets_its_own_lines() -> None:
    a = Saw(name="osc")
    shared = a * 2.0
    for out in (
        shared * shared,
        a * Multiply(a=2.0, b=3.0),
        a + Add(a=a, b=0.0),
        Multiply(a=a, b=0.5, name="half") * a,
    ):
        graph = Graph(Pan(audio=out, name="place"))
        again = loads(dumps(graph))
        assert_equal(graph, again)
        assert len(written(again)) == 3


def test_expressions_of_thousands_of_operators_are_cut_into_lines() -> None:
    total: Node = Saw(name="osc")
    for _ in range(1_500):
        total = total * 0.999 + 0.001
    graph = Graph(Mix(audio=total))
    text = dumps(graph)
    assert max(map(len, text.splitlines())) < 1_000
    assert_equal(graph, loads(text))


def test_long_sums_are_one_list() -> None:
    total: Node = Sine(freq=100.0)
    for number in range(1, 500):
        total = total + Sine(freq=100.0 + number)
    graph = Graph(Mix(audio=total))
    assert_equal(graph, loads(dumps(graph)))
    assert len(written(loads(dumps(graph)))) == 501


def test_merged_events_are_lists() -> None:
    one, two, three = (Notes(name=name) for name in ("one", "two", "three"))
    flat = VoiceAllocator(events=Merge(a=Merge(a=one, b=two), b=three), name="voices", polyphony=1)
    assert line(Graph(flat.freq), "voices") == "voices: {node: VoiceAllocator, events: [one, two, three], polyphony: 1}"
    nested = Graph(VoiceAllocator(events=Merge(a=one, b=Merge(a=two, b=three)), polyphony=1).freq)
    half = Graph(VoiceAllocator(events=Merge(a=one), polyphony=1).freq)
    shared = Merge(a=one, b=two)
    twice = Graph(VoiceAllocator(events=shared, polyphony=1).freq + VoiceAllocator(events=shared, polyphony=1).freq)
    for graph in (Graph(flat.freq), nested, half, twice):
        assert_equal(graph, loads(dumps(graph)))


def test_a_file_is_written_relative_to_the_patch(tmp_path: Path) -> None:
    song = fp.a_song(tmp_path / "songs" / "a.mid") if (tmp_path / "songs").mkdir() is None else None
    graph = Graph(Pan(audio=Saw(freq=VoiceAllocator(events=MidiFile(file=str(song)), polyphony=1).freq)))
    graph.save(tmp_path / "patch.yaml")
    assert 'file: "songs/a.mid"' in (tmp_path / "patch.yaml").read_text()
    assert load(tmp_path / "patch.yaml").nodes["midi_file"].options["file"] == str(tmp_path / "songs" / "a.mid")


def test_long_texts_are_folded_and_read_back_unchanged(tmp_path: Path) -> None:
    text = "C4 [E4 G4] . " * 30
    graph = Graph(Saw(freq=VoiceAllocator(events=Notes(notes=text.strip(), name="tune"), polyphony=1).freq))
    graph.save(tmp_path / "tune.yaml")
    assert max(map(len, (tmp_path / "tune.yaml").read_text().splitlines())) <= 130
    assert load(tmp_path / "tune.yaml").nodes["tune"].options["notes"] == text.strip()


def test_a_name_not_allowed_in_a_patch_is_reported() -> None:
    with pytest.raises(GraphError, match="Saw: 'C4' is a note: choose another name"):
        dumps(Graph(Saw(name="C4")))


def test_a_missing_folder_is_reported_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"nowhere.a\.yaml: cannot be written: No such file"):
        Graph(Saw()).save(tmp_path / "nowhere" / "a.yaml")
    (tmp_path / "taken.yaml").mkdir()
    with pytest.raises(GraphError, match="cannot be written"):
        Graph(Saw()).save(tmp_path / "taken.yaml")
    assert [each.name for each in tmp_path.iterdir()] == ["taken.yaml"]


def test_a_suffix_that_is_not_a_patch_is_refused_with_the_method_to_call(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"saved to a .yaml file; to render its sound, call graph.write"):
        Graph(Saw()).save(tmp_path / "x.wav")
    with pytest.raises(GraphError, match=r"saved to a .yaml file; write x.yaml"):
        Graph(Saw()).save(tmp_path / "x.py")
    assert not list(tmp_path.iterdir())


def test_the_nodes_of_a_nested_patch_get_their_own_lines(tmp_path: Path) -> None:
    (tmp_path / "voice.yaml").write_text(
        "inputs: {pitch: {default: 220 Hz}, bright: 1 kHz, unused: 3}\n"
        "nodes:\n  osc: {node: Saw, freq: pitch}\n  low: {node: LowPass, audio: osc, cutoff: bright * 2}\n"
        "outputs: {out: low * -6 dB}\n"
    )
    (tmp_path / "pair.yaml").write_text(
        "nodes:\n  slow: {node: Lfo}\n  a: {patch: voice.yaml, bright: 2 kHz}\n"
        "  b: {patch: voice.yaml, pitch: 300 Hz + slow * 9 Hz}\nout: {a: -3 dB, b.osc: -9 dB}\n"
    )
    text = dumps(load(tmp_path / "pair.yaml"))
    assert [line.strip() for line in text.splitlines()] == [
        "nodes:",
        "slow:     {node: Lfo}",
        "a_pitch:  {node: Constant, value: 220}",
        "a_bright: {node: Constant, value: 2000}",
        "a_osc:    {node: Saw, freq: a_pitch}",
        "a_low:    {node: LowPass, audio: a_osc, cutoff: a_bright * 2}",
        "b_bright: {node: Constant, value: 1000}",
        "b_osc:    {node: Saw, freq: 300 Hz + slow * 9 Hz}",
        "b_low:    {node: LowPass, audio: b_osc, cutoff: b_bright * 2}",
        "out: {a_low * -6 dB: -3 dB, b_osc: -9 dB}",
    ]
    assert dumps(loads(text)) == text


def test_a_sink_is_saved_and_loads_again() -> None:
    graph = loads(
        "nodes:\n  keys: {node: MidiIn}\n  send: {node: MidiOut, events: keys, channel: 3}\n"
        "  tone: {node: Sine}\nout: tone\n"
    )
    again = loads(dumps(graph))
    assert again.nodes["send"].options["channel"] == 3
    assert again.where(again.nodes["send"].inputs["events"]) == "keys.out"  # type: ignore[arg-type]
