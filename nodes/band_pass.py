from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf_band


class BandPass(Node, family="Filters"):
    """Two-pole band-pass, 6 dB an octave on each side: a formant, a wah, a tuned resonance.

    Its gain at `cutoff` is 1 at every q, so a narrow band is not a loud one; the band is cutoff / q
    wide. The trapezoidal state-variable filter (nodes/dsp/filters/svf.py), so `cutoff` may move every sample.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", ramp=0.01, doc="Centre; held below half the sample rate.")
    q = In(1, "", 0.5, 100, curve="log", ramp=0.1, doc="Centre over bandwidth.")
    out = Out(doc="What lies around the cutoff.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        band, charge1, charge2 = svf_band(audio, cutoff, q, charge1, charge2, sample_rate)
        return band, charge1, charge2
