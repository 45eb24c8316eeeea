"""Concurrent use: swaps, changes, notes, host buffers of any size, and several threads at once."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from player import note

from graph import NOTE_OFF, NOTE_ON, DeviceError, Graph, GraphError, GraphrunError
from graph.audio_thread.host_clock import follow_clock
from graph.audio_thread.jack import write_midi
from graph.devices.choose import choose
from graph.devices.null import NullDevice
from graph.devices.options import PlayOptions
from graph.engine.engine import Engine
from graph.errors import AudioFileError, MidiFileError
from graph.graph import loads
from graph.memory.tables import DEVICE, ENGINE, MOMENT
from graph.native.functions import PLAIN, view1
from graph.play.midi_recorder import MidiRecorder
from graph.play.outside import Outside
from graph.play.song import Song
from graph.ports.companion import Companion
from nodes import Impulse, Link

VOICE = """
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  env: {node: Adsr, gate: voices.gate, trigger: voices.trigger, attack: 5 ms, sustain: 60%, release: 50 ms}
  osc: {node: Saw, freq: voices.freq}
  tone: {node: LowPass, audio: osc, cutoff: 300 Hz + env * 2 kHz, q: 2}
  amp: {node: Gain, audio: tone, gain: env}
  spread: {node: Pan, audio: amp, spread: 60%}
  loop: {node: Feedback, audio: echo * 0.4}
  echo: {node: Delay, audio: [spread, loop], time: 30 ms, feedback: 30%}
  all: {node: Gain, audio: [spread, echo], gain: 0.5}
out: all
"""
REORDERED = """
nodes:
  all: {node: Gain, audio: [spread, echo], gain: 0.5}
  unheard: {node: Sine, freq: 50}
  echo: {node: Delay, audio: [spread, loop], time: 30 ms, feedback: 30%}
  loop: {node: Feedback, audio: echo * 0.4}
  spread: {node: Pan, audio: amp, spread: 60%}
  amp: {node: Gain, audio: tone, gain: env}
  tone: {node: LowPass, audio: osc, cutoff: 300 Hz + env * 2 kHz, q: 2}
  osc: {node: Saw, freq: voices.freq}
  env: {node: Adsr, gate: voices.gate, trigger: voices.trigger, attack: 5 ms, sustain: 60%, release: 50 ms}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  keys: {node: MidiIn}
