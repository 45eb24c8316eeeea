from __future__ import annotations

from typing import Any

import numpy as np

from graph import Cable, In, Node, Option, Out, Setup, State, per_sample
from nodes.dsp.math.functions import exp2
from nodes.dsp.math.phase import TURN, advance
from nodes.dsp.math.random import seeds, shuffle, uniform


class Drift(Node, family="Modulation"):
    """Slow random pitch drift, like the detuning between analog oscillators.

    The pitch moves from one random value to the next along a curve of continuous speed, so it wanders and never
    jumps; filtered noise would need level compensation at each rate. Each voice drifts independently. Ken Perlin,
    "Improving noise", SIGGRAPH 2002.
    """

    freq = In(440, "Hz", 0, 20_000, curve="log", doc="Center pitch.")
    depth = In(8, "cents", 0, 1_200, doc="Largest deviation from `freq`.")
    rate = In(0.5, "Hz", 0.01, 20, curve="log", doc="New random pitches per second.")
    out = Out("Hz", doc="Drifting pitch.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives it from the node's name.")
    turn = State(dtype=np.uint32, doc="Phase between two random pitches; 2**32 steps per cycle.")
    random = State(dtype=np.uint32)
    here = State(doc="Previous random pitch, -1 .. 1.")
    there = State(doc="Next random pitch.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        rng = [np.random.default_rng(int(s)) for s in seeds(setup.name, self.seed, setup.lanes)]
        first = np.array([[r.uniform(-1, 1), r.uniform(-1, 1), r.integers(1, 2**32), r.integers(2**32)] for r in rng])
        here, there, random, turn = first.T
        if setup.start.seconds != 0.0 and not isinstance(self.inputs["rate"], Cable):
            random, steps = random.astype(np.uint32), np.float32(TURN / setup.sample_rate)
            gone = turn.astype(np.int64) + setup.gone * int(np.float32(self.inputs["rate"]) * steps)
            for arrived in range(int(gone.max()) >> 32):
                on = arrived < gone >> 32
                random = np.where(on, shuffle(random), random)
                here, there = np.where(on, there, here), np.where(on, random.astype(np.int32) * 2.0**-31, there)
            turn = gone % 2**32
        return {"here": here, "there": there, "random": random, "turn": turn}

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
