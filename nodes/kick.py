"""The bass drum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, per_sample
from nodes.dsp.math.functions import exp2, tanh
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.percussion import burst, density, fall, momentum, one_pole, rotation, settled, struck, turned


class Kick(Node, family="Drums"):
    """Bass drum: from the round boom of the TR-808 to the hard thud of the TR-909.

    One mode whose pitch falls to `freq`, struck as a skin is, not an oscillator started at zero: a
    second blow goes on from where the skin is, so a fast roll does not click. Some noise is the
    beater; the saturation gives small loudspeakers harmonics to show it by. Werner, Abel, Smith: "A
    physically-informed, circuit-bendable, digital model of the Roland TR-808 bass drum circuit", DAFx 2014.
    """

    trigger = In(0, doc="A blow falls where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard; also the brightness of the beater.")
    freq = In(50, "Hz", 10, 1_000, curve="log", doc="Pitch that the skin comes to rest at.")
    decay = In(0.6, "s", 0.02, 20, curve="log", doc="Time to fall by 60 dB.")
    sweep = In(30, "semitones", 0, 72, doc="How far above `freq` the pitch begins.")
    sweep_time = In(0.16, "s", 0.005, 5, curve="log", doc="Time in which the sweep falls by 60 dB.")
    click = In(0.25, "", 0, 1, doc="Level of the beater.")
    drive = In(1.4, "", 0.1, 10, curve="log", doc="Saturation; below 0.3 the skin is a pure sine.")
    out = Out(doc="-1 .. 1, with the beater a little more.")
    x = State(doc="Momentum of the skin.")
    y = State(doc="Height of the skin.")
    pitch = State(doc="Part of the sweep that is left.")
    beater = State()
    low = State()
    random = State(dtype=np.uint32)
    last = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"random": seeds(setup.name, 0, setup.lanes)}

    @per_sample
    def process(
        trigger, velocity, freq, decay, sweep, sweep_time, click, drive,
        x, y, pitch, beater, low, random, last, sample_rate,
    ):  # fmt: skip
        hit = struck(trigger, last)
        x = momentum(0.0, y, velocity, velocity) if hit else x
        pitch = 1.0 if hit else pitch
        beater = velocity * velocity if hit else beater
        cos, sin = rotation(freq * exp2(sweep * pitch * 0.08333333), sample_rate)
        x, y = turned(x, y, cos, sin, fall(decay, sample_rate))
        random = shuffle(random)
        noise = burst(random, beater * click * density(sample_rate))
        low = settled(low + one_pole(3_500.0, sample_rate) * (noise - low))
        skin = tanh(drive * y) / tanh(drive)
        return (
            skin + 1.5 * low,
            x, y,
            settled(pitch * fall(sweep_time, sample_rate)),
            settled(beater * fall(0.03, sample_rate)),
            low, random, trigger,
        )  # fmt: skip
