from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.functions import clamp
from nodes.dsp.harmonics import EDGES, any_above, low_saw, saw
from nodes.dsp.phase import TURN, advance, highest_steps

HALF_TURN = np.uint32(2**31)


class Pulse(Node):
    """Pulse wave: hollow at half width, where only odd harmonics are left, nasal when narrow.

    The difference of two saws `width` apart, made as Saw makes them. So it has no mean at any
    width, and a modulated width does not thump as a pulse of -1 .. 1 would. Its levels are
    2 - 2 width and -2 width: a square of -1 .. 1 at half width. It starts on its rising edge.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    width = In(0.5, "", 0.05, 0.95, doc="Part of the turn that is high.")
    out = Out(doc="Peak to peak 2, mean 0.")
    phase = State(dtype=np.uint32, doc="2**32 steps a turn; the rising edge is at 0.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, width, out, phase = block.freq, block.width, block.out, block.phase
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        if any_above(freq, frames * lanes, EDGES / scale, 1, 4):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane, 0, 4)
                    steps = clamp(scale * load(freq, i, 1, 4), least, most)
                    falling = advance(turn ^ HALF_TURN, TURN * (0.5 - clamp(load(width, i, 2, 4), 0.05, 0.95)))
                    store(out, i, saw(falling, steps) - saw(turn, steps), 3, 4)
                    store(phase, lane, advance(turn, steps), 0, 4)
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane, 0, 4)
                    steps = clamp(scale * load(freq, i, 1, 4), least, most)
                    falling = advance(turn ^ HALF_TURN, TURN * (0.5 - clamp(load(width, i, 2, 4), 0.05, 0.95)))
                    store(out, i, low_saw(falling, steps) - low_saw(turn, steps), 3, 4)
                    store(phase, lane, advance(turn, steps), 0, 4)
