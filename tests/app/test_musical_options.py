"""What a patch says is what its sound file holds: every musical option, rendered by `graphrun` and heard in numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from conftest import ROOT

from graph.native.functions import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="plain Python is too slow to render seconds")

RATE = 8_000
"""Enough for notes; a beat of 120 bpm has 4000 frames."""
FULL = 48_000
OSCILLATORS = (
    "Fm", "Formant", "HardSync", "Impulse", "Organ", "Pulse", "Saw", "Sine", "SuperSaw", "Triangle", "Wavetable"
)  # fmt: skip
Render = Callable[..., Any]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Sound (frames, channels) of the nodes of a patch, written by the command line in a process of its own."""

    def run(nodes: str, out: str, seconds: float = 2.0, rate: int = RATE, *words: object) -> Any:
        lines = "".join(f"  {line.strip()}\n" for line in nodes.strip().splitlines())
        (tmp_path / "x.yaml").write_text(f"nodes:\n{lines}out: {out}\n")
        command = [sys.executable, "-m", "graph", "x.yaml", "--out", "x.wav", "--seconds", seconds, "--rate", rate]
        ran = subprocess.run(
            [str(word) for word in (*command, *words)],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return soundfile.read(tmp_path / "x.wav", always_2d=True)[0]

    return run


def keys(freq: Any) -> Any:
    """Keys of a frequency in kHz."""
    return 69 + 12 * np.log2(np.maximum(freq, 1e-9) * 1_000 / 440)


VOICE = """
voices: {node: VoiceAllocator, events: seq, mode: mono}
heard: {node: Mix, audio: voices.freq * voices.gate * 0.001}
"""


def tune(render: Render, seq: str, seconds: float = 2.0, step: float = 0.25) -> list[int]:
    """The key that sounds in the middle of each step, 0 for none."""
    freq = render(f"beat: {{node: Transport, tempo: 120}}\n{seq}\n{VOICE}", "heard", seconds)[:, 0]
    size = round(step * RATE / 2)
    return [round(float(key)) if key > 0 else 0 for key in keys(freq[size // 4 :: size])]


# Oscillators


@pytest.mark.parametrize("oscillator", OSCILLATORS)
def test_a_trigger_begins_every_note_alike_at_the_start_phase(render: Render, oscillator: str) -> None:
    def notes(more: str) -> Any:
        sound = render(
            f"""
            hits: {{node: Steps, steps: "C4", step: 0.37, tempo: 120}}
            v: {{node: VoiceAllocator, events: hits, mode: mono}}
            osc: {{node: {oscillator}, freq: 100 Hz{more}}}
            """,
            "osc + v.trigger * 0", 1.0, FULL,
        )[:, 0]  # fmt: skip
        return np.array([sound[number * 8_880 :][:2_000] for number in range(1, 5)])

    free, alike, shifted = (
        notes(more) for more in ("", ", trigger: v.trigger", ", trigger: v.trigger, start_phase: 0.25")
    )
    size = np.abs(alike).max()
    assert np.ptp(free, axis=0).max() > 0.3 * size
    assert np.ptp(alike[:, 100:], axis=0).max() < 0.01 * size
    assert np.ptp(shifted[:, 100:], axis=0).max() < 0.01 * size
    if oscillator != "SuperSaw":  # its saws are out of tune with each other
        assert np.abs(shifted[0, 100:1_500] - alike[0, 220:1_620]).max() < 0.05 * size


@pytest.mark.parametrize("oscillator", OSCILLATORS)
def test_hard_sync_gives_an_oscillator_the_period_of_its_master(render: Render, oscillator: str) -> None:
    nodes = "master: {node: Saw, freq: 100 Hz}\n"
    for sync, periodic in ((", sync: master", True), ("", False)):
        sound = render(f"{nodes}osc: {{node: {oscillator}, freq: 317 Hz{sync}}}", "osc + master * 0", 0.5, FULL)[:, 0]
        late = sound[9_600:19_200] - sound[9_600 + 480 : 19_200 + 480]
        assert (np.std(late) < 0.03 * np.std(sound[9_600:])) == periodic


def test_a_unison_of_seven_does_not_begin_with_a_thump(render: Render) -> None:
    sound = render(
        """
        seq: {node: Notes, notes: A2, step: 8, gate: 1}
        v: {node: VoiceAllocator, events: seq, mode: unison, polyphony: 7, detune: 10 cents}
        osc: {node: Saw, freq: v.freq}
        m: {node: Mix, audio: osc * 0.1}
        """,
        "m", 4.0, FULL,
    )[:, 0]  # fmt: skip
    peaks = [np.abs(sound[at : at + 2_400]).max() for at in range(48_000, 189_000, 2_400)]
    assert 20 * np.log10(np.abs(sound[:2_400]).max() / np.median(peaks)) < 2


def test_below_0_hz_a_sine_runs_backwards(render: Render) -> None:
    nodes = "mod: {node: Sine, freq: 100 Hz}\nosc: {node: Sine, freq: 200 Hz + mod * 800 Hz}"
    sound = render(nodes, "osc", 0.5, FULL)[:, 0]
    freq = 200 + 800 * np.sin(2 * np.pi * 100 * np.arange(len(sound)) / FULL)
    phase = np.cumsum(np.concatenate([[0], freq[:-1]])) / FULL
    assert np.abs(sound - np.sin(2 * np.pi * phase)).max() < 0.01


# Voices


@pytest.mark.parametrize(("by", "seconds"), [("time", (0.1, 0.1)), ("rate", (0.1, 0.2))])
def test_a_glide_takes_its_time_or_its_time_per_octave(render: Render, by: str, seconds: tuple[float, float]) -> None:
    freq = render(
        f"""
        seq: {{node: Notes, notes: "C3 C4 C6", step: 1, gate: 1, tempo: 120}}
        v: {{node: VoiceAllocator, events: seq, mode: mono, glide: 0.1 s, glide_by: {by}}}
        """,
        "v.freq * 0.001", 1.5,
    )[:, 0]  # fmt: skip
    for begin, goal, time in zip((4_000, 8_000), (60, 84), seconds, strict=True):
        there = np.argmax(np.abs(keys(freq[begin:]) - goal) < 0.01)
        assert there / RATE == pytest.approx(time, abs=0.002)


@pytest.mark.parametrize(("source", "first"), [("last", 60), ("voice", 72)])
def test_a_polyphonic_glide_begins_at_the_last_note_or_at_that_of_the_voice(
    render: Render, source: str, first: int
) -> None:
    freq = render(
        f"""
        seq: {{node: Notes, notes: "C4 C5", step: 1, gate: 0.5, tempo: 120}}
        v: {{node: VoiceAllocator, events: seq, polyphony: 4, glide: 0.1 s, glide_from: {source}}}
        m: {{node: Mix, audio: v.freq * v.gate * 0.001}}
        """,
        "m", 1.0,
    )[:, 0]  # fmt: skip
    assert keys(freq[4_001]) == pytest.approx(first, abs=0.1)
    assert keys(freq[5_000]) == pytest.approx(72, abs=0.01)


@pytest.mark.parametrize(("same_key", "ends"), [("once", 0.5), ("count", 1.875)])
def test_a_key_down_twice_ends_with_its_first_or_its_last_off(render: Render, same_key: str, ends: float) -> None:
    gate = render(
        f"""
        long: {{node: Notes, notes: "C4*4", step: 1, gate: 0.75, loop: false, tempo: 120}}
        short: {{node: Notes, notes: ". C4 . .", step: 0.5, gate: 1, loop: false, tempo: 120}}
        v: {{node: VoiceAllocator, events: [long, short], polyphony: 4, same_key: {same_key}}}
        m: {{node: Mix, audio: v.gate}}
        """,
        "m", 2.5,
    )[:, 0]  # fmt: skip
    assert np.flatnonzero(gate > 0.5)[-1] / RATE == pytest.approx(ends, abs=0.001)


@pytest.mark.parametrize(("keep", "bass"), [("true", True), ("false", False)])
def test_a_held_bass_is_protected_from_stealing(render: Render, keep: str, bass: bool) -> None:
    freq = render(
        f"""
        low: {{node: Notes, notes: "C2*8", step: 1, gate: 1, tempo: 120}}
        high: {{node: Notes, notes: ". E4*8 - - - - - - -", step: 0.5, gate: 1, tempo: 120}}
        more: {{node: Notes, notes: ". . G4*8", step: 0.5, gate: 1, tempo: 120}}
        v: {{node: VoiceAllocator, events: [low, high, more], polyphony: 2, keep_lowest: {keep}}}
        tone: {{node: Sine, freq: v.freq}}
        m: {{node: Mix, audio: tone * v.gate * 0.3}}
        """,
        "m", 2.0,
    )[8_000:, 0]  # fmt: skip
    level = np.abs(np.fft.rfft(freq * np.hanning(len(freq))))
    at = level[round(65.406 * len(freq) / RATE)]
    assert (at > 0.1 * level.max()) == bass


def test_in_an_mpe_zone_a_released_voice_keeps_its_bend(render: Render, tmp_path: Path) -> None:
    song = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    song.tracks.append(track)
    control = [(101, 0), (100, 6), (6, 15)]
    track.extend(mido.Message("control_change", channel=0, control=c, value=v) for c, v in control)
    track.append(mido.Message("pitchwheel", channel=1, pitch=4096, time=10))
    track.append(mido.Message("note_on", channel=1, note=60, velocity=100))
    track.append(mido.Message("note_off", channel=1, note=60, time=470))
    track.append(mido.Message("pitchwheel", channel=1, pitch=0, time=240))
    track.append(mido.Message("note_on", channel=1, note=67, velocity=100))
    track.append(mido.Message("note_off", channel=1, note=67, time=960))
    song.save(tmp_path / "mpe.mid")
    nodes = """
        midi: {node: MidiIn}
        v: {node: VoiceAllocator, events: midi, polyphony: 2}
        m: {node: Mix, audio: v.freq * 0.001}
        """
    freq = render(nodes, "m", 2.0, RATE, "--midi", "mpe.mid")[:, 0]
    before, after = freq[5_500], freq[10_000]
    held = 0.001 * 440 * 2 ** ((60 + 24 - 69) / 12)  # half of MPE's 48 semitones
    assert after == pytest.approx(held + 0.001 * 440 * 2 ** ((67 - 69) / 12), rel=1e-3)
    assert before - held == pytest.approx(after - held, abs=1.0)
    assert before > held * 0.999


# Sequencers

AGAIN = """
other: {node: Steps, steps: "C4 . . . . . .", step: 0.25, tempo: 120}
again: {node: VoiceAllocator, events: other, mode: mono}
"""
SEQUENCERS = {
    "Steps": 'seq: {node: Steps, clock: beat, steps: "C4 D4 E4 F4 G4 A4 B4 C5"%s}',
    "Notes": 'seq: {node: Notes, clock: beat, notes: "C4 D4 E4 F4 G4 A4 B4 C5", step: 0.25%s}',
    "Euclid": "seq: {node: Euclid, clock: beat, pulses: 3, steps: 8%s}",
    "Pattern": 'seq: {node: Pattern, clock: beat, drums: "kick: x.x...x. snare: .x......", beats: 2, channel: 1%s}',
    "Melody": "seq: {node: Melody, clock: beat, variation: 1, rest: 0, step: 0.25, seed: 3%s}",
    "Markov": "seq: {node: Markov, clock: beat, step: 0.25, seed: 3%s}",
    "ShiftRegister": "seq: {node: ShiftRegister, clock: beat, change: 0.5, rhythm: false, seed: 3%s}",
    "Arpeggio": """chord: {node: Notes, notes: "[C4 D4 E4 G4 A4]*64", gate: 1, step: 1, clock: beat}
        seq: {node: Arpeggio, events: chord, clock: beat%s}""",
    "MidiFile": "seq: {node: MidiFile, file: scale.mid, clock: beat, loop: true%s}",
    "MidiFile alone": "seq: {node: MidiFile, file: scale.mid, loop: true%s}",
    "Automation": "seq: {node: Automation, clock: beat, points: '0: 0.1, 2: 0.9', loop: true%s}",
    "Transport": 'mine: {node: Transport%s}\nseq: {node: Steps, clock: mine, steps: "C4 D4 E4 F4 G4 A4 B4 C5"}',
}


@pytest.mark.parametrize("name", SEQUENCERS)
def test_a_reset_every_seven_steps_begins_a_sequence_of_eight_again(render: Render, name: str, tmp_path: Path) -> None:
    song = mido.MidiFile(ticks_per_beat=480)
    song.tracks.append(mido.MidiTrack())
    for key in (60, 62, 64, 65, 67, 69, 71, 72):
        song.tracks[0].append(mido.Message("note_on", note=key, velocity=100))
        song.tracks[0].append(mido.Message("note_off", note=key, time=120))
    song.save(tmp_path / "scale.mid")
    turns = []
    for reset in (", reset: again.trigger", ""):
        seq = SEQUENCERS[name] % reset
        voice = VOICE if name != "Automation" else "heard: {node: Gain, audio: seq, gain: 0 dB}"
        sound = render(
            f"beat: {{node: Transport, tempo: 120}}\n{AGAIN}{seq}\n{voice}", "heard + again.trigger * 0", 3.5
        )
        turns.append(sound[7_000:28_000, 0].reshape(3, 7_000)[:, 10:-10])
    assert np.ptp(turns[0], axis=0).max() < 2e-3
    assert np.ptp(turns[1], axis=0).max() > 0.05


DIRECTED = {
    "Steps": 'seq: {node: Steps, clock: beat, steps: "C4 D4 E4 F4", seed: 9, direction: %s}',
    "Notes": 'seq: {node: Notes, clock: beat, notes: "C4 D4 E4 F4", step: 0.25, seed: 9, direction: %s}',
}


@pytest.mark.parametrize("name", DIRECTED)
def test_steps_and_notes_are_read_in_four_directions(render: Render, name: str) -> None:
    def played(direction: str, seconds: float = 1.5) -> list[int]:
        return tune(render, DIRECTED[name] % direction, seconds)[:12]

    assert played("forward") == [60, 62, 64, 65] * 3
    assert played("backward") == [65, 64, 62, 60] * 3
    assert played("ping_pong") == [60, 62, 64, 65, 64, 62] * 2
    drawn = played("random")
    assert set(drawn) <= {60, 62, 64, 65}
    assert drawn not in ([60, 62, 64, 65] * 3, [65, 64, 62, 60] * 3)
    assert drawn == played("random")


@pytest.mark.parametrize(
    ("name", "forward", "backward", "ping_pong"),
    [
        ("seq: {node: Euclid, clock: beat, pulses: 3, steps: 8, direction: %s}",
         "x..x..x." * 2, ".x..x..x" * 2, "x..x..x.x..x..x."),
        ('seq: {node: Pattern, clock: beat, drums: "kick: xx.x....", beats: 2, channel: 1, direction: %s}',
         "xx.x...." * 2, "....x.xx" * 2, "xx.x........x.xx"),
    ],
)  # fmt: skip
def test_rhythms_are_read_in_four_directions(
    render: Render, name: str, forward: str, backward: str, ping_pong: str
) -> None:
    def played(direction: str) -> str:
        return "".join("x" if key else "." for key in tune(render, name % direction)[:16])

    assert [played(each) for each in ("forward", "backward", "ping_pong")] == [forward, backward, ping_pong]
    assert played("random") == played("random") != forward


def test_a_ratchet_with_a_probability_is_three_hits_or_one(render: Render) -> None:
    sound = render(
        """
        seq: {node: Steps, steps: "C4x3@0.5", tempo: 120, seed: 3}
        v: {node: VoiceAllocator, events: seq, mode: mono}
        """,
        "v.trigger", 12.5,
    )[:, 0]  # fmt: skip
    hits = np.bincount(np.flatnonzero(sound > 0.5) // 1_000, minlength=100)[:100]
    assert set(hits) == {1, 3}
    assert 35 < np.count_nonzero(hits == 3) < 65


@pytest.mark.parametrize(("phase", "late"), [("true", 0.0), ("false", None)])
def test_taps_set_the_tempo_and_by_choice_the_phase(render: Render, phase: str, late: float | None) -> None:
    sound = render(
        f"""
        taps: {{node: Notes, notes: ". C4 C4 C4 C4 . . .", step: 0.73, tempo: 120, loop: false}}
        t: {{node: VoiceAllocator, events: taps, mode: mono}}
        beat: {{node: Transport, tempo: 140, tap: t.trigger, tap_phase: {phase}}}
        seq: {{node: Steps, clock: beat, steps: C4, step: 1}}
        v: {{node: VoiceAllocator, events: seq, mode: mono}}
        """,
        "v.trigger", 4.0,
    )[:, 0]  # fmt: skip
    period = 0.365 * RATE
    hits = np.flatnonzero(sound > 0.5)
    hits = hits[hits > 4.5 * period]
    assert np.diff(hits) == pytest.approx(period, abs=1.5)
    away = (hits[0] / period + 0.5) % 1 - 0.5
    assert (abs(away) < 0.002) == (late == 0.0)


RANDOM = {
    "Steps": ('seq: {node: Steps, clock: beat, steps: "C4?0.5 D4?0.5 E4x3@0.5", direction: random}', True),
    "Notes": ('seq: {node: Notes, clock: beat, notes: "C4 D4 E4", step: 0.25, direction: random}', True),
    "Pattern": (
        'seq: {node: Pattern, clock: beat, drums: "kick: 5x5. 555x 5.55 x5x5", channel: 1, direction: random}', True
    ),
    "Chance": (
        'line: {node: Steps, clock: beat, steps: "C4 D4 E4"}\nseq: {node: Chance, events: line, clock: beat}', True
    ),
    "Humanize": (
        'line: {node: Steps, clock: beat, steps: "C4 . D4 ."}\n'
        "seq: {node: Humanize, events: line, clock: beat, time: 40 ms}", True
    ),
    "Arpeggio": (
        'chord: {node: Notes, notes: "[C4 D4 E4 G4 A4]*64", gate: 1, step: 1, tempo: 120}\n'
        "seq: {node: Arpeggio, events: chord, clock: beat, mode: random}", True
    ),
    "Lfo": ("heard: {node: Lfo, shape: random, beats: 0.25, clock: beat}", False),
    "Random": ("heard: {node: Random, beats: 0.25, clock: beat, glide: 0.5}", False),
}  # fmt: skip


@pytest.mark.parametrize("name", RANDOM)
def test_a_looped_bar_of_what_is_random_repeats(render: Render, name: str) -> None:
    nodes, events = RANDOM[name]
    beat = "beat: {node: Transport, tempo: 120, loop_from: 2, loop_to: 3}\n"
    sound = render(f"{beat}{nodes}\n{VOICE if events else ''}", "heard + beat.section * 0", 8.0)[:, 0]
    bars = sound[16_000:64_000].reshape(3, 16_000)
    assert np.ptp(bars[:, 400:-400], axis=0).max() < 2e-3
    assert np.ptp(bars[0, :8_000]) > 0.01
    assert np.abs(bars[0, 400:8_000] - bars[0, 8_400:]).max() > 0.01


# The arpeggio


@pytest.fixture
def chord_and_pedal(tmp_path: Path) -> str:
    """C4 E4 G4 for a beat; the pedal from half a beat to three beats."""
    song = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    song.tracks.append(track)
    track.extend(mido.Message("note_on", note=key, velocity=100) for key in (60, 64, 67))
    track.append(mido.Message("control_change", control=64, value=127, time=240))
    track.extend(mido.Message("note_off", note=key, time=240 if key == 60 else 0) for key in (60, 64, 67))
    track.append(mido.Message("control_change", control=64, value=0, time=960))
    song.save(tmp_path / "chord.mid")
    return "chord.mid"


@pytest.mark.parametrize(("pedal", "later", "voices"), [("latch", True, 1), ("pass", False, 2)])
def test_the_pedal_latches_an_arpeggio_or_passes(
    render: Render, chord_and_pedal: str, pedal: str, later: bool, voices: int
) -> None:
    nodes = f"""
        beat: {{node: Transport, tempo: 120}}
        keys: {{node: MidiIn}}
        seq: {{node: Arpeggio, events: keys, clock: beat, pedal: {pedal}}}
        v: {{node: VoiceAllocator, events: seq, polyphony: 8}}
        hits: {{node: Mix, audio: v.trigger}}
        gates: {{node: Mix, audio: v.gate}}
        both: {{node: Join, left: hits, right: gates}}
        """
    hits, gates = render(nodes, "both", 2.0, RATE, "--midi", chord_and_pedal).T
    assert (np.count_nonzero(hits[4_400:11_900] > 0.5) == 7) == later
    assert gates[4_400:11_900].max() == pytest.approx(voices)
    assert np.count_nonzero(hits[12_100:] > 0.5) == 0


def test_a_chord_that_changes_goes_on_from_the_note_last_played(render: Render) -> None:
    seq = """
        chords: {node: Notes, notes: "[C4 E4 G4] [C4 F4 A4]", step: 1.25, gate: 1, clock: beat}
        seq: {node: Arpeggio, events: chords, clock: beat}
        """
    assert tune(render, seq, 1.25)[:10] == [60, 64, 67, 60, 64, 65, 69, 60, 65, 69]


def test_a_key_tapped_between_two_steps_is_heard_at_the_next(render: Render) -> None:
    seq = """
        taps: {node: Notes, notes: ". C4 . .", step: 0.0625, gate: 0.5, clock: beat}
        seq: {node: Arpeggio, events: taps, clock: beat}
        """
    assert tune(render, seq, 1.0)[1:8] == [60] * 7


# Dynamics


@pytest.mark.parametrize("attack", ["1 ms", "10 ms", "100 ms"])
def test_a_release_takes_its_time_whatever_the_attack(render: Render, attack: str) -> None:
    reduction = render(
        f"""
        level: {{node: Automation, unit: seconds, points: '0: 1, 1: 0 hold'}}
        one: {{node: Constant, value: 1}}
        c: {{node: Compressor, audio: one * level, knee: 0 dB, threshold: -20 dB, ratio: 4, attack: {attack},
             release: 500 ms}}
        """.replace(",\n             release", ", release"),
        "c.reduction * 0.01 + level * 0", 3.0, FULL,
    )[:, 0]  # fmt: skip
    assert reduction[47_000] == pytest.approx(0.15, abs=0.002)
    part = reduction[48_000:] / reduction[47_999]
    assert np.argmax(part < np.exp(-1)) / FULL == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize(
    ("node", "reduction"),
    [
        ("{node: Compressor, audio: tone, threshold: -20 dB, ratio: 4, knee: 0 dB, attack: 1 ms}", 15.0),
        ("{node: Limiter, audio: tone, ceiling: -12 dB}", 12.0),
        ("{node: Gate, audio: tone * -60 dB, threshold: -40 dB, floor: -50 dB}", 50.0),
        ("{node: Ducker, audio: tone, sidechain: tone, depth: 9 dB}", 9.0),
    ],
)
def test_reduction_in_db_is_an_output(render: Render, node: str, reduction: float) -> None:
    nodes = f"tone: {{node: Constant, value: 1}}\nd: {node}"
    found = render(nodes, "d.reduction * 0.01", 1.0, FULL)[40_000:, 0]
    assert np.median(found) * 100 == pytest.approx(reduction, abs=0.5)


@pytest.mark.parametrize("freq", [40, 997, 5_000, 11_000, 17_000])
def test_the_limiter_reaches_its_ceiling_within_a_fifth_of_a_decibel(render: Render, freq: int) -> None:
    nodes = f"tone: {{node: Sine, freq: {freq} Hz}}\nd: {{node: Limiter, audio: tone * 2, ceiling: -1 dB}}"
    sound = render(nodes, "d", 1.0, FULL)[24_000:, 0]
    fine = np.fft.irfft(np.pad(np.fft.rfft(sound), (0, 7 * len(sound) // 2))) * 8
    peak = 20 * np.log10(np.abs(fine[1_000:-1_000]).max())
    assert -1.2 <= peak <= -0.99


# Effects


@pytest.mark.parametrize("mix", [0, 0.5, 1])
def test_a_pitch_shift_of_0_passes_the_signal_at_any_mix(render: Render, mix: float) -> None:
    nodes = f"""
        hiss: {{node: Noise, level: 0.1}}
        up: {{node: PitchShift, audio: hiss, shift: 0, mix: {mix}}}
        side: {{node: Channels, audio: up}}
        both: {{node: Join, left: hiss, right: side.left}}
        """
    dry, wet = render(nodes, "both", 1.0, FULL).T
    np.testing.assert_allclose(wet[900:], dry[:-900], atol=1e-6)


@pytest.mark.parametrize(
    "node",
    [
        "{node: Delay, audio: burst, time: 0.1 s, feedback: 0.5, freeze: hold}",
        "{node: Reverb, audio: burst, decay: 0.5 s, freeze: hold}",
        "{node: Schroeder, audio: burst, decay: 0.5 s, freeze: hold}",
        "{node: Granular, audio: burst, memory: 0.5 s, place: 0.5, spray: 0.2 s, seed: 1, freeze: hold}",
    ],
)
def test_frozen_an_effect_holds_what_it_has(render: Render, node: str) -> None:
    for points, frozen in (("'0: 0, 0.3: 1 hold'", True), ("'0: 0, 9: 0'", False)):
        nodes = f"""
            level: {{node: Automation, unit: seconds, points: '0: 1, 0.35: 0 hold'}}
            hold: {{node: Automation, unit: seconds, points: {points}}}
            burst: {{node: Noise, level: level * 0.1}}
            fx: {node}
            """
        sound = render(nodes, "fx + level * 0 + hold * 0", 4.0, 24_000)
        early, late = (20 * np.log10(np.std(sound[at : at + 24_000]) + 1e-9) for at in (14_400, 72_000))
        assert (abs(late - early) < 1.5) == frozen, (early, late)


def test_a_feedback_above_1_saturates_and_never_runs_away(render: Render) -> None:
    nodes = """
        level: {node: Automation, unit: seconds, points: '0: 1, 0.1: 0 hold'}
        tone: {node: Sine, freq: 300 Hz}
        echo: {node: Delay, audio: tone * level * 0.05, time: 0.1 s, feedback: 1.1}
        """
    sound = render(nodes, "echo + level * 0", 20.0)
    levels = [np.abs(sound[at : at + RATE]).max() for at in range(0, 20 * RATE, RATE)]
    assert levels[0] < 0.15
    assert 0.2 < levels[-1] < 1.2
    assert levels[-1] == pytest.approx(levels[-2], rel=0.05)


@pytest.mark.parametrize(("side", "first"), [("left", 0), ("right", 1)])
def test_a_ping_pong_begins_on_the_side_of_its_sound(render: Render, side: str, first: int) -> None:
    nodes = f"""
        click: {{node: Impulse, freq: 0.5 Hz}}
        zero: {{node: Constant, value: 0}}
        stereo: {{node: Join, {side}: click, {"right" if side == "left" else "left"}: zero}}
        echo: {{node: Delay, audio: stereo, time: 0.25 s, feedback: 0.5, ping_pong: true}}
        """
    sound = np.abs(render(nodes, "echo", 1.0))
    echoes = [sound[at - 40 : at + 40].max(axis=0) for at in (2_000, 4_000, 6_000)]
    for number, (left, right) in enumerate(echoes):
        on, off = (left, right) if (first + number) % 2 == 0 else (right, left)
        assert on > 100 * off


def test_a_phaser_opens_a_mono_sound_to_stereo_by_its_spread(render: Render) -> None:
    for spread, apart in ((0, False), (0.25, True)):
        nodes = f"tone: {{node: Saw, freq: 110 Hz}}\nfx: {{node: Phaser, audio: tone, rate: 1 Hz, spread: {spread}}}"
        sound = render(nodes, "fx", 1.0)
        assert (np.abs(np.diff(sound, axis=1)).max() > 0.05) == apart


# Notation


@pytest.mark.parametrize(
    ("node", "hertz"),
    [
        ("{node: Notes, notes: 69+50c, step: 8}", 440 * 2 ** (0.5 / 12)),
        ("{node: Notes, notes: [69], step: 8}", 440),
        ("{node: Steps, steps: A4+50c, step: 8}", 440 * 2 ** (0.5 / 12)),
        ("{node: Steps, steps: 0-50c, root: A4, step: 8}", 440 * 2 ** (-0.5 / 12)),
        ("{node: Markov, learn: A4+50c, step: 8}", 440 * 2 ** (0.5 / 12)),
    ],
)
def test_key_numbers_and_cents_are_heard(render: Render, node: str, hertz: float) -> None:
    freq = render(f"seq: {node}\nv: {{node: VoiceAllocator, events: seq, mode: mono}}", "v.freq * 0.001", 0.5)
    assert freq[2_000, 0] * 1_000 == pytest.approx(hertz, abs=0.02)
