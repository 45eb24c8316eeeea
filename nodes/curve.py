from __future__ import annotations

from graph import In, Node, Out, per_sample
from nodes.dsp.math.functions import clamp


class Curve(Node, family="Modulation"):
    """Response curve: bends a knob, velocity or envelope between two end values.

    Schlick's bias curve, "Fast alternatives to Perlin's bias and gain functions", Graphics Gems IV, 1994. One
    control runs from convex to concave. Unlike powers and exponentials, the curve is exact at both ends, and the
    opposite bend is its inverse.
    """

    audio = In(0, "", doc="Input, 0 .. 1; clamped.")
    bend = In(0, "", -1, 1, doc="0 is linear; above 0 rises early, below 0 rises late.")
    low = In(0, "any", doc="Output for input 0.")
    high = In(1, "any", doc="Output for input 1.")
    out = Out("any", doc="Shaped value, low .. high.")

    @per_sample
    def process(audio, bend, low, high):
        x = clamp(audio, 0.0, 1.0)
        bias = 0.5 + 0.499 * bend
        y = x * bias / (bias + (1.0 - 2.0 * bias) * (1.0 - x))
        return low + y * (high - low)
