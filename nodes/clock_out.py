"""MIDI clock for other machines."""

from __future__ import annotations

import numpy as np

from graph import CONTINUE, JUMP, START, STOP, TICK, In, Node, Out, State, clear, emit, kernel

EARLY = 1e-9
"""Tolerance for rounding, in ticks: a tick may come this much early."""


class ClockOut(Node):
    """MIDI timing clock: 24 ticks per beat, each on the first frame at or after its beat.

    The output is an events cable, so the patch routes it: `{node: MidiOut, events: clock_out}`. When the clock
    starts at beat 0, ClockOut sends start. Otherwise it sends the song position, and continue when the clock
    reaches that position, a whole sixteenth note. A jump sends stop, then continue.
    """

    clock = In(kind="clock", doc="Clock to send.")
    out = Out(kind="events", doc="Ticks, start, stop, continue and song position, for MidiOut.")

    running = State((1,), np.int64, doc="0 stopped, 1 waiting for the song position, 2 running.")
    tick = State((1,), np.int64, doc="Number of the next tick.")

    @kernel(double=True)
    def process(block):
        out, clock, running, tick = block.out, block.clock, block.running, block.tick
        changes = clock.changes
        change = 0
        clear(out)
        for frame in range(block.frames):
            place = clock.beat[frame] * 24.0 + EARLY
            playing = clock.playing[frame] != 0 and clock.tempo[frame] > 0.0
            moved = False
            while change < changes.count[0] and changes.records[change].frame <= frame:
                moved = True
                change += 1
            if running[0] == 2:
                moved = moved or place < tick[0] - 12.0 or place > tick[0] + 12.0
            if running[0] != 0 and (moved or not playing):
                if running[0] == 2:
                    emit(out, frame, STOP, 0, 0, 0.0, clock.beat[frame])
                running[0] = 0
            if running[0] == 0 and playing:
                tick[0] = 6 * max(int(np.ceil((place - 2.0 * EARLY) / 6.0)), 0)
                if tick[0] != 0:
                    emit(out, frame, JUMP, 0, 0, 0.0, tick[0] / 24.0)
                running[0] = 1
            if running[0] == 1 and place >= tick[0]:
                emit(out, frame, CONTINUE if tick[0] != 0 else START, 0, 0, 0.0, tick[0] / 24.0)
                running[0] = 2
            while running[0] == 2 and place >= tick[0]:
                emit(out, frame, TICK, 0, 0, 0.0, 0.0)
                tick[0] += 1
