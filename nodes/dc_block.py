from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import prewarp


class DcBlock(Node, family="Filters"):
    """Takes a constant offset out, and nothing that can be heard.

    One pole and not two: it cannot overshoot more than the offset that it removes, and turns the
    phase of the lowest notes the least. It filters the differences of the signal, so what is left of
    an offset falls to exactly 0; subtracting a mean would stall at the mean's last bit.
    """

    audio = In(doc="Signal that may have an offset.")
    cutoff = In(10, "Hz", 1, 200, curve="log", doc="-3 dB corner.")
    out = Out(doc="The signal around 0.")
    before = State()
    last = State()

    @per_sample
    def process(audio, cutoff, before, last, sample_rate):
        n, d = prewarp(cutoff, sample_rate)
        out = ((d - n) * last + d * (audio - before)) / (d + n)
        return out, audio, out
