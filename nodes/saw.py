from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.blep import signed_as, step
from nodes.dsp.phase import advance, increment, signed


class Saw(Node):
    """Sawtooth: every harmonic at 1/n; brass, strings, the raw material of subtractive synthesis.

    A polynomial band-limited step (nodes/dsp/blep.py) around each edge: it needs no table and no
    oversampling, and follows `freq` at audio rate, which a wavetable does not.
    The first sample is 0; it rises to 1 in half a turn and falls to -1.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    out = Out(doc="-1 .. 1")
    phase = State(dtype=np.uint32, initial=2**31, doc="2**32 steps a turn; the edge is at 0.")

    @per_sample
    def process(freq, phase, sample_rate):
        steps = increment(freq, sample_rate)
        since = signed(phase)
        height = 4.656612873077393e-10 * abs(since) - step(abs(since) / steps)
        return signed_as(height, phase), advance(phase, steps)
