"""A number with a name."""

from __future__ import annotations

from graph import In, Node, Out, per_sample


class Constant(Node, family="Modulation"):
    """A number with a name: one knob that feeds many inputs and may be turned while playing.

    A port that a cable drives cannot be set; a Constant at the other end of the cable can. It takes
    whatever unit is written, as it does not know where it is going.
    """

    value = In(0.0, "any", doc="The number; a change while playing glides.")
    out = Out("any", doc="value")

    @per_sample
    def process(value):
        return value
