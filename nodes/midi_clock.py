"""Tempo and song position from incoming MIDI clock."""

from __future__ import annotations

import numpy as np

from graph import CONTINUE, JUMP, START, STOP, TICK, In, Node, Option, Out, State, clear, emit, kernel
from nodes.dsp.clocks.midi_clock_pll import LAST, NEXT, PERIOD, SEEN, SLOPE, follow_tick, skipped_ticks
from nodes.dsp.math.functions import clamp

GONE = 0.5
"""Seconds without a tick after which the clock counts as lost."""


class MidiClock(Node):
    """Clock that follows incoming MIDI timing clock: 24 ticks per beat, start, stop, continue and song position.

    Ticks arrive with about a millisecond of jitter. A delay-locked loop filters it out of tempo and beat; tempo
    from raw tick intervals would vary by 5 %. Start takes effect on the tick grid. Playback stops half a second
    after the last tick. When ticks return, the beat is where it would be without the gap.
    """

    events = In(kind="events", doc="Events from MidiIn, which passes timing clock through.")
    tempo = In(
        120.0, "bpm", 20.0, 999.0, curve="log", rate="block", voices=1, channels=1, doc="Tempo until ticks arrive."
    )
    offset = In(0.0, "s", -0.5, 0.5, rate="block", voices=1, channels=1, doc="MIDI latency: how much earlier to play.")
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats per bar.")
    out = Out(kind="clock", doc="Clock in sync with the sender.")

    loop = State((5,), np.float64)
    counts = State((2,), np.int64)
    place = State((1,), np.int64, doc="Index of the next tick from the start of the song.")
    now = State((1,), np.int64, doc="Frames since the start.")
    running = State((1,), np.int64, doc="0 stopped, 1 waiting for its first tick, 2 running, 3 running but lost.")
    shown = State((2,), np.float64, doc="Beat of the latest frame; 1 if it was playing.")

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
                        # Start on the grid if it is known: the first tick of the song has jitter too.
                        heard = running[0] != 3 and counts[SEEN] > 24
                        running[0] = 2 if heard else 1
                elif record.kind == STOP:
                    running[0] = 0
            if counts[SEEN] > 0 and time - loop[LAST] > GONE * rate:
                if running[0] == 2:
                    running[0] = 3
                elif running[0] != 3:
                    counts[SEEN] = 0  # the next tick restarts the loop
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
