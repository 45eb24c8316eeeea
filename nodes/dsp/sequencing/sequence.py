"""Common parts of all sequencers, per frame: read the clock, end notes that are due, count steps.

`head` is the playhead. `ends` has a row per sounding note: the beat at which it ends, and its exact key, cents
included. A note starts on the first frame that has reached its beat, even while the tempo changes.
"""

from __future__ import annotations

import numpy as np

from graph import CAPACITY, NOTE_OFF, NOTE_ON, emit, inline
from nodes.dsp.clocks.beats import beat_at
from nodes.dsp.math.functions import clamp

EARLY = 1e-9
"""Rounding tolerance in beats; 0.1 ns at 600 bpm."""

HEAD = 11
"""Size of a playhead: three items for the anchor of its internal clock, then the following."""
RUNNING, MOVED, CHANGE, LAST, SOONEST, NEXT, ORIGIN, RESET = range(3, 11)
"""Clock is running; it starts, stops or jumps at this frame, or the sequence is reset; next record of its changes;
previous beat; earliest end of a note; next step; beat of the last reset; previous value of `reset`."""

ENDS = (128, 2)
"""Shape of `ends`."""
SILENT = 1e300
"""End beat of a free row."""
EVER = 1e299
"""Beat by which every note has ended."""

LEAP = 0.5
"""Change in beats between two frames that counts as a jump even if the clock reports none."""

GRID = 0.25
"""Step of `follow_reset` for nodes without steps: a reset on a sixteenth starts exactly on it."""

ROOM = CAPACITY - 128
"""Events per block after which no note starts, so that all note-offs still fit."""


@inline(double=True)
def follow(clock, head, frame, tempo, rate):
    """[audio] Beat at a frame; without a clock, that of an internal clock at `tempo`."""
    if frame == 0:
        head[CHANGE] = 0.0
    beat = clock.beat[frame]
    running = 1.0 if clock.playing[frame] != 0 else 0.0
    if clock.tempo[frame] <= 0.0:
        beat = beat_at(head, clamp(float(tempo), 20.0, 999.0), float(rate))
        head[1] += 1.0
        running = 1.0
    moved = 1.0 if running != head[RUNNING] or abs(beat - head[LAST]) > LEAP else 0.0
    while int(head[CHANGE]) < clock.changes.count[0] and clock.changes.records[int(head[CHANGE])].frame <= frame:
        moved = 1.0
        head[CHANGE] += 1.0
    head[RUNNING] = running
    head[MOVED] = moved
    head[LAST] = beat
    return beat


@inline(double=True)
def follow_reset(clock, head, frame, tempo, rate, reset, step):
    """[audio] Beats at a frame since the last rise of `reset` above 0.5, or since beat 0 of the clock.

    A reset in the frame that has just reached a grid line of `step` beats starts at that line, so that the sequence
    stays on the common grid. If the clock jumps to before the reset, the sequence follows the clock's beat again.
    """
    beat = follow(clock, head, frame, tempo, rate)
    if head[MOVED] != 0.0 and beat < head[ORIGIN] - EARLY:
        head[ORIGIN] = 0.0
    again = reset > 0.5 and not head[RESET] > 0.5
    if again:
        pace = clock.tempo[frame] if clock.tempo[frame] > 0.0 else clamp(float(tempo), 20.0, 999.0)
        line = np.floor((beat + EARLY) / step) * step
        head[ORIGIN] = line if beat - line < pace / (60.0 * rate) else beat
        head[MOVED] = 1.0
    head[RESET] = reset
    return 0.0 if again else beat - head[ORIGIN]  # the grid line belongs to this frame


@inline(double=True)
def step_beat(number, step, swing):
    """[audio] Start beat of a step of `step` beats; every second one is late by `swing` (0 .. 1/2) of a step."""
    return step * (number + (swing if number % 2.0 == 1.0 else 0.0))


@inline(double=True)
def step_after(beat, step, swing):
    """[audio] First step at or after a beat."""
    number = np.floor((beat + EARLY) / step)
    return number + (1.0 if step_beat(number, step, swing) < beat - EARLY else 0.0)


@inline(double=True)
def elapsed(head, lapse, beat, tempo, rate):
    """[audio] Elapsed beats: the clock's while it runs; they continue at its tempo across jumps and stops.

    `lapse` holds that value and the clock's offset from it.
    """
    if head[MOVED] != 0.0 or head[RUNNING] == 0.0:
        lapse[1] = beat - (lapse[0] + max(tempo, 20.0) / (60.0 * rate))
    lapse[0] = beat - lapse[1]
    return lapse[0]


@inline(double=True)
def play(out, ends, head, frame, channel, key, velocity, end):
    """[audio] Starts a note that ends at beat `end`; ends the same key first if it sounds."""
    if out.count[0] >= ROOM:
        out.count[1] += 1
        return
    row = ends.shape[0] - 1
    for other in range(row, -1, -1):
        row = other if ends[other, 0] >= SILENT else row
    for other in range(ends.shape[0]):
        row = other if ends[other, 0] < SILENT and ends[other, 1] == key else row
    if ends[row, 0] < SILENT:
        emit(out, frame, NOTE_OFF, channel, 0, ends[row, 1], 0.5)
    ends[row, 0] = end
    ends[row, 1] = key
    head[SOONEST] = min(head[SOONEST], end)
    emit(out, frame, NOTE_ON, channel, 0, float(key), velocity)


@inline(double=True)
def end_notes(out, ends, head, frame, channel, beat):
    """[audio] Ends the notes that are due; all of them at the beat `EVER`."""
    if head[SOONEST] > beat + EARLY:
        return
    soonest = SILENT
    for row in range(ends.shape[0]):
        if ends[row, 0] <= beat + EARLY:
            ends[row, 0] = SILENT
            emit(out, frame, NOTE_OFF, channel, 0, ends[row, 1], 0.5)
        else:
            soonest = min(soonest, ends[row, 0])
    head[SOONEST] = soonest


@inline(double=True)
def next_step(out, ends, head, frame, channel, beat, step, swing):
    """[audio] Number of the step that starts at this frame; -1 if none.

    First ends the notes that are due, or all notes where the clock starts, stops or jumps.
    """
    if head[MOVED] != 0.0:
        head[NEXT] = max(step_after(beat, step, swing), 0.0)  # a count-in is silent
    end_notes(out, ends, head, frame, channel, EVER if head[MOVED] != 0.0 else beat)
    number = head[NEXT]
    if head[RUNNING] == 0.0 or step_beat(number, step, swing) > beat + EARLY:
        return -1.0
    head[NEXT] = number + 1.0
    return number
