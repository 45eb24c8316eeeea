from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.oscillators.harmonics import CORNERS, any_above, low_triangle, triangle


class Triangle(Node):
    """Band-limited triangle oscillator: odd harmonics at 1/n**2; mellow, flute-like.

    A band-limited corner (nodes/dsp/oscillators/blep.py) is added at the nearer turning point. An integrated square
    would drift, and its level would depend on the pitch. At high pitches, where corners are too close for it, the few
    harmonics are summed directly (nodes/dsp/oscillators/harmonics.py). Starts at 0, rising.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; limited to below half the sample rate.")
    out = Out(doc="Triangle, -1 .. 1.")
    phase = State(dtype=np.uint32, initial=2**30, doc="Phase, 2**32 per cycle; the lowest point is at 0.")

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
