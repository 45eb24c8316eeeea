from __future__ import annotations

from graph import In, Node, Option, Out, per_sample
from nodes.dsp.math.functions import wave

LINEAR = 1


class Crossfade(Node, family="Mixing"):
    """From one signal to another: dry and wet, two oscillators, two scenes.

    `constant_power` keeps two unlike signals as loud on the way, `linear` two that are alike, which
    would bulge by 3 dB otherwise. At either end the other signal is gone, bit by bit.
    """

    a = In(doc="Signal at 0.")
    b = In(doc="Signal at 1.")
    position = In(0.5, "", 0, 1, doc="0 is a alone, 1 is b alone.")
    law = Option(
        "constant_power", choices=("constant_power", "linear"), doc="Level in the middle: -3 dB or -6 dB each."
    )
    out = Out(doc="The mixture.")

    @per_sample
    def process(a, b, position, law):
        rest = 1.0 - position
        return (
            a * (rest if law == LINEAR or rest == 1.0 else wave(0.25 * rest))
            + b * (position if law == LINEAR or position == 1.0 else wave(0.25 * position))
        )  # fmt: skip
