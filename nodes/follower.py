from __future__ import annotations

import numpy as np

from graph import In, Node, Option, Out, State, per_sample
from nodes.dsp.math.functions import exp2


class Follower(Node, family="Modulation"):
    """Envelope follower: how loud a signal is, from one moment to the next.

    For auto-wah, ducking and anything that should breathe with a sound. `peak` follows the crests. `rms` is the
    root of the mean square, nearer to what the ear takes for loudness: 0.707 of its crest for a steady sine.

    A detector that rises faster than it falls reads too much of a square that swings, up to 32 % for a sine. So
    `rms` averages with one time constant, the longer of the two. It changes to the shorter one where a mean over that
    one leaves the level by 2 dB, which is an attack and no swing, and for four time constants after. A mean takes
    time, so in `rms` both times are at least 5 ms.
    """

    audio = In(doc="Signal to follow.")
    attack = In(0.005, "s", 0, 10, curve="log", doc="Time to come 63 % of the way up.")
    release = In(0.1, "s", 0, 10, curve="log", doc="Time to fall 63 % of the way.")
    measure = Option("peak", choices=("peak", "rms"), doc="Crests or power.")
    out = Out(doc="Level; full scale is 1.")
    level = State()
    quick = State(doc="Mean square over the shorter time.")
    left = State(doc="Frames for which the shorter time still holds.")

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
