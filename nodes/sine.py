from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import sine
from nodes.dsp.math.phase import STEP, advance, increment, signed


class Sine(Node):
    """Sine oscillator: a single partial; carrier or modulator for FM.

    Each sample comes from a polynomial with an error of -131 dB (nodes/dsp/math/functions.py), cheaper than a table
    lookup with interpolation. The phase may be modulated at audio rate. Starts at 0, rising.
    """

    freq = In(440, "Hz", 0, 20_000, curve="log", doc="Pitch; limited to below half the sample rate.")
    phase = In(0, "", ramp=0.05, doc="Phase offset in cycles: phase modulation, as in the DX7.")
    out = Out(doc="Sine, -1 .. 1.")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle.")

    @per_sample
    def process(freq, phase, turn, sample_rate):
        return sine(STEP * signed(turn) + phase), advance(turn, increment(freq, sample_rate))
