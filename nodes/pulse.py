from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, helper, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp, lerp
from nodes.dsp.math.phase import STEP, TURN, advance, highest_steps, signed
from nodes.dsp.oscillators.harmonics import EDGES, any_above, low_saw, share, sum_of_saw

HALF_TURN = np.uint32(2**31)


class Pulse(Node):
    """Band-limited pulse oscillator: hollow at half width (odd harmonics only), nasal when narrow.

    The difference of two saws `width` of a cycle apart, each generated as in Saw. A width modulated at audio rate
    moves the falling edge with it and does not alias either. The mean is 0 at every width, so width modulation
    does not thump as with a pulse of -1 .. 1. The levels are 2 - 2 width and -2 width: a square of -1 .. 1 at half
    width. Starts on its rising edge.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; limited to below half the sample rate.")
    width = In(0.5, "", 0.05, 0.95, doc="Fraction of the cycle that is high.")
    out = Out(doc="Pulse wave, 2 peak to peak, mean 0.")
    phase = State(dtype=np.uint32, doc="Phase, 2**32 per cycle; the rising edge is at 0.")
    before = State(doc="Width of the previous frame; 0 on the first.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, width, out, phase, before = block.freq, block.width, block.out, block.phase, block.before
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        if any_above(freq, frames * lanes, EDGES / scale):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    now = clamp(load(width, i), 0.05, 0.95)
                    falling = advance(turn ^ HALF_TURN, TURN * (0.5 - now))
                    fast = falling_steps(steps, load(before, lane), now)
                    low = low_saw(falling, fast) - low_saw(turn, steps)
                    high = sum_of_saw(STEP * signed(falling), steps) - sum_of_saw(STEP * signed(turn), steps)
                    store(out, i, lerp(low, high, share(steps, EDGES)))
                    store(before, lane, now)
                    store(phase, lane, advance(turn, steps))
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    now = clamp(load(width, i), 0.05, 0.95)
                    falling = advance(turn ^ HALF_TURN, TURN * (0.5 - now))
                    fast = falling_steps(steps, load(before, lane), now)
                    store(out, i, low_saw(falling, fast) - low_saw(turn, steps))
                    store(before, lane, now)
                    store(phase, lane, advance(turn, steps))


@helper
def falling_steps(steps, before, now):
    """Phase step of the falling edge: a change of width adds to its speed."""
    fast = abs(steps + TURN * ((before if before > 0.0 else now) - now))
    return fast if fast > 1.0 else np.float32(1.0)
