"""Hands."""

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
    """Hand clap: three short bursts of noise that fall over each other, then the room.

    The TR-808's recipe, heard on half of all records since: noise through a band-pass, its level a
    sawtooth of 10 ms and at last one long decay. The bursts are counted from the blow in seconds,
    so they are where they should be at every sample rate. Peltola, Erkut, Cook, Valimaki: "Synthesis
    of hand clapping sounds", IEEE TASLP 2007, give real hands one resonance too, by how they are held.
    """

    trigger = In(0, doc="A clap begins where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also how bright.")
    freq = In(1_100, "Hz", 100, 8_000, curve="log", doc="Resonance of the hands.")
    spread = In(0.0105, "s", 0.001, 0.1, curve="log", doc="From one pair of hands to the next.")
    decay = In(0.35, "s", 0.02, 10, curve="log", doc="Time of the room to fall by 60 dB.")
    q = In(1.6, "", 0.5, 20, curve="log", doc="Quality of the resonance: 0.5 a slap, 10 a hollow hand.")
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
        # The slap itself: what lies above the resonance, more of it in a hard clap.
        slap, _, charge3, charge4 = svf(noise, 3.0 * freq, 0.7, charge3, charge4, sample_rate)
        out = 1.6 * band / np.sqrt(q) + (0.3 + 0.4 * strength) * slap
        age = age + 1.0 / sample_rate
        ended = (level < SILENCE) & (nth > 2.5)
        return (
            out, 1e6 if ended else age, strength,
            settled(charge1), settled(charge2), settled(charge3), settled(charge4), random, trigger,
        )  # fmt: skip
