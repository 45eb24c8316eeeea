from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import exp2


class Meter(Node, family="Measuring"):
    """Level meter with peak and RMS outputs; passes the signal through.

    The peak rises instantly and falls 20 dB in 1.7 s, as on digital peak meters (IEC 60268-18). RMS is averaged
    over `time`. Both are linear levels with 1 at full scale, so they can control other nodes; displays read the
    states.
    """

    audio = In(doc="Signal to measure.")
    time = In(0.3, "s", 0.001, 10, curve="log", doc="RMS averaging time constant: 63 % of a step in power.")
    out = Out(doc="Input signal, unchanged.")
    peak = Out(doc="Peak level.")
    rms = Out(doc="RMS level; 0.707 for a full-scale sine.")
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
