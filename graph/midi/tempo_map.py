"""Conversion between bars, beats and seconds of a MIDI file, from its tempos and time signatures."""

from __future__ import annotations

from math import ceil

import numpy as np

from graph.midi.file import Array, MidiSong

EARLY = 1e-9


def bars_of(song: MidiSong) -> Array:
    """[control] float64 (n, 3), one row per time signature: its first beat, its first bar (from 1), beats per bar.

    A file without a time signature is in 4/4. A time signature within a bar ends that bar early.
    """
    rows = [(0.0, 1.0, 4.0)]
    for beat, quantum in song.meters.tolist():
        begin, bar, beats = rows[-1]
        if beat <= begin + EARLY:
            rows[-1] = begin, bar, quantum
        elif quantum != beats:
            rows.append((beat, bar + ceil((beat - begin) / beats - EARLY), quantum))
    return np.array(rows)


def beat_of(bars: Array, bar: float) -> float:
    """[control] The beat at the start of a bar; the bar may have a fraction."""
    row = int(np.searchsorted(bars[:, 1], bar + EARLY, "right")) - 1
    begin, first, beats = bars[max(row, 0)]
    beat = begin + (bar - first) * beats
    return float(min(beat, bars[row + 1, 0]) if 0 <= row < len(bars) - 1 else beat)


def bar_of(bars: Array, beat: float) -> float:
    """[control] The bar, with a fraction, at a beat: the inverse of `beat_of`."""
    row = max(int(np.searchsorted(bars[:, 0], beat + EARLY, "right")) - 1, 0)
    begin, first, beats = bars[row]
    return float(first + (beat - begin) / beats)


def last_beat(song: MidiSong) -> float:
    """[control] The last beat of the longest track."""
    tempo = song.tempos[-1]
    beats = tempo["beat"] + (song.duration - tempo["seconds"]) * tempo["bpm"] / 60.0
    return float(np.rint(beats * float(song.ppq)) / float(song.ppq))


def tempo_rows(song: MidiSong) -> Array:
    """[control] float64 (n, 3): seconds, beat and tempo of each segment; of several at one time, the last."""
    tempos = song.tempos
    last = np.append(np.diff(tempos["seconds"]) > 0, True)
    return np.column_stack([tempos[name][last] for name in ("seconds", "beat", "bpm")])


def seconds_of(song: MidiSong, beat: float) -> float:
    """[control] The time of a beat in seconds."""
    rows = tempo_rows(song)
    seconds, begin, tempo = rows[max(int(np.searchsorted(rows[:, 1], beat + EARLY, "right")) - 1, 0)]
    return float(seconds + (beat - begin) * 60.0 / tempo)


def beat_after(song: MidiSong, seconds: float) -> float:
    """[control] The beat at a time in seconds: the inverse of `seconds_of`."""
    rows = tempo_rows(song)
    begin, beat, tempo = rows[max(int(np.searchsorted(rows[:, 0], seconds, "right")) - 1, 0)]
    return float(beat + (seconds - begin) * tempo / 60.0)
