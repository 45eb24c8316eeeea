"""Transport shared by all programs on a JACK server."""

from __future__ import annotations

import numpy as np

from graph import JUMP, START, STOP, In, Node, Option, Out, Source, State, clear, emit, kernel
from nodes.dsp.clocks.beats import beat_at
from nodes.dsp.math.functions import clamp

SMALL = 0.01
"""Beats of error to correct gradually: a timebase reports whole ticks. A larger error is a jump."""


class JackTransport(Node, family="Notes and time"):
    """JACK transport as a clock: starts, stops and jumps with it, at the tempo of its timebase master.

    Without a timebase master the beat is counted at `tempo` from transport frame 0, so programs with the same tempo
    agree. Without JACK the clock runs freely.
    """

    tempo = In(
        120.0, "bpm", 20.0, 999.0, curve="log", rate="block", ramp=0.0, voices=1, channels=1,
        doc="Tempo when no timebase master sets it.",
    )  # fmt: skip
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats per bar when no timebase master sets them.")
    jack = Source("transport", doc="JACK transport.")
    moment = Source("moment", doc="Time of this block.")
    out = Out(kind="clock", doc="Beat, tempo, bar length, and each start, stop and jump.")

    anchor = State((3,), np.float64)
    place = State((2,), np.float64, doc="Beat of the next frame, and whether JACK's position was known.")
    running = State((1,), np.int64)

    @kernel(double=True)
    def process(block):
        out, jack, anchor, place = block.out, block.jack[0], block.anchor, block.place
        rate = float(block.sample_rate)
        tempo = clamp(float(block.tempo[0]), 20.0, 999.0)
        clear(out.changes)
        out.quantum[0] = block.quantum
        known = jack.known != 0
        runs = 1
        step = 0.0
        jumped = False
        beat = beat_at(anchor, tempo, rate)
        if known:
            runs = 1 if jack.rolling != 0 else 0
            since = block.moment[0].now - jack.at if runs == 1 else 0
            if jack.tempo > 0.0:
                tempo = jack.tempo
                out.quantum[0] = max(jack.quantum, 0.25)
                goal = jack.beat + since * tempo / (60.0 * rate)
            else:
                goal = (jack.frame + since) * tempo / (60.0 * rate)
            error = goal - place[0]
            step = runs * tempo / (60.0 * rate)
            beat = place[0]
            if abs(error) > SMALL or place[1] == 0.0 or runs == 0:
                jumped = abs(error) > 1e-9
                beat = goal
            else:
                step = max(step + 0.05 * error / block.frames, 0.0)
        for frame in range(block.frames):
            if runs != block.running[0]:
                emit(out.changes, frame, START if runs else STOP, 0, 0, 0.0, beat)
                block.running[0] = runs
            elif jumped:
                emit(out.changes, frame, JUMP, 0, 0, 0.0, beat)
            jumped = False
            out.beat[frame] = beat
            out.tempo[frame] = tempo
            out.playing[frame] = runs
            if not known:
                anchor[1] += 1.0
                beat = beat_at(anchor, tempo, rate)
            beat += step
        out.beat[block.frames] = beat
        place[0] = beat
        place[1] = 1.0 if known else 0.0
