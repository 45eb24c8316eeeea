from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf


class LowPass(Node, family="Filters"):
    """Two-pole low-pass, 12 dB an octave: takes the brightness off, rings at the corner with a high q.

    The trapezoidal state-variable filter (nodes/dsp/filters/svf.py): it stays stable when `cutoff` moves
    every sample, which a biquad does not, and is in tune up to half the sample rate.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="-3 dB corner at q 0.707; held below half the sample rate.")
    q = In(0.707, "", 0.5, 100, curve="log", doc="Gain at the cutoff; 0.707 is flat, more rings.")
    out = Out(doc="What lies below the cutoff.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        _, low, charge1, charge2 = svf(audio, cutoff, q, charge1, charge2, sample_rate)
        return low, charge1, charge2
