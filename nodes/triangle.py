from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.blep import corner
from nodes.dsp.phase import advance, increment, signed


class Triangle(Node):
    """Triangle: odd harmonics at 1/n**2; mellow, near a flute or a sine with a little edge.

    A polynomial band-limited corner (nodes/dsp/blep.py) at each turning point, and not an integrated
    square: that drifts, and its level hangs on the pitch. It starts at 0 and rises.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    out = Out(doc="-1 .. 1")
    phase = State(dtype=np.uint32, initial=2**30, doc="2**32 steps a turn; the lowest point is at 0.")

    @per_sample
    def process(freq, phase, sample_rate):
        steps = increment(freq, sample_rate)
        low = abs(signed(phase))
        high = 2147483648.0 - low
        rounding = corner(low / steps) - corner(high / steps)
        return 9.313225746154785e-10 * (low + 2.0 * steps * rounding) - 1.0, advance(phase, steps)
