"""The patch's own clock."""

from __future__ import annotations

import numpy as np

from graph import START, STOP, In, Node, Option, Out, State, clear, emit, kernel
from nodes.dsp.beats import beat_at
from nodes.dsp.functions import clamp


class Transport(Node):
    """A clock with a tempo of its own: beats and bars where no other machine gives them.

    Beats are counted from the last change of tempo, not added up frame by frame, so that an hour at
    120 bpm ends on its sample. A new tempo holds from its exact frame, and the beat goes on from
    where it is. Stopped, the beat stands still and playing goes on from there.
    """

    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Beats a minute.")
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats in a bar.")
    playing = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Runs while above 0.5.")
    out = Out(kind="clock", doc="Beat, tempo, bar length, and each start and stop at its frame.")

    anchor = State((3,), np.float64)
    running = State((1,), np.int64)

    @kernel(double=True)
    def process(block):
        out = block.out
        anchor = block.anchor
        rate = float(block.sample_rate)
        clear(out.changes)
        out.quantum[0] = block.quantum
        tempo = anchor[2]
        for frame in range(block.frames):
            tempo = clamp(float(block.tempo[frame, 0]), 20.0, 999.0)
            beat = beat_at(anchor, tempo, rate)
            playing = 1 if block.playing[frame, 0] > 0.5 else 0
            if playing != block.running[0]:
                emit(out.changes, frame, START if playing else STOP, 0, 0, 0.0, beat)
                block.running[0] = playing
            out.beat[frame] = beat
            out.tempo[frame] = tempo
            out.playing[frame] = playing
            anchor[1] += playing
        out.beat[block.frames] = beat_at(anchor, tempo, rate)
