from __future__ import annotations

import numpy as np

from graph import In, Node, Option, Out, State, per_sample
from nodes.dsp.math.functions import exp2


class Follower(Node, family="Modulation"):
    """Envelope follower: tracks the level of a signal, for auto-wah, ducking and envelopes that follow a sound.

    `peak` follows the peaks. `rms` is the root mean square, closer to perceived loudness: 0.707 of the peak for a
    steady sine.

    A detector that rises faster than it falls overestimates a fluctuating square, by up to 32 % for a sine. So
    `rms` averages with a single time constant, the longer of the two. It switches to the shorter one when a mean over
    that time differs from the level by 2 dB, which means an attack or a release, and for four time constants after
    that. Averaging takes time, so in `rms` both times are at least 5 ms.
    """

    audio = In(doc="Signal to follow.")
    attack = In(0.005, "s", 0, 10, curve="log", doc="Time constant of the rise: 63 % of a step.")
    release = In(0.1, "s", 0, 10, curve="log", doc="Time constant of the fall: 63 % of a step.")
    measure = Option("peak", choices=("peak", "rms"), doc="Peak or RMS level.")
    out = Out(doc="Level; full scale is 1.")
    level = State()
    quick = State(doc="Mean square over the shorter time.")
    left = State(doc="Remaining frames with the shorter time constant.")

    @per_sample
    def process(audio, attack, release, measure, level, quick, left, sample_rate):
        now = audio * audio if measure == 1 else abs(audio)
        up = attack * sample_rate
        down = release * sample_rate
        up = up if up > 0.05 else 0.05
        down = down if down > 0.05 else 0.05
        least = 0.005 * sample_rate
        short = max(up if up < down else down, least)
        long = max(down if up < down else up, least)
        quick = now + (quick - now) * exp2(-1.442695 / short)
        leaves = quick > 1.6 * level if up < down else level > 1.6 * quick
        left = 4.0 * short if leaves else left - 1.0
        left = left if left > 0.0 else 0.0
        power = short if left > 0.0 else long
        crest = up if now > level else down
        level = now + (level - now) * exp2(-1.442695 / (power if measure == 1 else crest))
        return np.sqrt(level) if measure == 1 else level, level, quick, left
