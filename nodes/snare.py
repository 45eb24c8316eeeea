"""Snare drum."""

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
    """Snare drum: two coupled heads and the rattle of the wires, from dry electronic to wooden.

    The heads, coupled by the air between them, ring as a pair of modes a factor of 1.81 apart (182 and 330 Hz); their
    pitch rises briefly under a strike. The wires are noise above `tone`. The single noise burst of many drum machines
    has no pitch, and samples lack the variation between strikes.
    Rossing, Bork, Zhao, Fystrom: "Acoustics of snare drums", JASA 1992.
    """

    trigger = In(0, doc="A rise above 0.5 strikes.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike velocity: level and brightness.")
    freq = In(185, "Hz", 40, 2_000, curve="log", doc="Lower mode of the heads.")
    decay = In(0.25, "s", 0.01, 10, curve="log", doc="Decay time (T60) of the heads.")
    wires = In(0.6, "", 0, 1, doc="Level of the wires.")
    wires_decay = In(0.28, "s", 0.01, 10, curve="log", doc="Decay time (T60) of the wires.")
    tone = In(2_200, "Hz", 200, 16_000, curve="log", doc="High-pass cutoff of the wires.")
    sweep = In(4, "semitones", 0, 48, doc="Initial pitch above `freq`.")
    out = Out(doc="Output, about -1 .. 1.")
    x1 = State(doc="Momentum of the lower mode.")
    y1 = State(doc="Height of the lower mode.")
    x2 = State()
    y2 = State()
    pitch = State(doc="Remaining fraction of the sweep.")
    rattle = State(doc="Current level of the wires.")
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
        # A soft strike moves the wires less, so they hit the head more gently and sound darker.
        corner = tone * (0.6 + 0.4 * velocity)
        band, low, charge1, charge2 = svf(noise, corner, 0.8, charge1, charge2, sample_rate)
        return (
            y1 + y2 + 0.55 * wires * (noise - 0.75 * band - low),
            x1, y1, x2, y2,
            settled(pitch * fall(0.09, sample_rate)),
            settled(rattle * fall(wires_decay, sample_rate)),
            settled(charge1), settled(charge2), random, trigger,
        )  # fmt: skip
