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
    """Tambourine: jingles on a frame, shaken or struck, with or without a head.

    The jingles collide at random (nodes/dsp/drums/collisions.py) and ring at 2.4 and 3.5 times the frame's 2.3 kHz, as
    measured by Cook; the frame itself is faintly audible. A head adds one low mode. High-passed noise has neither the
    rustle nor the pitch of jingles.
    """

    trigger = In(0, doc="A rise above 0.5 starts a strike or shake.")
    velocity = In(1, "", 0, 1, at_trigger=True, doc="Strength of the strike or shake.")
    freq = In(2_300, "Hz", 200, 6_000, curve="log", doc="Resonance of the frame; the jingles follow it.")
    jingles = In(1_100, "", 10, 20_000, curve="log", doc="Collisions per second.")
    attack = In(0.004, "s", 0.0005, 1, curve="log", doc="Time constant: strike 4 ms, shake 30 ms.")
    decay = In(0.3, "s", 0.01, 20, curve="log", doc="Decay time (T60) of the jingles.")
    skin = In(0.15, "", 0, 1, doc="Level of the head.")
    pitch = In(230, "Hz", 50, 2_000, curve="log", doc="Pitch of the head.")
    out = Out(doc="Output, about -1 .. 1.")
    push = State()
    energy = State()
    level = State()
    frame1 = State()
    frame2 = State()
    low1 = State()
    low2 = State()
    high1 = State()
    high2 = State()
    x = State(doc="Momentum of the head.")
    y = State(doc="Displacement of the head.")
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
