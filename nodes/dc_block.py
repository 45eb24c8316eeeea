from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import prewarp


class DcBlock(Node, family="Filters"):
    """One-pole DC blocker: removes a constant offset without an audible change.

    With one pole the overshoot cannot exceed the offset, and the phase shift of low notes is smallest. It filters
    the differences between samples, so the remaining offset decays to exactly 0; subtracting a running mean would
    stall at the mean's last bit.
    """

    audio = In(doc="Signal that may have a DC offset.")
    cutoff = In(10, "Hz", 1, 200, curve="log", doc="-3 dB corner.")
    out = Out(doc="Signal without DC.")
    before = State()
    last = State()

    @per_sample
    def process(audio, cutoff, before, last, sample_rate):
        n, d = prewarp(cutoff, sample_rate)
        out = ((d - n) * last + d * (audio - before)) / (d + n)
        return out, audio, out
