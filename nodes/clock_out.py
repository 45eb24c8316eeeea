"""A clock for other machines, as MIDI."""

from __future__ import annotations

import numpy as np

from graph import CONTINUE, JUMP, START, STOP, TICK, In, Node, Out, State, clear, emit, kernel

EARLY = 1e-9
"""Ticks by which rounding may bring one forward."""


class ClockOut(Node):
    """MIDI's timing clock, 24 ticks a beat, each on the first frame whose beat has reached it.

    It gives events, so that a patch decides where they go: `{node: MidiOut, events: clock_out}`.
    Where the clock starts at beat 0, so does the song; elsewhere the song position is sent, and
    continue when that place, a whole sixteenth, is reached. A jump is a stop and a continue.
    """

    clock = In(kind="clock", doc="Clock to pass on.")
    out = Out(kind="events", doc="Ticks, start, stop, continue and song position, for MidiOut.")

    running = State((1,), np.int64, doc="0 stopped, 1 waits for its place, 2 runs.")
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
