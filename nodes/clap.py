"""Hand clap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, per_sample
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import exp2
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.percussion import SILENCE, burst, density, settled, struck

ENDED = 1e6


class Clap(Node, family="Drums"):
    """Hand clap: three short overlapping noise bursts, then the room.

    This is the TR-808 recipe: band-passed noise with a 10 ms sawtooth envelope followed by one long decay. Burst
    times are counted in seconds from the trigger, so they are the same at every sample rate. Real hands also have a
    single resonance that depends on how they are held: Peltola, Erkut, Cook, Valimaki: "Synthesis of hand clapping
    sounds", IEEE TASLP 2007.
    """

    trigger = In(0, doc="Trigger; a clap starts when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Clap strength; also sets brightness.")
    freq = In(1_100, "Hz", 100, 8_000, curve="log", doc="Resonance of the hands.")
    spread = In(0.0105, "s", 0.001, 0.1, curve="log", doc="Time between bursts.")
    decay = In(0.35, "s", 0.02, 10, curve="log", doc="Decay time (T60) of the room.")
    q = In(1.6, "", 0.5, 20, curve="log", doc="Q of the resonance: 0.5 for a slap, 10 for a cupped hand.")
    out = Out(doc="Within about -1 .. 1.")
    age = State(initial=ENDED, doc="Seconds since the clap began.")
    strength = State()
    charge1 = State()
    charge2 = State()
    charge3 = State()
    charge4 = State()
    random = State(dtype=np.uint32)
    last = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"random": seeds(setup.name, 0, setup.lanes)}

    @per_sample
    def process(
        trigger, velocity, freq, spread, decay, q,
        age, strength, charge1, charge2, charge3, charge4, random, last, sample_rate,
    ):  # fmt: skip
        hit = struck(trigger, last)
        age = 0.0 if hit else age
        strength = velocity if hit else strength
        nth = np.floor(age / spread)
        nth = nth if nth < 3.0 else 3.0
        since = age - nth * spread
        sharp = exp2(-9.9657843 * since / (2.5 * spread))
        room = exp2(-9.9657843 * since / decay)
        level = strength * (0.5 * room + 0.5 * sharp if nth > 2.5 else sharp)
        random = shuffle(random)
        noise = burst(random, level * density(sample_rate))
        band, _, charge1, charge2 = svf(noise, freq, q, charge1, charge2, sample_rate)
        # The slap is the noise above the resonance; harder claps have more of it.
        slap, _, charge3, charge4 = svf(noise, 3.0 * freq, 0.7, charge3, charge4, sample_rate)
        out = 1.6 * band / np.sqrt(q) + (0.3 + 0.4 * strength) * slap
        age = age + 1.0 / sample_rate
        ended = (level < SILENCE) & (nth > 2.5)
        return (
            out, 1e6 if ended else age, strength,
            settled(charge1), settled(charge2), settled(charge3), settled(charge4), random, trigger,
        )  # fmt: skip
