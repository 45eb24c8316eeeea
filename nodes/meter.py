from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import exp2


class Meter(Node, family="Measuring"):
    """Measures how loud a signal is, and passes it on: `peak` for clipping, `rms` for loudness.

    The peak rises at once and falls by 20 dB in 1.7 s, as digital meters do (IEC 60268-18); `rms` is
    the root of the mean square over `time`. Both are levels, 1 being full scale, so that they can
    drive other nodes; their states are what a display reads.
    """

    audio = In(doc="Signal to measure.")
    time = In(0.3, "s", 0.001, 10, curve="log", doc="Over which `rms` is averaged: a step is at 63 % then.")
    out = Out(doc="The signal as it came.")
    peak = Out(doc="Level of the highest peak just now.")
    rms = Out(doc="Root of the mean square; that of a full-scale sine is 0.707.")
    height = State()
    power = State()

    @per_sample
    def process(audio, time, height, power, sample_rate):
        size = abs(audio)
        falling = height * (1.0 - 1.3544618 / sample_rate)
        height = size if size > falling else falling
        keep = exp2(-1.4426950 / (time * sample_rate))
        power = audio * audio + keep * (power - audio * audio)
        return audio, height, np.sqrt(power), height, power
