"""One graph replaces another while it plays: what is kept, what changes, and how the crossfade sounds."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
from player import note
from scipy.signal import butter, sosfiltfilt

from graph import NOTE_OFF, Graph, GraphError, load
from graph.engine.engine import Engine
from graph.graph import loads
from graph.native.functions import PLAIN
from nodes import Delay, Gain, Impulse, Mix, Saw, Sine

VOICE = """
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  env: {node: Adsr, gate: voices.gate, trigger: voices.trigger, attack: 5 ms, sustain: 60%, release: 50 ms}
  osc: {node: Saw, freq: voices.freq}
  tone: {node: LowPass, audio: osc, cutoff: 1 kHz, q: 2}
  amp: {node: Gain, audio: tone, gain: env}
  all: {node: Mix, audio: amp}
out: all
"""


def playing(text: str = VOICE) -> Engine:
    engine = Engine(loads(text))
    engine.send(note(10, 57))
    engine.send(note(500, 61))
    return engine


MONO = "nodes:\n  osc: {node: Sine, freq: 330 Hz}\nout: osc\n"
STEREO = "nodes:\n  osc: {node: Sine, freq: 330 Hz}\n  place: {node: Pan, audio: osc, position: 0.5}\nout: place\n"


def test_a_patch_of_one_channel_is_played_on_two_and_may_become_stereo_and_mono_again() -> None:
    with loads(MONO).play(device="null") as live:
        assert live.engine.channels == 2
        live.swap(loads(STEREO))
        live.swap(loads(MONO))
    engine = Engine(loads(MONO), channels=2)
    both = engine.render(640)
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    np.testing.assert_array_equal(both[:, :1], Engine(loads(MONO)).render(640))
    engine.swap(loads(STEREO))
    engine.render(4_800)
    left, right = np.abs(engine.render(4_800)).max(axis=0)
    assert right > 1.5 * left


def test_a_swap_to_the_same_patch_is_inaudible() -> None:
    plain, swapped = playing(), playing()
    expected = plain.render(16 * 640)
    heard = []
    for _ in range(16):
        heard.append(swapped.render(640))
        if not swapped.swapping:
            swapped.swap(loads(VOICE))
    np.testing.assert_array_equal(np.concatenate(heard), expected)


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
@pytest.mark.parametrize("name", ["neon", "dub_delay", "drum_machine", "nocturne", "tide"])
def test_swaps_of_bundled_patches_to_themselves_are_inaudible(name: str) -> None:
    engines = [Engine(load(name)) for _ in range(2)]
    for engine in engines:
        engine.send(note(100, 60))
    engines[0].render(24_000), engines[1].render(24_000)
    engines[1].swap(load(name))
    np.testing.assert_array_equal(engines[1].render(24_000), engines[0].render(24_000))


def test_held_notes_continue_across_a_swap_and_end_with_their_keys() -> None:
    engine = playing()
    engine.render(4_800)
    engine.swap(loads(VOICE.replace("q: 2", "q: 5")))
    engine.render(4_800)
    assert engine.voices() == {"voices": (2, 4)}
    assert np.abs(engine.render(4_800)).max() > 0.05
    for key in (57, 61):
        engine.send(note(0, key, NOTE_OFF))
    engine.render(9_600)
    assert np.abs(engine.render(4_800)).max() < 1e-4


def test_an_echo_in_progress_continues_in_the_new_graph() -> None:
    def graph(level: float) -> Graph:
        echo = Delay(audio=Gain(audio=Impulse(freq=1.0, name="tick"), gain=level), time=0.1, feedback=0.0)
        return Graph(echo)

    plain, swapped = Engine(graph(1.0)), Engine(graph(1.0))
    expected = plain.render(9_600)
    first = swapped.render(960)
    swapped.swap(graph(0.5))
    heard = np.concatenate([first, swapped.render(9_600 - 960)])
    assert expected.any()
    np.testing.assert_allclose(heard, expected, atol=1e-6)


def test_a_value_set_by_hand_stays_unless_the_patch_changes_it() -> None:
    engine = playing()
    engine.set("tone.q", 7.0)
    engine.render(640)
    engine.swap(loads(VOICE))
    engine.render(2_000)
    assert engine.value("tone.q") == 7.0
    engine.swap(loads(VOICE.replace("q: 2", "q: 3")))
    engine.render(2_000)
    assert engine.value("tone.q") == 3.0


def test_a_pending_change_survives_a_swap() -> None:
    engine = playing()
    engine.set("tone.q", 7.0, frame=5_000)
    engine.render(640)
    engine.swap(loads(VOICE.replace("  env:", "  more: {node: Constant, value: 1}\n  env:")))
    engine.render(3_360)
    assert engine.value("tone.q") == 2.0
    engine.render(2_000)
    assert engine.value("tone.q") == 7.0


def test_a_change_sent_before_the_swap_reaches_both_graphs() -> None:
    engine = playing()
    engine.set("tone.q", 7.0)
    engine.swap(loads(VOICE))
    engine.set("tone.cutoff", 500.0)
    engine.render(2_000)
    assert engine.value("tone.q") == 7.0
    assert engine.value("tone.cutoff") == 500.0


def test_the_20_ms_crossfade_leaves_no_click() -> None:
    """A sine whose level halves: frequencies far above it stay 60 dB below the step."""
    engine = Engine(Graph(Sine(freq=440.0, name="tone")))
    before = engine.render(9_600)
    engine.swap(Graph(Gain(audio=Sine(freq=440.0, name="tone"), gain=0.5)))
    sound = np.concatenate([before, engine.render(9_600)])[:, 0]
    assert np.abs(sound[:9_600]).max() == pytest.approx(1.0, abs=1e-3)
    assert np.abs(sound[-4_800:]).max() == pytest.approx(0.5, abs=1e-3)
    high = sosfiltfilt(butter(8, 4_000, "high", fs=48_000, output="sos"), sound)
    assert np.abs(high[4_800:-4_800]).max() < 0.5e-3


def test_the_fade_lasts_20_ms() -> None:
    engine = Engine(Graph(Sine(freq=0.0, phase=0.25, name="one")))
    assert engine.render(640)[-1, 0] == pytest.approx(1.0)
    engine.swap(Graph(Gain(audio=Sine(freq=0.0, phase=0.25, name="one"), gain=0.0)))
    fade = engine.render(1_280)[:, 0]
    assert fade[480] == pytest.approx(0.5, abs=0.01)
    assert np.flatnonzero(fade < 1e-6)[0] == pytest.approx(959, abs=1)


SEQUENCE = """
nodes:
  beat: {node: Transport, tempo: 240}
  notes: {node: Notes, notes: %s, clock: beat, step: 1, gate: 1}
  voices: {node: VoiceAllocator, events: notes, polyphony: 4}
  osc: {node: Sine, freq: voices.freq}
  amp: {node: Gain, audio: osc, gain: voices.gate}
  all: {node: Mix, audio: amp}
