"""Graphs in Python as its users expect them: units, containers, operators, files, pictures."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

import nodes
from graph import Graph, GraphError, GraphrunError, NodeError, load, maximum, minimum
from graph.native.functions import PLAIN
from nodes import (
    Constant,
    Delay,
    Gate,
    Impulse,
    LowPass,
    MidiIn,
    Mix,
    Saw,
    Sine,
    Steps,
    Transport,
    VoiceAllocator,
)

pytestmark = [pytest.mark.usefixtures("time_limit"), pytest.mark.skipif(PLAIN, reason="too slow in plain Python")]


def filtered() -> Graph:
    return Graph(LowPass(audio=Saw(freq="A2", name="osc"), cutoff="1.2 kHz", name="filter"), name="filtered")


@pytest.mark.parametrize(
    ("text", "number"),
    [("A4", 440.0), ("2 kHz", 2000.0), ("220", 220.0), ("1 / (2 ms)", 500.0), ("A4 * 7", 3080.0)],
)
def test_a_text_with_a_unit_is_a_number(text: str, number: float) -> None:
    assert Sine(freq=text).inputs["freq"] == pytest.approx(number)


def test_an_option_takes_a_unit_too() -> None:
    assert Gate(lookahead="5 ms").options["lookahead"] == 0.005


BAD = {
    "2 khz": "osc.freq: there is no unit 'khz'. Did you mean 'kHz'?",
    "A9#": "osc.freq: write the sharp before the octave: `A#9`",
    "10 ms": "osc.freq takes a frequency (Hz), but `10 ms` is a time (s)",
    "other": "osc.freq: a number is needed here, not `other`",
    "": "osc.freq: a value is missing",
}


@pytest.mark.parametrize("text", BAD)
def test_a_wrong_unit_is_answered_as_in_a_patch(text: str) -> None:
    with pytest.raises(NodeError) as error:
        Sine(freq=text, name="osc")
    assert str(error.value) == BAD[text]
    graph = filtered()
    with pytest.raises(GraphrunError) as error_of_graph:
        graph["osc.freq"] = text
    assert str(error_of_graph.value) == BAD[text]
    with graph.offline() as piece, pytest.raises(GraphrunError) as error_of_piece:
        piece["osc.freq"] = text
    assert str(error_of_piece.value) == BAD[text]


def test_a_graph_is_a_container_of_its_nodes_by_name() -> None:
    graph = filtered()
    assert list(graph) == ["osc", "filter"]
    assert len(graph) == 2
    assert "osc" in graph
    assert "lfo" not in graph
    assert graph["filter"] is graph.nodes["filter"]
    with pytest.raises(GraphError, match=r"there is no node 'filtr'. Did you mean 'filter'\?"):
        graph["filtr"]


def test_an_input_is_set_by_its_path_and_unit() -> None:
    graph = filtered()
    graph["filter.cutoff"] = "300 Hz"
    assert graph["filter"].inputs["cutoff"] == 300.0


def test_a_repr_is_short_and_names_the_object() -> None:
    graph = filtered()
    assert repr(graph) == "<Graph filtered: 2 nodes, out: filter.out>"
    assert repr(graph["filter"]) == "<LowPass filter: audio=osc.out, cutoff=1200>"
    assert repr(graph["filter"].out) == "<Cable filter.out>"
    with graph.play(device="null") as live:
        assert repr(live) == "<Live filtered: 48000 Hz, on the null device>"
    assert repr(live) == "<Live filtered: 48000 Hz, stopped>"


def test_keys_have_names() -> None:
    voices = VoiceAllocator(events=MidiIn())
    with Graph(Mix(Sine(freq=voices.freq) * voices.gate)).offline() as piece:
        stream = piece.events("midi_in")
        piece.note_on("C#4", 0.8)
        piece.note_on("A4+50c", 0.8)
        assert [next(stream).number for _ in range(2)] == [61, 69.5]
        with pytest.raises(GraphError, match="Write notes with a capital letter: 'C4'"):
            piece.note_on("c4")


def value_of(node: object) -> float:
    return float(Graph(node).render(0.01)[-1, 0])  # type: ignore[arg-type]


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.2), (-0.3, 0.2), (0.3, -0.2), (0.2, 0.2), (0.6, 0.2), (0.5, 0.0)])
def test_operators_compute_as_python_does(a: float, b: float) -> None:
    x, y = Constant(value=a), Constant(value=b)
    assert value_of(abs(x)) == pytest.approx(abs(a))
    assert value_of(minimum(x, y)) == pytest.approx(min(a, b))
    assert value_of(maximum(x, b)) == pytest.approx(max(a, b))
    assert value_of(x % y) == pytest.approx(float(np.float32(a) % np.float32(b)) if b else 0.0, abs=1e-7)
    for made, expected in ((x > y, a > b), (x < y, a < b), (x >= y, a >= b), (x <= y, a <= b), (x > b, a > b)):
        assert value_of(made) == expected


def test_a_cable_is_neither_true_nor_false() -> None:
    with pytest.raises(GraphError, match=r"neither true nor false .* minimum\(a, b\) and maximum\(a, b\) from graph"):
        max(Sine(), Sine())
    with pytest.raises(GraphError, match="neither true nor false"):
        bool(Sine().out)


def test_comparisons_and_remainders_survive_saving(tmp_path: Path) -> None:
    osc = Sine(freq=3, name="osc")
    graph = Graph((abs(osc) > 0.5) * minimum(osc % 0.3, 0.2))
    graph.save(tmp_path / "x.yaml")
    assert np.array_equal(load(tmp_path / "x.yaml").render(1.0), graph.render(1.0))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_a_graph_is_written_as_sound(tmp_path: Path, suffix: str) -> None:
    graph = Graph(Sine(freq="A4") * "-6 dB")
    path = graph.write(tmp_path / f"x.{suffix}", seconds=0.5)
    audio, rate = soundfile.read(path)
    assert (rate, len(audio)) == (48_000, 24_000)
    assert np.abs(audio).max() == pytest.approx(0.501, abs=0.01)


def test_a_notebook_shows_the_diagram() -> None:
    shown = filtered()._repr_mimebundle_()
    assert shown["text/plain"] == "<Graph filtered: 2 nodes, out: filter.out>"
    assert shown["image/svg+xml"].startswith("<svg")
    assert "cutoff" in shown["image/svg+xml"]


def test_a_rendered_midi_file_drives_the_clocks_without_a_cable_and_leaves_the_graph_as_it_was(tmp_path: Path) -> None:
    tempo = mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(150))
    mido.MidiFile(tracks=[mido.MidiTrack([tempo, mido.Message("note_on", note=60, time=480)])]).save(tmp_path / "a.mid")
    line = Steps(steps="C4", step=1.0, name="line")
    graph = Graph(Mix(VoiceAllocator(events=line, mode="mono").trigger), nodes=[MidiIn()])
    before = (list(graph), dict(line.inputs))
    for midi, beat in ((None, 24_000), (tmp_path / "a.mid", 19_200), (None, 24_000)):
        heard = graph.render(2.0, midi=midi)[:, 0]
        assert np.diff(np.flatnonzero(heard > 0.5)) == pytest.approx(beat, abs=1)
        assert (list(graph), dict(line.inputs)) == before


def test_a_clock_that_nothing_follows_counts() -> None:
    with Graph(Sine(), nodes=[Transport(tempo=90, name="beat")]).play(device="null") as live:
        clock = live.clock("beat")
        assert clock.tempo == pytest.approx(90)
        assert clock.beat >= 0


def test_an_attribute_that_does_not_exist_is_answered_with_the_outputs() -> None:
    with pytest.raises(AttributeError, match=r"VoiceAllocator has no output 'frequency'.* Outputs: .*freq"):
        VoiceAllocator(events=MidiIn()).frequency  # noqa: B018
    assert not hasattr(Sine(), "clock")


def test_lengths_and_rates_are_numbers_or_text_with_a_unit(tmp_path: Path) -> None:
    tone = Graph(Sine(freq="A4"), rate="16 kHz")
    assert tone.render("250 ms").shape == (4_000, 1)
    assert tone.render("0.5 s", rate="8 kHz").shape == (4_000, 1)
    assert soundfile.info(tone.write(tmp_path / "a.wav", "1 s")).samplerate == 16_000
    with pytest.raises(NodeError, match="seconds takes a time"):
        tone.render("2 Hz")
    with pytest.raises(NodeError, match=r"there is no unit 'khz'. Did you mean 'kHz'"):
        Graph(Sine(), rate="16 khz")
    with pytest.raises(GraphError, match="8000 to 192000 Hz, not 3 kHz"):
        Graph(Sine(), rate="3 kHz")


def test_a_time_in_beats_follows_the_clock_of_the_node() -> None:
    echo = Delay(Impulse(freq=0.5), time="1/4 beats", clock=Transport(tempo=120), feedback=0)
    heard = np.abs(Graph(echo).render(0.5, rate=48_000)[1:, 0])
    assert np.argmax(heard) + 1 in (6_000, 6_001)
    with pytest.raises(NodeError, match=r"cannot be in beats without a clock: add one, such as clock=Transport"):
        Delay(Impulse(), time="1/4 beats")
    with pytest.raises(NodeError, match="cannot be in beats: write a plain number"):
        LowPass(Impulse(), cutoff="1/4 beats")


def test_common_slips_are_answered_with_what_to_write() -> None:
    with pytest.raises(ImportError, match="Saw is a node: write `from nodes import Saw`"):
        from graph import Saw  # noqa: F401
    with pytest.raises(AttributeError, match=r"there is no node 'Lowpass'. Did you mean 'LowPass'"):
        nodes.Lowpass  # noqa: B018
    with pytest.raises(NodeError, match=r"Mix takes audio, not 2 values. Add signals up: a \+ b"):
        Mix(Sine(), Sine())
    with pytest.raises(GraphError, match=r"out must be a node or a cable, not .*: add them, a \+ b"):
        Graph([Sine(), Sine()])  # type: ignore[arg-type]
