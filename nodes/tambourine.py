from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, per_sample
from nodes.dsp.drums.collisions import collide
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.random import seeds
from nodes.dsp.physical.percussion import fall, momentum, one_pole, rotation, settled, struck, turned


class Tambourine(Node, family="Drums"):
    """Tambourine: jingles on a frame, shaken or struck, with a skin or without.

    The jingles collide at random (nodes/dsp/drums/collisions.py) and ring at 2.4 and 3.5 times the frame's
    2.3 kHz, as Cook measured them; the frame itself is heard a little. A skin adds one low mode where
    the hand falls. High-passed noise has neither the rustle nor the pitch of the jingles.
    """

    trigger = In(0, doc="A blow or shake begins where it rises above 0.5.")
    velocity = In(1, "", 0, 1, struck=True, doc="How hard.")
    freq = In(2_300, "Hz", 200, 6_000, curve="log", doc="Resonance of the frame; it moves the jingles too.")
    jingles = In(1_100, "", 10, 20_000, curve="log", doc="Collisions a second.")
    attack = In(0.004, "s", 0.0005, 1, curve="log", doc="Time constant: 4 ms a blow, 30 ms a shake.")
    decay = In(0.3, "s", 0.01, 20, curve="log", doc="Time of the jingles to fall by 60 dB.")
    skin = In(0.15, "", 0, 1, doc="Level of the skin.")
    pitch = In(230, "Hz", 50, 2_000, curve="log", doc="Pitch of the skin.")
    out = Out(doc="Within about -1 .. 1.")
    push = State()
    energy = State()
    level = State()
    frame1 = State()
    frame2 = State()
    low1 = State()
    low2 = State()
    high1 = State()
    high2 = State()
    x = State(doc="Momentum of the skin.")
    y = State(doc="Height of the skin.")
    random = State(dtype=np.uint32)
    last = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"random": seeds(setup.name, 0, setup.lanes)}

    @per_sample
    def process(
        trigger, velocity, freq, jingles, attack, decay, skin, pitch,
        push, energy, level, frame1, frame2, low1, low2, high1, high2, x, y, random, last, sample_rate,
    ):  # fmt: skip
        hit = struck(trigger, last)
        push = velocity if hit else push
        x = momentum(0.0, y, velocity, velocity) if hit else x
        cos, sin = rotation(pitch, sample_rate)
        x, y = turned(x, y, cos, sin, fall(0.18, sample_rate))
        energy = energy + one_pole(0.15915494 / attack, sample_rate) * (push - energy)
        noise, level, random = collide(energy, level, random, jingles, fall(0.014, sample_rate), sample_rate)
        body, _, frame1, frame2 = svf(noise, freq, 3.0, frame1, frame2, sample_rate)
        dull, _, low1, low2 = svf(noise, 2.43 * freq, 14.0, low1, low2, sample_rate)
        bright, _, high1, high2 = svf(noise, 3.52 * freq, 14.0, high1, high2, sample_rate)
        return (
            0.08 * body + 0.17 * dull + 0.17 * bright + 0.8 * skin * y,
            settled(push * fall(decay, sample_rate)),
            settled(energy), level,
            settled(frame1), settled(frame2), settled(low1), settled(low2), settled(high1), settled(high2),
            x, y, random, trigger,
        )  # fmt: skip