out: all
"""
"""The same patch with its lines in another order."""
RATE = 48_000


def music(seed: int, frames: int) -> list[tuple[int, Callable[[Engine], object]]]:
    """Notes and changes, each sent some frames before it is due."""
    random = np.random.default_rng(seed)
    found: list[tuple[int, Callable[[Engine], object]]] = []
    for _ in range(frames // 1_500):
        begin, key = int(random.integers(0, frames)), float(random.integers(40, 70))
        end = begin + int(random.integers(1, 6_000))
        early = max(0, begin - int(random.integers(64, 3_000)))
        both = np.concatenate([note(end, key, NOTE_OFF), note(begin, key, NOTE_ON)])
        found.append((early, lambda engine, both=both: engine.send(both)))
        path, value = [("tone.q", 0.6 + 5 * random.random()), ("all.gain", random.random())][int(random.integers(2))]
        at = begin if random.random() < 0.5 else begin + 1
        found.append((early, lambda engine, p=path, v=value, at=at: engine.set(p, v, frame=at)))
    return sorted(found, key=lambda item: item[0])


def play(frames: int, seed: int, sizes: Iterator[int], block: int, swaps: bool) -> np.ndarray:
    engine, plan = Engine(loads(VOICE), block=block), music(seed, frames)
    heard: list[np.ndarray] = []
    swapped = done = 0
    while done < frames:
        while plan and plan[0][0] < done + 10_000:  # before its block is computed
            plan.pop(0)[1](engine)
        if swaps and not engine.swapping:
            swapped += 1
            engine.swap(loads([REORDERED, VOICE][swapped % 2]))
        heard.append(engine.render(min(next(sizes), frames - done)))
        done += len(heard[-1])
    return np.concatenate(heard)


def some(random: np.random.Generator) -> Iterator[int]:
    while True:
        yield int(random.choice([1, 7, 63, 64, 65, 480, 512, 1024]))


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("block", [16, 64, 100])
def test_swaps_between_equal_graphs_are_inaudible_under_load(seed: int, block: int) -> None:
    frames = 48_000
    expected = play(frames, seed, iter(lambda: 8_192, 0), block, swaps=False)
    heard = play(frames, seed, some(np.random.default_rng(seed)), block, swaps=True)
    assert np.abs(expected).max() > 0.05
    np.testing.assert_array_equal(heard, expected)


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
@pytest.mark.parametrize("size", [1, 63, 64, 65, 960, 8_192])
@pytest.mark.parametrize("block", [1, 64, 512])
def test_the_hosts_buffer_does_not_change_the_sound(size: int, block: int) -> None:
    frames = 6_000
    expected = play(frames, 7, iter(lambda: frames, 0), block, swaps=False)
    np.testing.assert_array_equal(play(frames, 7, iter(lambda: size, 0), block, swaps=False), expected)


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_a_change_never_reaches_a_node_of_another_graph() -> None:
    """A swap while more changes are pending than the new plan has room for."""
    before = loads("nodes: {a: {node: Constant, value: 1}, b: {node: Gain, audio: a, gain: 1}}\nout: b\n")
    after = loads("nodes: {x: {node: Constant, value: 1}, y: {node: Gain, audio: x, gain: 1}}\nout: y\n")
    engine = Engine(before)
    for _ in range(3_840):
        engine.set("b.gain", 0.5, frame=1 << 40)
    engine.render(64)
    for _ in range(600):
        engine.set("b.gain", 0.25)
    engine.swap(after)
    engine.render(4_800)
    assert not engine.swapping
    assert (engine.value("x.value"), engine.value("y.gain")) == (1.0, 1.0)
    assert engine.render(64)[-1, 0] == 1.0


def test_a_ramp_continues_at_its_rate_across_a_swap() -> None:
    text = "nodes: {a: {node: Constant, value: 1}, b: {node: Gain, audio: a, gain: 1}}\nout: b\n"
    plain, swapped = Engine(loads(text)), Engine(loads(text))
    for engine in (plain, swapped):
        engine.set("b.gain", 0.0)
        engine.render(64)
    swapped.swap(loads(text))
    np.testing.assert_array_equal(swapped.render(640), plain.render(640))


def test_a_node_called_spread_keeps_its_state() -> None:
    """`spread` is also the plan's name for its own steps."""
    text = "nodes:\n  tone: {node: Sine, freq: 100}\n  spread: {node: Sine, freq: 70.3}\n"
    text += "  place: {node: Pan, audio: tone}\n  wide: {node: Gain, audio: place, gain: spread}\nout: wide\n"
    plain, swapped = Engine(loads(text)), Engine(loads(text))
    plain.render(24_000), swapped.render(24_000)
    swapped.swap(loads(text))
    assert "spread" in [step.name for step in swapped.plan.steps if type(step.node).__name__ == "Spread"]
    np.testing.assert_array_equal(swapped.render(9_600), plain.render(9_600))


@contextmanager
def threads(*work: Callable[[], object]) -> Iterator[list[str]]:
    """Repeats each task in its own thread; returns the errors."""
    over, wrong = threading.Event(), []

    def again(do: Callable[[], object]) -> None:
        while not over.is_set():
            try:
                do()
            except GraphError:
                pass  # a proper message: too fast, or currently unavailable
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")
                return
            time.sleep(0.0005)

    running = [threading.Thread(target=again, args=(each,), daemon=True) for each in work]
    for thread in running:
        thread.start()
    try:
        yield wrong
    finally:
        over.set()
        for thread in running:
            thread.join(5)


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_a_reader_sees_one_graph_during_a_swap() -> None:
    more = VOICE.replace("out: all", "  end: {node: Gain, audio: all, gain: 0.9}\nout: end")
    engine = Engine(loads(VOICE))
    device = NullDevice(engine, period=32)
    device.start()
    looks = (engine.faults, engine.cycles, engine.voices, engine.notes, engine.dropped, engine.meters)
    changes = (lambda: engine.value("tone.q"), lambda: engine.set("tone.q", 3.0), lambda: engine.set("end.gain", 0.5))
    swaps, deadline = 0, time.monotonic() + 2.0
    with threads(*looks, *changes) as wrong:
        while time.monotonic() < deadline and not wrong:
            if not engine.swapping:
                swaps += 1
                engine.swap(loads([more, VOICE][swaps % 2]))
            time.sleep(0.001)
    device.stop()
    assert wrong == []
    assert swaps > 5
    assert np.isfinite(engine.render(640)).all()


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_all_of_live_may_be_called_from_any_thread_while_graphs_change() -> None:
    more = VOICE.replace("out: all", "  end: {node: Gain, audio: all, gain: 0.9}\nout: end")
    graphs = [loads(VOICE), loads(more)]
    with graphs[0].play(device="null") as live:
        notes = iter(range(1 << 30))

        def strike() -> None:
            key = 40 + next(notes) % 24
            live.note_on(key)
            live.note_off(key)

        work = (
            strike,
            lambda: live.control(1, 0.5),
            lambda: live.send((0xE0, 0, 64)),
            live.panic,
            lambda: (live.voices, live.cpu_by_node, live.faults, live.meters, live.finished, live["tone.q"]),
            lambda: live.__setitem__("tone.q", 3.0),
            lambda: live.swap(graphs[next(notes) % 2]),
            lambda: live.swap(graphs[next(notes) % 2]),
        )
        with threads(*work) as wrong:
            live.wait(2.0)
        assert wrong == []
        assert live._control.alive
        live.panic()
        live.wait(0.3)
        assert live.voices["voices"][0] == 0
    assert [line for line in live.messages if "Error" in line] == []


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_two_concurrent_reloads_both_take_effect() -> None:
    graphs = [loads(VOICE.replace("q: 2", f"q: {n + 3}")) for n in range(6)]
    failed: list[GraphrunError] = []
    with loads(VOICE).play(device="null") as live:

        def reload(graph: object) -> None:
            try:
                live.swap(graph)  # type: ignore[arg-type]
            except GraphrunError as error:
                failed.append(error)

        running = [threading.Thread(target=reload, args=(graph,)) for graph in graphs]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    assert failed == []


