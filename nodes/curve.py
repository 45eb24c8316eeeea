from __future__ import annotations

from graph import In, Node, Out, per_sample
from nodes.dsp.math.functions import clamp


class Curve(Node, family="Modulation"):
    """Bends a control: how a knob, a velocity or an envelope answers, between two ends.

    Schlick's bias curve, "Fast alternatives to Perlin's bias and gain functions", Graphics Gems IV, 1994:
    one knob from the corner below to the corner above, exact at both ends, and its own inverse for the
    opposite bend, which powers and exponentials are not.
    """

    signal = In(0, "", doc="What is bent, 0 .. 1; held there.")
    bend = In(0, "", -1, 1, doc="0 is straight; above 0 it rises early, below 0 late.")
    low = In(0, "any", doc="Result for 0.")
    high = In(1, "any", doc="Result for 1.")
    out = Out("any", doc="low .. high")

    @per_sample
    def process(signal, bend, low, high):
        x = clamp(signal, 0.0, 1.0)
        bias = 0.5 + 0.499 * bend
        y = x * bias / (bias + (1.0 - 2.0 * bias) * (1.0 - x))
        return low + y * (high - low)
