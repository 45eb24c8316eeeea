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
    """Shaker: maraca, egg, cabasa, rainstick, by how many beans there are and how large the gourd is.

    Beans collide at random while the shake lasts, and the gourd resonates (nodes/dsp/drums/collisions.py). A
    plain burst of filtered noise, as drum machines have it, is smooth where this rustles, and no
    two shakes are alike. A shake swells for as long as a wrist takes.
    """

    trigger = In(0, doc="A shake begins where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard.")
    freq = In(5_200, "Hz", 200, 16_000, curve="log", doc="Resonance of the gourd: 3.2 kHz a maraca, 6 kHz an egg.")
    q = In(2, "", 0.5, 30, curve="log", doc="Quality of the resonance.")
    beans = In(1_500, "", 10, 20_000, curve="log", doc="Collisions a second.")
    attack = In(0.012, "s", 0.001, 1, curve="log", doc="Time constant of the wrist.")
    decay = In(0.16, "s", 0.01, 20, curve="log", doc="Time of the sound to fall by 60 dB.")
    out = Out(doc="Within about -1 .. 1.")
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
