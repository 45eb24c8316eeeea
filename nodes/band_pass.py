from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf_band


class BandPass(Node, family="Filters"):
    """Two-pole band-pass filter, 6 dB/octave on each side: formants, wah, tuned resonance.

    Gain at `cutoff` is 1 at every q, so a narrow band is no louder than a wide one; the bandwidth is cutoff / q.
    Trapezoidal state-variable design (nodes/dsp/filters/svf.py), stable when `cutoff` moves every sample.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", ramp=0.01, doc="Center frequency; held below Nyquist.")
    q = In(1, "", 0.5, 100, curve="log", ramp=0.1, doc="Center frequency divided by bandwidth.")
    out = Out(doc="Band around the cutoff.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        band, charge1, charge2 = svf_band(audio, cutoff, q, charge1, charge2, sample_rate)
        return band, charge1, charge2
