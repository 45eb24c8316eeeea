"""The drum with wires under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, per_sample
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import exp2
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.percussion import burst, density, fall, momentum, rotation, settled, struck, turned


class Snare(Node, family="Drums"):
    """Snare drum: a tight skin and the rattle of its wires, from dry electronic to wooden.

    The two skins, coupled by the air between them, ring as a pair a factor 1.81 apart (182 and
    330 Hz); the pitch gives way a little under a blow. The wires are noise above `tone`. A single
    noise burst, as many machines have it, lacks the note; sampling lacks the difference between
    blows. Rossing, Bork, Zhao, Fystrom: "Acoustics of snare drums", JASA 1992.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; a harder one is brighter.")
    freq = In(185, "Hz", 40, 2_000, curve="log", doc="Lower mode of the skins.")
    decay = In(0.25, "s", 0.01, 10, curve="log", doc="Time of the skins to fall by 60 dB.")
    wires = In(0.6, "", 0, 1, doc="Level of the wires.")
    wires_decay = In(0.28, "s", 0.01, 10, curve="log", doc="Time of the wires to fall by 60 dB.")
    tone = In(2_200, "Hz", 200, 16_000, curve="log", doc="The wires sound above it.")
    sweep = In(4, "semitones", 0, 48, doc="How far above `freq` the pitch begins.")
    out = Out(doc="Within about -1 .. 1.")
    x1 = State(doc="Momentum of the lower mode.")
    y1 = State(doc="Height of the lower mode.")
    x2 = State()
    y2 = State()
    pitch = State(doc="Part of the sweep that is left.")
    rattle = State(doc="Level of the wires now.")
    charge1 = State()
    charge2 = State()
    random = State(dtype=np.uint32)
    last = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"random": seeds(setup.name, 0, setup.lanes)}

    @per_sample
    def process(
        trigger, velocity, freq, decay, wires, wires_decay, tone, sweep,
        x1, y1, x2, y2, pitch, rattle, charge1, charge2, random, last, sample_rate,
    ):  # fmt: skip
        hit = struck(trigger, last)
        x1 = momentum(0.0, y1, 0.62 * velocity, 0.62 * velocity) if hit else x1
        upper = velocity * (0.2 + 0.2 * velocity)
        x2 = momentum(0.0, y2, upper, upper) if hit else x2
        pitch = 1.0 if hit else pitch
        rattle = velocity if hit else rattle
        bent = freq * exp2(sweep * pitch * 0.08333333)
        factor = fall(decay, sample_rate)
        cos, sin = rotation(bent, sample_rate)
        x1, y1 = turned(x1, y1, cos, sin, factor)
        cos, sin = rotation(1.81 * bent, sample_rate)
        x2, y2 = turned(x2, y2, cos, sin, factor * factor)
        random = shuffle(random)
        noise = burst(random, rattle * density(sample_rate))
        # A soft blow moves the wires less far, so they touch the skin more gently: darker.
        corner = tone * (0.6 + 0.4 * velocity)
        band, low, charge1, charge2 = svf(noise, corner, 0.8, charge1, charge2, sample_rate)
        return (
            y1 + y2 + 0.55 * wires * (noise - 0.75 * band - low),
            x1, y1, x2, y2,
            settled(pitch * fall(0.09, sample_rate)),
            settled(rattle * fall(wires_decay, sample_rate)),
            settled(charge1), settled(charge2), random, trigger,
        )  # fmt: skip
