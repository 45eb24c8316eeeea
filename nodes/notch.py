from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import band
from nodes.dsp.math.functions import prewarp_exactly


class Notch(Node, family="Filters"):
    """Two-pole notch: takes one frequency out, such as a hum or a whistle, and leaves the rest alone.

    Input less band-pass of the trapezoidal state-variable filter (nodes/dsp/filters/svf.py): complete at the
    cutoff whatever the q, and `cutoff` may move every sample. In float64, as what is left beside the gap is
    the small difference of two that are nearly equal. Two in series sweep like a phaser.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="What is taken out; held below half the sample rate.")
    q = In(1, "", 0.5, 100, curve="log", ramp=0.05, doc="Cutoff over the width of the gap at -3 dB.")
    out = Out(doc="All but the cutoff.")
    charge1 = State(dtype=np.float64)
    charge2 = State(dtype=np.float64)

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        n, d = prewarp_exactly(cutoff, sample_rate)
        through, charge1, charge2 = band(np.float64(audio), n, d, np.float64(q), charge1, charge2)
        return audio - through, charge1, charge2
