from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf_high


class HighPass(Node, family="Filters"):
    """Two-pole high-pass filter, 12 dB/octave: removes rumble and body, resonates at the cutoff at high q.

    Trapezoidal state-variable design (nodes/dsp/filters/svf.py), stable when `cutoff` moves every sample.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(200, "Hz", 20, 20_000, curve="log", doc="Cutoff frequency; -3 dB at q 0.707; held below Nyquist.")
    q = In(0.707, "", 0.5, 100, curve="log", ramp=0.1, doc="Gain at the cutoff; 0.707 is flat, more resonates.")
    out = Out(doc="Signal above the cutoff.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        high, charge1, charge2 = svf_high(audio, cutoff, q, charge1, charge2, sample_rate)
        return high, charge1, charge2
