from __future__ import annotations

from graph import In, Node, Option, Out, inline, per_sample
from nodes.dsp.math.functions import exp2, log2

CURVES = ("linear", "log")


@inline
def between(knob, low, high, curve):
    """Value at `knob` between `low` and `high`; linear where an end is not above 0 and has no logarithm."""
    straight = low + knob * (high - low)
    start = low if low > 1e-30 else 1e-30
    end = high if high > 1e-30 else 1e-30
    bent = start * exp2(knob * (log2(end) - log2(start)))
    return bent if (curve == 1) & (low > 0.0) & (high > 0.0) else straight


class Macro(Node, family="Modulation"):
    """Macro control: one knob that sets four outputs, each over its own range.

    A range may run backwards, so one parameter falls while another rises. With `log` equal knob movements are
    equal ratios, as suits frequencies and times; both ends of the range must be above 0.
    """

    knob = In(0, "", 0, 1, doc="Knob position.")
    low1 = In(0, "any", doc="First output at knob 0.")
    high1 = In(1, "any", doc="First output at knob 1.")
    low2 = In(0, "any", doc="Second output at knob 0.")
    high2 = In(1, "any", doc="Second output at knob 1.")
    low3 = In(0, "any", doc="Third output at knob 0.")
    high3 = In(1, "any", doc="Third output at knob 1.")
    low4 = In(0, "any", doc="Fourth output at knob 0.")
    high4 = In(1, "any", doc="Fourth output at knob 1.")
    curve1 = Option("linear", choices=CURVES, doc="Curve of the first range.")
    curve2 = Option("linear", choices=CURVES, doc="Curve of the second range.")
    curve3 = Option("linear", choices=CURVES, doc="Curve of the third range.")
    curve4 = Option("linear", choices=CURVES, doc="Curve of the fourth range.")
    out1 = Out("any", doc="Value in the first range.")
    out2 = Out("any", doc="Value in the second range.")
    out3 = Out("any", doc="Value in the third range.")
    out4 = Out("any", doc="Value in the fourth range.")

    @per_sample
    def process(knob, low1, high1, low2, high2, low3, high3, low4, high4, curve1, curve2, curve3, curve4):
        first = between(knob, low1, high1, curve1)
        second = between(knob, low2, high2, curve2)
        return first, second, between(knob, low3, high3, curve3), between(knob, low4, high4, curve4)
