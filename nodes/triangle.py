from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.blep import corner
from nodes.dsp.functions import clamp, lerp
from nodes.dsp.harmonics import CORNERS, any_above, share, triangle
from nodes.dsp.phase import STEP, TURN, advance, highest_steps, signed

QUARTER = 1073741824.0


class Triangle(Node):
    """Triangle: odd harmonics at 1/n**2; mellow, near a flute or a sine with a little edge.

    A band-limited corner (nodes/dsp/blep.py) at the nearer turning point, and not an integrated
    square: that drifts, and its level hangs on the pitch. Where corners are too close for it, the
    few harmonics there are (nodes/dsp/harmonics.py). It starts at 0 and rises.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    out = Out(doc="-1 .. 1")
    phase = State(dtype=np.uint32, initial=2**30, doc="2**32 steps a turn; the lowest point is at 0.")
    again = State(dtype=np.uint32, doc="The phase in the second pass over a block.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, out, phase, again = block.freq, block.out, block.phase, block.again
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        for lane in range(lanes):
            store(again, lane, load(phase, lane, 0, 4), 1, 4)
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                turn = load(phase, lane, 0, 4)
                steps = clamp(scale * load(freq, i, 2, 4), least, most)
                height = abs(signed(turn)) - QUARTER
                peak = QUARTER - steps * corner((QUARTER - abs(height)) / steps)
                store(out, i, 4.0 * STEP * (peak if height > 0.0 else -peak), 3, 4)
                store(phase, lane, advance(turn, steps), 0, 4)
        if any_above(freq, frames * lanes, CORNERS / scale, 2, 4):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(again, lane, 1, 4)
                    steps = clamp(scale * load(freq, i, 2, 4), least, most)
                    tone = triangle(STEP * signed(turn), steps)
                    store(out, i, lerp(load(out, i, 3, 4), tone, share(steps, CORNERS)), 3, 4)
                    store(again, lane, advance(turn, steps), 1, 4)
