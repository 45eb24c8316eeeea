"""The contents of a golden file: the level of a sound over time and per octave."""

from __future__ import annotations

from pathlib import Path

import numpy as np

SECONDS = 6.0
RATE = 48_000
STEP = 0.25
OCTAVES = [62.5 * 2**i for i in range(9)]
FLOOR_DB = -100.0

COLUMNS = ["time", "left", "right", *(f"{low:g}" for low in OCTAVES)]
TOLERANCE = [0.0, 0.2, 0.2] + [0.5] * len(OCTAVES)
"""Tolerance per column in dB (the time is exact): far below audibility, above differences between compilers."""


def fingerprint(audio: np.ndarray) -> np.ndarray:
    """Rows of time, level of each side in dB, and level of nine octaves from 62.5 Hz on in dB."""
    audio = np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio
    size = round(STEP * RATE)
    rows = []
    for start in range(0, len(audio) - size + 1, size):
        part = audio[start : start + size].astype(np.float64)
        power = (part**2).mean(axis=0)
        spectrum = np.abs(np.fft.rfft(part.mean(axis=1) * np.hanning(size))) ** 2 / size**2 * 8
        freqs = np.fft.rfftfreq(size, 1 / RATE)
        bands = [spectrum[(freqs >= low) & (freqs < 2 * low)].sum() for low in OCTAVES]
        levels = 10 * np.log10(np.maximum([*power, *bands], 10 ** (FLOOR_DB / 10)))
        rows.append([start / RATE, *levels])
    return np.array(rows)


def read(path: Path) -> np.ndarray:
    """The rows of a golden file."""
    return np.loadtxt(path, delimiter=",", skiprows=1)


def write(path: Path, rows: np.ndarray) -> None:
    """Writes a golden file: CSV with a header, so that a diff is readable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(COLUMNS)] + [",".join(f"{value:.2f}" for value in row) for row in rows]
    path.write_text("\n".join(lines) + "\n")


def worst(rows: np.ndarray, golden: np.ndarray) -> str:
    """Describes where `rows` leaves the tolerance around `golden`; empty if nowhere."""
    if rows.shape != golden.shape:
        return f"{len(rows)} rows instead of {len(golden)}"
    over = np.abs(rows - golden) - np.array(TOLERANCE) - 0.006
    row, column = np.unravel_index(np.argmax(over), over.shape)
    if over[row, column] <= 0:
        return ""
    found, blessed = rows[row, column], golden[row, column]
    return f"at {golden[row, 0]:.2f} s, {COLUMNS[column]}: {found:.2f} dB instead of {blessed:.2f} dB"


GUITAR = """
nodes:
  notes: {node: Notes, step: 1/2, tempo: 100, notes: "E2 B2 E3 G#3 | [E2 B2 E3]*2 [A2 E3 A3]*2 | B3 D4 E4 G4"}
  hand:  {node: VoiceAllocator, events: notes, polyphony: 6}
  wire:  {node: Pluck, trigger: hand.trigger, freq: hand.freq, velocity: hand.velocity, position: 0.15}
  sum:   {node: Mix, audio: wire}
  pickup: {node: LowPass, audio: sum, cutoff: 4 kHz}
out: pickup * 0.8
"""


def a_guitar(seconds: float, rate: float) -> np.ndarray:
    """Audio input for patches that need it: a guitar riff."""
    from graph.graph import loads

    return loads(GUITAR).render(seconds=seconds, rate=rate)


def played_to(graph: object, folder: Path, seconds: float = SECONDS, rate: float = RATE) -> dict[str, object]:
    """The input with which a patch is rendered, as arguments of `Graph.render`."""
    from graph.model.order import order

    wants = {source.source for node in order(graph) for source in node.sources().values()}  # type: ignore[arg-type]
    found: dict[str, object] = {"midi": a_song(folder / "song.mid")} if wants - {"audio"} else {}
    return found | ({"audio_in": a_guitar(seconds, rate)} if "audio" in wants else {})


def a_song(path: Path) -> Path:
    """Two bars for patches that wait for MIDI: a melody, a chord, a bend, the pedal and a brightness sweep."""
    import mido

    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    for i, key in enumerate((60, 62, 64, 65, 62, 64, 60)):
        track.append(mido.Message("note_on", note=key, velocity=60 + 8 * i, time=0))
        track.append(mido.Message("note_off", note=key, velocity=64, time=240))
    track.append(mido.Message("control_change", control=64, value=127, time=0))
    for key in (48, 55, 64, 71):
        track.append(mido.Message("note_on", note=key, velocity=90, time=0))
    for key in (48, 55, 64, 71):
        track.append(mido.Message("note_off", note=key, time=60))
    for value in range(0, 128, 8):
        track.append(mido.Message("control_change", control=74, value=value, time=60))
        track.append(mido.Message("pitchwheel", pitch=value * 32, time=0))
    track.append(mido.Message("control_change", control=64, value=0, time=240))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)
    return path
