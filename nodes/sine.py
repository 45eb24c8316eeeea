from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import sine
from nodes.dsp.math.phase import STEP, advance, increment, signed


class Sine(Node):
    """Sine wave: one partial, the carrier or the modulator of FM.

    A polynomial computes each sample (nodes/dsp/math/functions.py; -131 dB): cheaper than a table's two
    loads and a blend, and it takes a phase that moves at audio rate. It starts at 0 and rises.
    """

    freq = In(440, "Hz", 0, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    phase = In(0, "", ramp=0.05, doc="Phase in turns, added to the running one: FM as the DX7 does it.")
    out = Out(doc="-1 .. 1")
    turn = State(dtype=np.uint32, doc="2**32 steps a turn.")

    @per_sample
    def process(freq, phase, turn, sample_rate):
        return sine(STEP * signed(turn) + phase), advance(turn, increment(freq, sample_rate))
