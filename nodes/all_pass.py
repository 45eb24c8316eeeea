from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.svf import svf_band


class AllPass(Node, family="Filters"):
    """Two-pole all-pass: every level stays, the phase turns by 360 degrees around the cutoff.

    Alone it softens transients; summed with its input it is a notch that moves, the stage of a
    phaser. Input less twice the band-pass of the trapezoidal state-variable filter
    (nodes/dsp/filters/svf.py), so `cutoff` may move every sample.
    """

    audio = In(doc="Signal to turn.")
    cutoff = In(
        1_000, "Hz", 20, 20_000, curve="log", ramp=0.01, doc="Where the phase is turned by half; below half the rate."
    )
    q = In(0.707, "", 0.5, 100, curve="log", ramp=0.1, doc="How suddenly the phase turns.")
    out = Out(doc="The signal, every frequency as loud as before.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        band, charge1, charge2 = svf_band(audio, cutoff, q, charge1, charge2, sample_rate)
        return audio - 2.0 * band, charge1, charge2
