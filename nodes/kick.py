"""Bass drum."""

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

    One mode whose pitch falls to `freq`. It is struck like a drum skin, not restarted like an oscillator: a second
    hit adds to the skin's motion, so fast rolls do not click. A noise burst is the beater; saturation adds
    harmonics that small loudspeakers can reproduce. Werner, Abel, Smith: "A physically-informed, circuit-bendable,
    digital model of the Roland TR-808 bass drum circuit", DAFx 2014.
    """

    trigger = In(0, doc="Trigger; strikes when it rises above 0.5.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strike strength; also sets beater brightness.")
    freq = In(50, "Hz", 10, 1_000, curve="log", doc="Final pitch of the skin.")
    decay = In(0.6, "s", 0.02, 20, curve="log", doc="Decay time (T60).")
    sweep = In(30, "semitones", 0, 72, doc="Initial pitch above `freq`.")
    sweep_time = In(0.16, "s", 0.005, 5, curve="log", doc="Decay time (T60) of the pitch sweep.")
    click = In(0.25, "", 0, 1, doc="Beater level.")
    drive = In(1.4, "", 0.1, 10, curve="log", doc="Saturation; below 0.3 the skin is a pure sine.")
    out = Out(doc="Drum sound, -1 .. 1; the beater may exceed it slightly.")
    x = State(doc="Momentum of the skin.")
    y = State(doc="Displacement of the skin.")
    pitch = State(doc="Remaining fraction of the sweep.")
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
