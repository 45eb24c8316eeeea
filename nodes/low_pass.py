from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf


class LowPass(Node, family="Filters"):
    """Two-pole low-pass filter, 12 dB/octave: removes brightness, resonates at the cutoff at high q.

    Trapezoidal state-variable design (nodes/dsp/filters/svf.py): stable when `cutoff` moves every sample, unlike a
    biquad, and in tune up to half the sample rate.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="Cutoff frequency; -3 dB at q 0.707; held below Nyquist.")
    q = In(0.707, "", 0.5, 100, curve="log", doc="Gain at the cutoff; 0.707 is flat, more resonates.")
    out = Out(doc="Signal below the cutoff.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        _, low, charge1, charge2 = svf(audio, cutoff, q, charge1, charge2, sample_rate)
        return low, charge1, charge2
