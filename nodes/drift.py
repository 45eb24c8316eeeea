from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, per_sample
from nodes.dsp.math.functions import exp2
from nodes.dsp.math.phase import TURN, advance
from nodes.dsp.math.random import seeds, shuffle, uniform


class Drift(Node, family="Modulation"):
    """Slow random pitch: what keeps two analogue oscillators from ever being quite in tune.

    From one random pitch to the next along a curve without corners in its speed, so it wanders and
    never jumps; filtered noise would need its level made up for each rate. Each voice wanders by
    itself. Ken Perlin, "Improving noise", SIGGRAPH 2002.
    """

    freq = In(440, "Hz", 0, 20_000, curve="log", doc="Pitch to wander about.")
    depth = In(8, "cents", 0, 1_200, doc="Farthest from `freq`.")
    rate = In(0.5, "Hz", 0.01, 20, curve="log", doc="New pitches a second.")
    out = Out("Hz", doc="Pitch.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Another number, another way; 0 takes the node's name.")
    turn = State(dtype=np.uint32, doc="2**32 steps from one pitch to the next.")
    random = State(dtype=np.uint32)
    here = State(doc="The pitch it comes from, -1 .. 1.")
    there = State(doc="The pitch it goes to.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        rng = [np.random.default_rng(int(s)) for s in seeds(setup.name, self.seed, setup.lanes)]
        first = np.array([[r.uniform(-1, 1), r.uniform(-1, 1), r.integers(1, 2**32), r.integers(2**32)] for r in rng])
        return dict(zip(("here", "there", "random", "turn"), first.T, strict=True))

    @per_sample
    def process(freq, depth, rate, turn, random, here, there, sample_rate):
        x = 4.656612873077393e-10 * np.float32(np.int32(turn >> 1))
        x = x * x * x * (10.0 + x * (6.0 * x - 15.0))
        out = freq * exp2(0.0008333333333333334 * depth * (here + (there - here) * x))
        following = advance(turn, rate * (TURN / sample_rate))
        number = shuffle(random)
        new = uniform(number)
        arrived = (np.int32(turn) < 0) & (np.int32(following) >= 0)
        return out, following, number if arrived else random, there if arrived else here, new if arrived else there
