"""Named constant."""

from __future__ import annotations

from graph import In, Node, Out, per_sample


class Constant(Node, family="Modulation"):
    """Named constant: one control that feeds many inputs and can be changed while playing.

    A port driven by a cable cannot be set directly; a Constant at the other end of the cable can. It accepts any
    unit because its destination decides the meaning.
    """

    value = In(0.0, "any", doc="Constant value; changes while playing glide.")
    out = Out("any", doc="Value of the constant.")

    @per_sample
    def process(value):
        return value
