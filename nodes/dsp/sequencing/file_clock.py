"""A MIDI file as a clock: the beat of every frame, from the file's tempos and time signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import JUMP, START, STOP, emit, inline
from graph.midi import MidiSong, bars_of, tempo_rows

FRAME, BEAT, TEMPO = range(3)
SHOWN = 3
RUNS, ROUND, ROW = range(SHOWN)
"""Previous state of the clock: whether it ran, the pass of its loop, and the current tempo segment."""


def clock_tables(song: MidiSong, rate: float) -> Mapping[str, Any]:
    """[control] Rows of frame, beat and tempo, and rows of beat, bar and beats per bar."""
    rows = tempo_rows(song)
    rows[:, FRAME] *= rate
    return {"tempos": rows, "bars": bars_of(song)}


@inline(double=True)
def file_beat(tempos, shown, time, rate):
    """[audio] The beat at a time in frames; stores its tempo segment in `shown`."""
    row = min(shown[ROW], tempos.shape[0] - 1)
    row = row if tempos[row, FRAME] <= time else 0
    while row + 1 < tempos.shape[0] and tempos[row + 1, FRAME] <= time:
        row += 1
    shown[ROW] = row
    return tempos[row, BEAT] + (time - tempos[row, FRAME]) * tempos[row, TEMPO] / (60.0 * rate)


@inline(double=True)
def show(out, frame, tempos, shown, time, length, loop, rate):
    """[audio] Writes the file's clock at one frame, `time` frames from its start; it stops at the end of the file."""
    turn = int(np.floor((time + 0.5) / length)) if loop else 0
    over = time >= length and not loop
    beat = file_beat(tempos, shown, length if over else max(time - turn * length, 0.0), rate)
    running = 0 if over else 1
    if frame < out.tempo.shape[0]:
        if running != shown[RUNS]:
            emit(out.changes, frame, START if running else STOP, 0, 0, 0.0, beat)
        elif turn != shown[ROUND]:
            emit(out.changes, frame, JUMP, 0, 0, 0.0, beat)
        out.tempo[frame] = tempos[shown[ROW], TEMPO]
        out.playing[frame] = running
        shown[RUNS], shown[ROUND] = running, turn
    out.beat[frame] = beat


@inline(double=True)
def pass_on(out, clock, frames):
    """[audio] Copies another clock."""
    for frame in range(frames):
        out.beat[frame] = clock.beat[frame]
        out.tempo[frame] = clock.tempo[frame]
        out.playing[frame] = clock.playing[frame]
    out.beat[frames] = clock.beat[frames]
    for i in range(clock.changes.count[0]):
        event = clock.changes.records[i]
        emit(out.changes, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)


@inline(double=True)
def in_turn(beat, length, loop):
    """[audio] The beat within the loop, if there is one."""
    return beat - np.floor(beat / length + 1e-9) * length if loop else beat
