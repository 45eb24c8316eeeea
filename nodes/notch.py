from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import band
from nodes.dsp.math.functions import prewarp_exactly


class Notch(Node, family="Filters"):
    """Two-pole notch filter: removes one frequency, such as hum or a whistle.

    The input minus the band-pass of a trapezoidal state-variable filter (nodes/dsp/filters/svf.py). The null at
    the cutoff is complete at every q, and `cutoff` may change every sample. Runs in float64, because near the
    null the output is the small difference of two nearly equal values. Two in series sweep like a phaser.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="Frequency to remove; limited to below half the sample rate.")
    q = In(1, "", 0.5, 100, curve="log", ramp=0.05, doc="Cutoff divided by the -3 dB bandwidth of the notch.")
    out = Out(doc="Filtered signal.")
    charge1 = State(dtype=np.float64)
    charge2 = State(dtype=np.float64)

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        n, d = prewarp_exactly(cutoff, sample_rate)
        through, charge1, charge2 = band(np.float64(audio), n, d, np.float64(q), charge1, charge2)
        return audio - through, charge1, charge2