def test_factors_of_expressions_keep_their_values_when_an_expression_is_inserted_above() -> None:
    """Nodes of expressions are numbered by file order; 1000 must not become a level while ramping to 0.5."""
    text = "nodes:\n  tone: {node: Sine, freq: 100}\n%s  soft: {node: Gain, audio: tone * 0.5}\nout: soft\n"
    more = "  other: {node: Sine, freq: 300 + tone * 1000}\n"
    engine = Engine(loads(text % ""))
    engine.render(4_800)
    engine.swap(loads((text % more).replace("out: soft", "  both: {node: Gain, audio: [soft, other]}\nout: both")))
    assert np.abs(engine.render(4_800)).max() < 1.6
    engine.swap(loads(text % ""))
    assert np.abs(engine.render(4_800)).max() < 1.6


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_a_full_disk_ends_the_recording_keeps_the_file_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "take.wav"
    with loads(VOICE).play(device="null") as live:
        live.record(file)
        assert live.recording is not None
        live.wait(0.2)

        def full(*_: object) -> None:
            raise AudioFileError(f"{file} cannot be written: the disk is full")

        monkeypatch.setattr("graph.media.sound_file.SoundFileWriter.write", full)
        live.wait(0.2)
        assert live.recording is None
        assert live._control.alive
    said = [line for line in live.messages if "disk" in line]
    assert len(said) == 1
    assert "recording stopped, the first" in said[0]
    assert soundfile.info(file).frames > 2_000
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_an_error_on_the_control_thread_is_reported_once_and_recordings_continue(tmp_path: Path) -> None:
    file = tmp_path / "take.wav"
    with loads(VOICE).play(device="null") as live:

        def fails() -> list[str]:
            raise OSError("too many open files")

        live.outside.poll = fails  # type: ignore[method-assign]
        live.record(file)
        live.wait(0.3)
        assert (live.recording or 0.0) > 0.1
    assert [line for line in live.messages if "too many" in line] == ["OSError: too many open files"]


def test_a_midi_recording_ends_held_notes(tmp_path: Path) -> None:
    file = tmp_path / "take.mid"
    recorder = MidiRecorder(file, RATE, 0)
    recorder.add(np.concatenate([note(0, 60, NOTE_ON), note(0, 64, NOTE_ON), note(100, 60, NOTE_OFF)]))
    recorder.close(RATE)
    last = [message for message in mido.MidiFile(file) if not message.is_meta][-1]
    assert (last.type, last.note) == ("note_off", 64)
    assert mido.MidiFile(file).length == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", ["take.wav", "nowhere/take.mid", "folder.mid"])
