from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.blep import signed_as, step
from nodes.dsp.phase import TURN, advance, increment, signed

HALF_TURN = np.uint32(2**31)


class Pulse(Node):
    """Pulse wave: hollow at half width, where only odd harmonics are left, nasal when narrow.

    The difference of two band-limited saws (nodes/dsp/blep.py), `width` apart. So it has no mean
    at any width, and a modulated width does not thump as a pulse of -1 .. 1 would. Its levels are
    2 - 2 width and -2 width: a square of -1 .. 1 at half width. It starts on its rising edge.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    width = In(0.5, "", 0.05, 0.95, doc="Part of the turn that is high.")
    out = Out(doc="Peak to peak 2, mean 0.")
    phase = State(dtype=np.uint32, doc="2**32 steps a turn; the rising edge is at 0.")

    @per_sample
    def process(freq, width, phase, sample_rate):
        steps = increment(freq, sample_rate)
        falling = advance(phase ^ HALF_TURN, TURN * (0.5 - width))
        rise = abs(signed(phase))
        fall = abs(signed(falling))
        risen = signed_as(step(rise / steps) - 4.656612873077393e-10 * rise, phase)
        fallen = signed_as(step(fall / steps) - 4.656612873077393e-10 * fall, falling)
        return risen - fallen, advance(phase, steps)
