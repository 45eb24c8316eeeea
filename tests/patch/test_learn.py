"""`--learn`: the moved knob drives the named input, and the rest of the file is unchanged."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import mido
import numpy as np
import pytest
from conftest import ROOT, running
from screens import Terminal

from graph import Graph
from graph.cli.run import main
from graph.errors import DeviceError, GraphError, GraphrunError
from graph.graph import load, loads
from graph.native.functions import PLAIN
from graph.patch.patch import read
from graph.perform.learn import learn
from graph.play.live import Live
from graph.writer.control_file import ControlMapping, learnable, write_mapping

PATCH = """\
# A tone, and what it goes through.
name: Tone
nodes:
  keys:   {node: MidiIn}          # every channel
  osc:    {node: Saw, freq: 110 Hz}   # low
  bright: {node: Control, events: keys, controller: 1, min: 0.5, max: 5}
  filter: {node: LowPass, audio: osc, cutoff: 800 Hz, q: bright}  # the color
  amp:                            # in lines
    node: Gain
    audio: filter
    gain: -6 dB                   # soft

# what is heard
out: amp
"""


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    path = tmp_path / "tone.yaml"
    path.write_text(PATCH)
    return path


@pytest.fixture
def live(patch: Path) -> Iterator[Live]:
    with load(patch).play(device="null", rate=8_000, block=256) as playing:
        yield playing


def scripted(live: Live, knob: tuple[int, int], *answers: str) -> tuple[Callable[[str], str], list[str]]:
    """An `ask` that gives these answers and records the questions; another thread turns the knob meanwhile."""
    asked: list[str] = []
    rest = list(answers)
    over = threading.Event()

    def turn() -> None:
        with suppress(DeviceError):  # until it is stopped
            while not over.is_set():
                value = int(time.monotonic() * 20) % 128
                live.send(mido.Message("control_change", control=knob[0], value=value, channel=knob[1] - 1))
                time.sleep(0.02)

    def ask(question: str) -> str:
        asked.append(question)
        if not rest:
            over.set()
            raise EOFError
        return rest.pop(0)

    threading.Thread(target=turn, daemon=True).start()
    return ask, asked


def test_a_knob_is_learned_and_written_into_the_file(live: Live, patch: Path) -> None:
    told: list[str] = []
    ask, asked = scripted(live, (21, 3), "filter.cutoff", "200 Hz", "4 kHz")
    assert learn(live, patch, ask, tell=told.append, seconds=10) == ["filter_cutoff"]
    line = (
        "  filter_cutoff: {node: Control, events: keys, controller: 21, channel: 3, min: 200 Hz, max: 4000 Hz, "
        "initial: 800 Hz, curve: log, pickup: true}\n"
    )
    after = PATCH.replace("cutoff: 800 Hz", "cutoff: filter_cutoff")
    assert patch.read_text() == after.replace("# soft\n", f"# soft\n{line}")
    assert asked[0] == "Controller 21, channel 3. Input to control (NODE.PORT): "
    assert asked[1:3] == ["  from [20 Hz]: ", "  to [20000 Hz]: "]
    assert any("'filter_cutoff' now controls filter.cutoff" in line for line in told)


def test_a_learned_input_keeps_its_value_until_the_knob_reaches_it(live: Live, patch: Path) -> None:
    ask, _ = scripted(live, (21, 1), "osc.freq", "100", "200")
    learn(live, patch, ask, tell=lambda _: None, seconds=10)
    found = load(patch)
    with found.play(device="null", rate=8_000, block=256) as again:
        freq = found.nodes["osc_freq"]
        assert freq.options["pickup"] is True

        def value() -> float:
            time.sleep(0.15)
            return float(again.engine.state("osc_freq", "position")[0])

        again.control(21, 0.9)
        assert value() == -1.0
        again.control(21, 0.05)
        assert value() == pytest.approx(0.05)


def test_a_knob_starts_from_a_value_changed_while_playing(live: Live, patch: Path) -> None:
    live["osc.freq"] = 150.0
    time.sleep(0.2)
    ask, _ = scripted(live, (21, 1), "osc.freq", "", "")
    learn(live, patch, ask, tell=lambda _: None, seconds=10)
    assert "initial: 150 Hz" in patch.read_text()


def test_invalid_answers_are_asked_again_and_an_empty_one_ends_learning(live: Live, patch: Path) -> None:
    told: list[str] = []
    answers = ("filter.cutof", "nothing", "filter.audio", "filter.cutoff", "5 ms", "1e9", "100", "", "")
    ask, asked = scripted(live, (7, 1), *answers)
    assert learn(live, patch, ask, tell=told.append, seconds=10) == ["filter_cutoff"]
    text = "\n".join(told)
    for word in ("Did you mean 'cutoff'", "NODE.PORT", "driven by a cable", "20 .. 20000 Hz"):
        assert word in text, word
    assert asked[-1].startswith("Controller 7")


def test_end_of_input_leaves_the_file_alone(live: Live, patch: Path) -> None:
    ask, _ = scripted(live, (7, 1))
    assert learn(live, patch, ask, tell=lambda _: None, seconds=10) == []
    assert patch.read_text() == PATCH


def test_nothing_is_learned_if_no_knob_moves(live: Live, patch: Path) -> None:
    assert learn(live, patch, lambda _: "osc.freq", tell=lambda _: None, seconds=0.1) == []


def test_learning_ends_after_the_requested_seconds(patch: Path) -> None:
    words = ("-m", "graph.cli.main", "tone.yaml", "--device", "null", "--learn", "--seconds", "1")
    with running(*words, cwd=patch.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdin is not None  # open, without input
        assert process.wait(timeout=60) == 0
        assert process.stdout is not None
        assert "Move a knob" in process.stdout.read()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for what waits for the terminal")
def test_a_pending_question_is_dropped_when_playback_ends(patch: Path) -> None:
    code = (
        "import threading, time\nfrom graph.graph import load\nfrom graph.perform.learn import Asking, learn\n"
        "live = load('tone.yaml').play(device='null', rate=8_000, block=256)\n"
        "def turn():\n    for n in range(10): live.control(5, n / 10); time.sleep(0.02)\n"
        "until = time.monotonic() + 4\n"
        "with live, Asking(lambda: time.monotonic() > until) as ask:\n"
        "    threading.Timer(0.3, turn).start()\n    print('learned', learn(live, 'tone.yaml', ask))\n"
    )
    with running("-c", code, cwd=patch.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.wait(timeout=60) == 0
        assert process.stdout is not None
        said = process.stdout.read()
    assert "Controller 5, channel 1. Input" in said
    assert "\nlearned []" in said


def test_messages_are_printed_while_learning(patch: Path) -> None:
    pytest.importorskip("pythonosc")
    words = ("-m", "graph.cli.main", "tone.yaml", "--device", "null", "--learn", "--seconds", "60", "--osc", "0")
    with running(*words, cwd=patch.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        for word in ("Move a knob", "listening for OSC on"):
            assert any(word in line for line in process.stdout), word
        patch.write_text(PATCH.replace("Saw", "Sew"))
        assert any(
            "tone.yaml was saved with an error; the previous version keeps playing" in line for line in process.stdout
        )


def test_a_lost_device_ends_learning_with_a_message(
    patch: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    lost = property(lambda _: "the cable was pulled" if time.monotonic() > started + 1 else "")
    monkeypatch.setattr("graph.devices.null.NullDevice.lost", lost, raising=False)
    with pytest.raises(GraphrunError, match=r"the cable was pulled: .*reconnect"):
        main([str(patch), "--device", "null", "--learn", "--seconds", "20"])
    assert "Move a knob" in capsys.readouterr().out
    assert time.monotonic() - started < 15


def test_a_bundled_patch_is_not_written(live: Live) -> None:
    with pytest.raises(GraphrunError, match=r"copy .*neon\.yaml"):
        learn(live, "neon", lambda _: "", tell=lambda _: None, seconds=0.1)
    with pytest.raises(GraphrunError, match="no such patch"):
        learn(live, "nowhere.yaml", lambda _: "", tell=lambda _: None, seconds=0.1)


def test_a_file_that_has_become_invalid_is_left_unchanged(live: Live, patch: Path) -> None:
    patch.write_text(PATCH.replace("Saw", "Sew"))
    ask, _ = scripted(live, (7, 1), "osc.freq", "", "")
    with pytest.raises(GraphrunError, match="Sew"):
        learn(live, patch, ask, tell=lambda _: None, seconds=10)
    assert "Sew" in patch.read_text()


def mapped(path: str, **values: float) -> ControlMapping:
    return ControlMapping(path, **{"controller": 10, "channel": 1, "low": 0.0, "high": 1.0, "initial": 0.5, **values})  # type: ignore[arg-type]


def test_an_input_keeps_its_control_with_the_new_controller(patch: Path) -> None:
    assert write_mapping(patch, mapped("filter.q")) == "bright"
    assert patch.read_text() == PATCH.replace(
        "controller: 1, min: 0.5, max: 5", "controller: 10, min: 0.5, max: 5, channel: 1"
    )
    assert write_mapping(patch, mapped("bright", controller=11, channel=2)) == "bright"
    assert patch.read_text() == PATCH.replace(
        "controller: 1, min: 0.5, max: 5", "controller: 11, min: 0.5, max: 5, channel: 2"
    )


def test_a_node_in_lines_and_an_input_that_was_not_written(patch: Path) -> None:
    assert write_mapping(patch, mapped("amp.gain")) == "amp_gain"
    assert "    gain: amp_gain                   # soft\n" in patch.read_text()
    patch.write_text(patch.read_text().replace(", q: bright}", "}"))
    assert write_mapping(patch, mapped("filter.q")) == "filter_q"
    assert "{node: LowPass, audio: osc, cutoff: 800 Hz, q: filter_q}  # the color\n" in patch.read_text()
    written = read(patch).graph.nodes
    assert (written["amp_gain"].options["controller"], written["amp_gain"].options["channel"]) == (10, 1)


def test_a_patch_without_midi_gets_a_node_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("nodes:\n  osc:\n    node: Saw\nout: osc\n")
    write_mapping(path, mapped("osc.freq", low=100.0, high=200.0, initial=110.0))
    assert path.read_text() == (
        "nodes:\n  osc:\n    node: Saw\n    freq: osc_freq\n  knobs: {node: MidiIn}\n"
        "  osc_freq: {node: Control, events: knobs, controller: 10, channel: 1, min: 100 Hz, max: 200 Hz, "
        "initial: 110 Hz, pickup: true}\nout: osc\n"
    )


def test_braces_windows_line_ends_and_a_byte_order_mark_are_preserved(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfnodes: {osc: {node: Saw}}\r\nout: osc\r\n")
    write_mapping(path, mapped("osc.freq", low=100.0, high=200.0, initial=110.0))
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfnodes: {osc: {node: Saw, freq: osc_freq}, knobs: {node: MidiIn}, osc_freq: {")
    assert data.endswith(b"}}\r\nout: osc\r\n")


def test_a_name_that_is_taken_is_numbered(patch: Path) -> None:
    patch.write_text(PATCH.replace("  amp:  ", "  osc_freq: {node: Constant}\n  amp:  "))
    assert write_mapping(patch, mapped("osc.freq", low=100.0, high=200.0, initial=110.0)) == "osc_freq_2"


def test_an_input_that_cannot_be_learned_says_why_and_leaves_the_file_unchanged(patch: Path) -> None:
    for path, word in (("filter.audio", "driven"), ("bells.osc.freq", "nested patch"), ("osc.nothing", "no input")):
        with pytest.raises(GraphError, match=word):
            write_mapping(patch, mapped(path))
    assert patch.read_text() == PATCH
    assert list(patch.parent.iterdir()) == [patch]


def test_an_invalid_range_leaves_the_file_unchanged(patch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.writer.control_file.number", lambda value, port: "3 Hzz")  # noqa: ARG005
    with pytest.raises(GraphrunError, match="not written"):
        write_mapping(patch, mapped("osc.freq"))
    assert patch.read_text() == PATCH


def test_the_input_of_a_nested_patch_can_be_learned(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(
        "inputs:\n  pitch: {default: 220 Hz, min: 50 Hz, max: 900 Hz}\n"
        "nodes:\n  osc: {node: Saw, freq: pitch}\noutputs:\n  out: osc\n"
    )
    path = tmp_path / "outer.yaml"
    path.write_text("nodes:\n  voice: {patch: inner.yaml}\nout: voice\n")
    assert "voice.pitch" in learnable(read(path))
    write_mapping(path, mapped("voice.pitch", low=50.0, high=900.0, initial=220.0))
    assert "voice: {patch: inner.yaml, pitch: voice_pitch}" in path.read_text()


def test_numbers_and_controls_can_be_learned(patch: Path) -> None:
    found = learnable(read(patch))
    assert {"osc.freq", "filter.cutoff", "filter.q", "amp.gain", "bright"} <= set(found)
    assert not {"filter.audio", "amp.audio", "bright.min", "keys"} & set(found)


def test_after_a_preset_or_a_reload_the_knob_must_reach_the_value() -> None:
    from graph.engine.engine import Engine
    from graph.memory import events as ev

    def graph(initial: float) -> Graph:
        return loads(
            "nodes:\n  keys: {node: MidiIn}\n"
            f"  knob: {{node: Control, events: keys, controller: 21, initial: {initial}, pickup: true}}\nout: knob\n"
        )

    def turn(value: float) -> None:
        event = np.zeros(1, ev.TIMED_EVENT)
        event["event"]["kind"], event["event"]["channel"] = ev.CONTROL, 1
        event["event"]["number"], event["event"]["value"], event["time"] = 21, value, engine.now
        engine.send(event)

    engine = Engine(graph(0.5), rate=8_000)
    for value in (0.5, 0.7):
        turn(value)
        engine.render(800)
    assert engine.render(1)[0, 0] == pytest.approx(0.7)
    engine.swap(graph(0.5))  # saved without a change
    assert engine.render(800)[-1, 0] == pytest.approx(0.7)
    turn(0.8)
    assert engine.render(800)[-1, 0] == pytest.approx(0.8)
    engine.swap(graph(0.2))  # a preset
    assert engine.render(800)[-1, 0] == pytest.approx(0.2)
    turn(0.6)
    assert engine.render(800)[-1, 0] == pytest.approx(0.2)
    turn(0.1)
    assert engine.render(800)[-1, 0] == pytest.approx(0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_on_a_terminal_the_tab_key_completes_names(patch: Path) -> None:
    pytest.importorskip("readline")
    code = (
        "import threading, time\nfrom graph.graph import load\nfrom graph.perform.learn import learn\n"
        "live = load('tone.yaml').play(device='null', rate=8_000, block=256)\n"
        "def turn():\n    for n in range(10): live.control(5, n / 10); time.sleep(0.02)\n"
        "with live:\n    threading.Timer(0.3, turn).start()\n    print('learned', learn(live, 'tone.yaml'))\n"
    )
    terminal = Terminal(code, patch.parent)
    try:
        terminal.until("control (NODE.PORT): ")
        terminal.type("filter.c\t\r")
        terminal.until("from [20 Hz]: ")
        terminal.type("\r")
        terminal.until("to [20000 Hz]: ")
        terminal.type("2 kHz\r")
        terminal.until("'filter_cutoff' now controls filter.cutoff")
        terminal.type("\x03")
        terminal.end()
        assert "max: 2000 Hz" in patch.read_text()
    finally:
        terminal.close()


def test_a_pitch_that_may_run_backwards_is_offered_three_decades_above_zero() -> None:
    from graph.perform.learn import _range
    from nodes import Saw

    assert _range(Saw.ins()["freq"], 440.0) == (20.0, 20_000.0)