def test_an_unwritable_midi_target_is_reported_before_recording(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.mid").mkdir()
    with pytest.raises(MidiFileError, match=r"must end in .mid|no directory|is a directory"):
        MidiRecorder(tmp_path / name, RATE, 0)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.mid"]


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_a_second_file_leaves_no_hanging_note_of_the_first(tmp_path: Path) -> None:
    def song(name: str, key: int) -> Path:
        track = mido.MidiTrack(
            [mido.Message("note_on", note=key, time=0), mido.Message("note_off", note=key, time=960)]
        )
        mido.MidiFile(tracks=[track], ticks_per_beat=480).save(tmp_path / name)
        return tmp_path / name

    engine = Engine(loads(VOICE))
    player = Song(engine)
    player.play(song("one.mid", 50))  # ends after 1.1 s, so its end has not been sent
    engine.render(9_600)
    assert engine.voices()["voices"][0] == 1
    player.play(song("two.mid", 60))
    for _ in range(10):
        player.feed()
        engine.render(9_600)
    assert engine.voices()["voices"][0] == 0


def test_the_clock_of_long_callbacks_does_not_swing_up() -> None:
    """8,192 frames at 8 kHz: a second each."""
    engine, device = np.zeros(1, ENGINE), 1e9 / 8_000
    moment = np.zeros(1, MOMENT)
    engine["moment"] = moment.ctypes.data
    record = engine.view(np.recarray)[0]
    random, errors = np.random.default_rng(1), []
    for n in range(200):
        time_ = n * 8_192 * device + 5e6 * random.random()
        follow_clock(record, time_, 8_192, device)
        errors.append(moment["time"][0] - n * 8_192 * device)
        record.now += 8_192
    assert np.abs(errors).max() < 10e6


def test_messages_that_overflow_a_jack_buffer_wait_for_the_next_cycle() -> None:
    engine, device, outgoing = Engine(loads(VOICE)), np.zeros(1, DEVICE), []
    engine.shared.outgoing.push(np.concatenate([note(0, 40 + n, NOTE_OFF) for n in range(10)]))
    memory = (ctypes.c_uint8 * 64)()
    room = [0]

    def reserve(_: int, at: int, *__: int) -> int:
        if room[0] == 0:
            return 0
        room[0] -= 1
        outgoing.append(at)
        return ctypes.addressof(memory)

    kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 5)
    functions = {"event_reserve": kind(reserve), "get_buffer": kind(lambda *_: 0), "clear_buffer": kind(lambda *_: 0)}
    for field, function in functions.items():
        device[field] = ctypes.cast(function, ctypes.c_void_p).value
    device["midi_out"] = 1
    for _ in range(4):
        room[0] = 4
        write_midi(device.view(np.recarray)[0], view1(engine.address, 1, ENGINE)[0], 64)
    assert len(outgoing) == 10


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_an_abandoned_companion_is_released_before_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(loads(VOICE))
    device = NullDevice(engine)
    device.start()
    companion = Companion(engine, [], virtual=False)
    monkeypatch.setattr(
        "graph.ports.companion._popen", lambda *_: subprocess.Popen([sys.executable, "-c", ""], **PIPES)
    )
    companion.start(1.0)
    deadline = time.monotonic() + 4.0
    while companion.pid and time.monotonic() < deadline:
        companion.poll()
        time.sleep(0.01)
    assert companion.pid == 0
    companion.stop()
    assert int(engine.shared.record["host_midi"]) == 0
    device.stop()


PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


def test_a_link_node_that_asks_for_another_tempo_restarts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []

    class Silent:
        def __init__(self, *_: object, **__: object) -> None:
            started.append(self)

        def start(self, *_: object) -> None: ...

        def stop(self) -> None: ...

    monkeypatch.setattr("graph.play.outside.Companion", Silent)
    outside = Outside(
        Engine(loads(VOICE)), midi=None, midi_out=None, thru=False, link=True, by_device=False, silent=True
    )
    for tempo in (120, 125):
        outside.provide(Graph(Impulse(freq=1.0), nodes=[Link(tempo=tempo)]))
    assert len(started) == 1


def test_an_option_that_a_device_does_not_have_is_refused() -> None:
    with pytest.raises(DeviceError, match="add --device jack"):
        choose(PlayOptions("null", connect=["system:playback_1"]))
    with pytest.raises(DeviceError, match="remove --latency"):
        choose(PlayOptions("null", latency=0.005))
    with pytest.raises(DeviceError, match="graphrun devices"):
        choose(PlayOptions(""))


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
def test_a_second_ctrl_c_does_not_lose_the_recording(tmp_path: Path) -> None:
    file = tmp_path / "take.wav"
    live = loads(VOICE).play(device="null")
    live.record(file)
    live.wait(0.2)
    ended = live.outside.stop

    def impatient() -> None:
        raise KeyboardInterrupt

    live.outside.stop = impatient  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        live.stop()
    ended()
    live.device.stop()
    assert soundfile.info(file).frames > 2_000
    assert list(tmp_path.iterdir()) == [file]
