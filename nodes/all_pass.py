from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf_band


class AllPass(Node, family="Filters"):
    """Two-pole all-pass filter: flat magnitude, 360 degrees of phase shift across the cutoff.

    Alone it softens transients. Summed with its input it makes a notch, the building block of a phaser. It is the
    input minus twice the band-pass of the trapezoidal state-variable filter (nodes/dsp/filters/svf.py), so it stays
    stable when `cutoff` moves every sample.
    """

    audio = In(doc="Input signal.")
    cutoff = In(
        1_000, "Hz", 20, 20_000, curve="log", ramp=0.01, doc="Frequency of 180-degree phase shift; held below Nyquist."
    )
    q = In(0.707, "", 0.5, 100, curve="log", ramp=0.1, doc="Steepness of the phase transition.")
    out = Out(doc="Phase-shifted signal, equally loud at every frequency.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        band, charge1, charge2 = svf_band(audio, cutoff, q, charge1, charge2, sample_rate)
        return audio - 2.0 * band, charge1, charge2
