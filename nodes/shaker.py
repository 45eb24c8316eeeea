from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, per_sample
from nodes.dsp.drums.collisions import collide
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.random import seeds
from nodes.dsp.physical.percussion import fall, one_pole, settled, struck


class Shaker(Node, family="Drums"):
    """Shaker: maraca, egg, cabasa or rainstick, depending on the number of beans and the size of the gourd.

    Beans collide at random during the shake and excite the resonance of the gourd (nodes/dsp/drums/collisions.py).
    Drum machines use a burst of filtered noise, which is smooth where this rustles, and no two shakes are alike. A
    shake swells over the time of a wrist movement.
    """

    trigger = In(0, doc="A rise above 0.5 starts a shake.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strength of the shake.")
    freq = In(5_200, "Hz", 200, 16_000, curve="log", doc="Resonance of the gourd: maraca 3.2 kHz, egg 6 kHz.")
    q = In(2, "", 0.5, 30, curve="log", doc="Q of the resonance.")
    beans = In(1_500, "", 10, 20_000, curve="log", doc="Collisions per second.")
    attack = In(0.012, "s", 0.001, 1, curve="log", doc="Time constant of the wrist movement.")
    decay = In(0.16, "s", 0.01, 20, curve="log", doc="Decay time (T60).")
    out = Out(doc="Output, about -1 .. 1.")
    push = State()
    energy = State()
    level = State()
    charge1 = State()
    charge2 = State()
    random = State(dtype=np.uint32)
    last = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"random": seeds(setup.name, 0, setup.lanes)}

    @per_sample
    def process(
        trigger, velocity, freq, q, beans, attack, decay,
        push, energy, level, charge1, charge2, random, last, sample_rate,
    ):  # fmt: skip
        push = velocity if struck(trigger, last) else push
        energy = energy + one_pole(0.15915494 / attack, sample_rate) * (push - energy)
        noise, level, random = collide(energy, level, random, beans, fall(0.012, sample_rate), sample_rate)
        band, _, charge1, charge2 = svf(noise, freq, q, charge1, charge2, sample_rate)
        return (
            2.1 * band / np.sqrt(q),
            settled(push * fall(decay, sample_rate)),
            settled(energy), level, settled(charge1), settled(charge2), random, trigger,
        )  # fmt: skip
