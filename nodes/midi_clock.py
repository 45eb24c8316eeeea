"""Another machine's tempo and place, from MIDI."""

from __future__ import annotations

import numpy as np

from graph import CONTINUE, JUMP, START, STOP, TICK, In, Node, Option, Out, State, clear, emit, kernel
from nodes.dsp.clocks.midi_clock_pll import LAST, NEXT, PERIOD, SEEN, SLOPE, follow_tick, skipped_ticks
from nodes.dsp.math.functions import clamp

GONE = 0.5
"""Seconds without a tick after which nobody is sending."""


class MidiClock(Node):
    """Follows MIDI's timing clock: 24 ticks a beat, start, stop, continue and song position.

    Ticks arrive a millisecond early or late; a delay-locked loop draws an even grid through them, so
    that neither tempo nor beats tremble (counting ticks alone would, by 5 %). Start takes effect on
    the grid. A clock that stops coming stops playing after half a second; when it is back, the beat
    is where it would be had it never gone.
    """

    events = In(kind="events", doc="From MidiIn, which passes the clock on.")
    tempo = In(
        120.0, "bpm", 20.0, 999.0, curve="log", rate="block", voices=1, channels=1, doc="Until a clock is heard."
    )
    offset = In(
        0.0, "s", -0.5, 0.5, rate="block", voices=1, channels=1, doc="How much earlier to play: latency of MIDI."
    )
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats in a bar.")
    out = Out(kind="clock", doc="The clock that is followed.")

    loop = State((5,), np.float64)
    counts = State((2,), np.int64)
    place = State((1,), np.int64, doc="Number of the next tick, from the start of the song.")
    now = State((1,), np.int64, doc="Frames since the start.")
    running = State((1,), np.int64, doc="0 stopped, 1 waits for its first tick, 2 runs, 3 runs and is not heard.")
    shown = State((2,), np.float64, doc="Beat of the latest frame, and whether it was playing.")

    @kernel(double=True)
    def process(block):
        out, events, loop, counts, running = block.out, block.events, block.loop, block.counts, block.running
        rate = float(block.sample_rate)
        ahead = clamp(float(block.offset[0]), -0.5, 0.5) * rate
        clear(out.changes)
        out.quantum[0] = block.quantum
        if loop[LAST] == 0.0:
            loop[PERIOD] = rate * 60.0 / (24.0 * clamp(float(block.tempo[0]), 20.0, 999.0))
            loop[SLOPE] = 1.0 / loop[PERIOD]
        beat = block.shown[0]
        event = 0
        for frame in range(block.frames):
            time = float(block.now[0] + 1)
            jumps = False
            while event < events.count[0] and events.records[event].frame <= frame:
                record = events.records[event]
                event += 1
                if record.kind == TICK:
                    if running[0] == 3:
                        missed = skipped_ticks(loop, time)
                        block.place[0] += missed
                        loop[NEXT] += loop[PERIOD] * missed
                    if running[0] != 0:
                        running[0] = 2
                    follow_tick(loop, counts, time, rate)
                    if running[0] == 2:
                        block.place[0] += 1
                elif record.kind == START or record.kind == CONTINUE or record.kind == JUMP:
                    if record.kind != CONTINUE:
                        goal = 0.0 if record.kind == START else clamp(record.value, 0.0, 1e9)
                        block.place[0] = int(np.floor(24.0 * goal + 0.5))
                        jumps = True
                    if record.kind != JUMP:
                        # On the grid where there is one: the tick that begins the song is late as any.
                        heard = running[0] != 3 and counts[SEEN] > 24
                        running[0] = 2 if heard else 1
                elif record.kind == STOP:
                    running[0] = 0
            if counts[SEEN] > 0 and time - loop[LAST] > GONE * rate:
                if running[0] == 2:
                    running[0] = 3
                elif running[0] != 3:
                    counts[SEEN] = 0  # the next one begins a new line
            playing = running[0] == 2
            was = block.shown[1] > 0.5
            if playing:
                goal = (float(block.place[0]) + (time + ahead - loop[NEXT]) * loop[SLOPE]) / 24.0
                beat = goal if jumps or not was else max(goal, beat)
            elif jumps:
                beat = float(block.place[0]) / 24.0
            if playing != was:
                emit(out.changes, frame, START if playing else STOP, 0, 0, 0.0, beat)
                block.shown[1] = 1.0 if playing else 0.0
            elif abs(beat - block.shown[0]) > 1e-9 and jumps:
                emit(out.changes, frame, JUMP, 0, 0, 0.0, beat)
            out.beat[frame] = beat
            out.tempo[frame] = rate * 60.0 / (24.0 * loop[PERIOD])
            out.playing[frame] = 1 if playing else 0
            block.shown[0] = beat
            block.now[0] += 1
        out.beat[block.frames] = beat + (loop[SLOPE] / 24.0 if block.shown[1] > 0.5 else 0.0)
