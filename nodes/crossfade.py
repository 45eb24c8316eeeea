from __future__ import annotations

from graph import In, Node, Option, Out, per_sample
from nodes.dsp.math.functions import wave

LINEAR = 1


class Crossfade(Node, family="Mixing"):
    """Crossfade between two signals: dry and wet, two oscillators, two scenes.

    `constant_power` keeps the loudness of uncorrelated signals constant. `linear` is for correlated signals, which
    would rise by 3 dB in the middle otherwise. At either end the other signal is exactly absent.
    """

    a = In(doc="Signal at position 0.")
    b = In(doc="Signal at position 1.")
    position = In(0.5, "", 0, 1, doc="0 is `a` only, 1 is `b` only.")
    law = Option(
        "constant_power", choices=("constant_power", "linear"), doc="Level of each in the middle: -3 dB or -6 dB."
    )
    out = Out(doc="Crossfaded signal.")

    @per_sample
    def process(a, b, position, law):
        rest = 1.0 - position
        return (
            a * (rest if law == LINEAR or rest == 1.0 else wave(0.25 * rest))
            + b * (position if law == LINEAR or position == 1.0 else wave(0.25 * position))
        )  # fmt: skip
