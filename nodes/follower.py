from __future__ import annotations

import numpy as np

from graph import In, Node, Option, Out, State, per_sample
from nodes.dsp.math.functions import exp2


class Follower(Node, family="Modulation"):
    """Envelope follower: how loud a signal is, from one moment to the next.

    For auto-wah, ducking and anything that should breathe with a sound. `peak` follows the crests, `rms`
    the power, which is nearer to what is heard. Attack and release are one-pole smoothings; in `rms` they
    smooth the square, so that a steady sine reads 0.707 of its crest whatever the times.
    """

    audio = In(doc="Signal to follow.")
    attack = In(0.005, "s", 0, 10, curve="log", doc="Time to come 63 % of the way up.")
    release = In(0.1, "s", 0, 10, curve="log", doc="Time to fall 63 % of the way.")
    measure = Option("peak", choices=("peak", "rms"), doc="Crests or power.")
    out = Out(doc="Level; full scale is 1.")
    level = State()

    @per_sample
    def process(audio, attack, release, measure, level, sample_rate):
        now = audio * audio if measure == 1 else abs(audio)
        frames = (attack if now > level else release) * sample_rate
        frames = frames if frames > 0.05 else 0.05
        level = now + (level - now) * exp2(-1.442695 / frames)
        return np.sqrt(level) if measure == 1 else level, level
