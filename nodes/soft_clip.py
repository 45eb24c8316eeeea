"""The soft clipper."""

from __future__ import annotations

from graph import In, Node, Out, per_sample
from nodes.dsp.functions import tanh


class SoftClip(Node, family="Drive"):
    """Saturation that rounds peaks off instead of cutting them: out = tanh(drive * audio).

    What is quiet only becomes `drive` times louder, and whatever comes in, out stays within -1 .. 1:
    a safe end of a patch. A hyperbolic tangent and not a cubic, as the cubic has a corner where it
    meets its ceiling and has to be clipped again above it.
    """

    audio = In(doc="Signal to saturate.")
    drive = In(1.0, "", 0, 100, doc="Gain before the curve: 1 leaves quiet signals alone, 10 is fuzz.")
    out = Out(doc="Saturated signal, within -1 .. 1.")

    @per_sample
    def process(audio, drive):
        return tanh(drive * audio)