out: all
"""


def test_a_shortened_sequence_continues_at_the_clocks_beat_without_hanging_notes() -> None:
    engine = Engine(loads(SEQUENCE % "C4*8 D4 E4 F4 G4 A4 B4 C5 D5"))
    engine.render(4 * 12_000 + 6_000)
    assert engine.voices() == {"voices": (1, 4)}
    engine.swap(loads(SEQUENCE % "C3 ."))
    engine.render(12_000)
    assert engine.voices() == {"voices": (0, 4)}
    engine.render(12_000)
    assert engine.voices() == {"voices": (1, 4)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Delay, audio: wide, max_time: 2, time: 1.9 s", "Delay, audio: wide, max_time: 0.01"),
        ("Convolution, audio: wide, room: cathedral", "Convolution, audio: wide, room: plate"),
        ("Granular, audio: tick, memory: 4", "Granular, audio: tick, memory: 0.1"),
    ],
)
def test_a_state_that_shrinks_in_a_swap_stays_in_bounds(before: str, after: str) -> None:
    text = "nodes: {tick: {node: Impulse, freq: 50}, wide: {node: Join, left: tick, right: tick}, it: {node: %s}}\n"
    text += "out: it\n"
    engine = Engine(loads(text % before))
    engine.render(24_000)
    engine.swap(loads(text % after))
    assert np.isfinite(engine.render(24_000)).all()


def test_a_different_channel_count_is_refused_and_nothing_changes() -> None:
    engine = Engine(Graph(Sine(freq=440.0)))
    engine.render(64)
    stereo = loads("nodes:\n  a: {node: Sine}\n  b: {node: Pan, audio: a}\nout: b\n")
    with pytest.raises(GraphError, match="out now has 2 channels, but 1 are playing"):
        engine.swap(stereo)
    assert not engine.swapping


def test_a_second_swap_has_to_wait_for_the_first() -> None:
    engine = Engine(Graph(Sine(freq=440.0)))
    engine.swap(Graph(Sine(freq=441.0)))
    with pytest.raises(GraphError, match="still crossfading"):
        engine.swap(Graph(Sine(freq=442.0)))
    engine.render(2_000)
    engine.swap(Graph(Sine(freq=442.0)))


def test_retired_plans_are_freed() -> None:
    engine = Engine(Graph(Mix(audio=Saw(freq=100.0))))
    plans = [weakref.ref(engine.plan)]
    for i in range(20):
        engine.swap(Graph(Mix(audio=Saw(freq=100.0 + i))))
        plans.append(weakref.ref(engine.plan))
        engine.render(1_280)
    gc.collect()
    assert sum(plan() is not None for plan in plans) <= 2


@pytest.mark.skipif(PLAIN, reason="plain Python does not keep up with real time")
def test_a_patch_saved_with_an_error_is_reported_and_playback_continues(tmp_path: Path) -> None:
    from graph.perform.performance import Performance
    from graph.play.live import Live

    file = tmp_path / "voice.yaml"
    file.write_text(VOICE)
    performance = Performance(file)
    with Live(performance.graph, device="null") as live:
        performance.begin(live, watch=False)
        file.write_text(VOICE.replace("Saw", "Swa"))
        performance.saved({file})
        assert "voice.yaml was saved with an error; the previous version keeps playing" in live.messages[-1]
        assert "Did you mean 'Saw'?" in live.messages[-1]
        file.write_text(VOICE.replace("q: 2", "q: 9"))
        performance.saved({file})
        assert live.messages[-1] == "voice.yaml was saved: swapped in"
        live.wait(0.1)
        assert live["tone.q"] == 9.0
        file.write_text("block: 128\n" + VOICE)
        live.wait(0.1)
        performance.saved({file})
        assert "a new rate or block takes effect after a restart" in live.messages


@pytest.mark.skipif(PLAIN, reason="plain Python does not keep up with real time")
def test_a_recorded_midi_file_has_the_tempo_of_the_patchs_clock(tmp_path: Path) -> None:
    import mido

    with loads(SEQUENCE % "C4").play(device="null") as live:
        live.record_midi(tmp_path / "take.mid")
        live.note_on(60)
        live.wait(0.5)
        live.note_off(60)
        live.wait(0.1)
    track = mido.MidiFile(tmp_path / "take.mid").tracks[0]
    assert mido.tempo2bpm(track[0].tempo) == 240
    ticks = next(message.time for message in track if message.type == "note_off")
    assert ticks / 960 * 60 / 240 == pytest.approx(0.5, abs=0.2)
