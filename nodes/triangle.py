from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.oscillators.harmonics import CORNERS, any_above, low_triangle, triangle


class Triangle(Node):
    """Triangle: odd harmonics at 1/n**2; mellow, near a flute or a sine with a little edge.

    A band-limited corner (nodes/dsp/oscillators/blep.py) at the nearer turning point, and not an integrated
    square: that drifts, and its level hangs on the pitch. Where corners are too close for it, the
    few harmonics there are (nodes/dsp/oscillators/harmonics.py). It starts at 0 and rises.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    out = Out(doc="-1 .. 1")
    phase = State(dtype=np.uint32, initial=2**30, doc="2**32 steps a turn; the lowest point is at 0.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, out, phase = block.freq, block.out, block.phase
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        if any_above(freq, frames * lanes, CORNERS / scale):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    store(out, i, triangle(turn, steps))
                    store(phase, lane, advance(turn, steps))
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    store(out, i, low_triangle(turn, steps))
                    store(phase, lane, advance(turn, steps))
