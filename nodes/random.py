from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, per_sample
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.math.phase import STEP, TURN, advance
from nodes.dsp.math.random import seeds, shuffle, uniform


class Random(Node, family="Modulation"):
    """Random modulation source: stepped or smooth random values at a given rate.

    Each lane draws its own values, uniform between `low` and `high`. `glide` is the fraction of each cycle spent
    moving to the new value along a smooth curve; at 1 it never holds. The same seed gives the same values.
    """

    rate = In(2, "Hz", 0, 100, curve="log", doc="New values per second; at 0 only `trigger` draws one.")
    low = In(-1, "any", doc="Lowest value.")
    high = In(1, "any", doc="Highest value.")
    glide = In(0, "", 0, 1, ramp=0.02, doc="Glide fraction: 0 steps, 1 smooth.")
    trigger = In(0, doc="A rise above 0.5 draws a new value.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives one from the node's name.")
    out = Out("any", doc="Random value, `low` .. `high`.")
    turn = State(dtype=np.uint32)
    rest = State(doc="Fractional phase step left over from the last frame.")
    random = State(dtype=np.uint32)
    was = State()
    before = State()

    def prepare(self, setup: Setup) -> dict[str, Any]:
        state = seeds(setup.name, self.seed, setup.lanes)
        return {"random": state, "was": state.astype(np.int32) * 2.0**-31}

    @per_sample
    def process(rate, low, high, glide, trigger, turn, rest, random, was, before, sample_rate):
        fired = (trigger > 0.5) & (before <= 0.5)
        value = uniform(random)
        place = 0.5 + STEP * np.float32(np.int32(np.uint32(turn) ^ np.uint32(0x80000000)))
        way = place / (glide if glide > 1e-6 else 1e-6)
        now = was + (value - was) * smooth(way if way < 1.0 else 1.0)
        out = low + (high - low) * (0.5 + 0.5 * (now if glide > 0.0 else value))
        steps = rate * (TURN / sample_rate) + rest
        whole = np.floor(steps)
        following = advance(turn, whole)
        new = (following < turn) | fired
        was = now if new else was
        following = np.uint32(0) if fired else following
        return out, following, steps - whole, shuffle(random) if new else random, was, trigger
