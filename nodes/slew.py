from __future__ import annotations

from graph import In, Node, Option, Out, State, per_sample
from nodes.dsp.math.functions import clamp, exp2


class Slew(Node, family="Modulation"):
    """Slew limiter: portamento, lag, smoothed steps.

    `linear` moves one unit in `rise` or `fall` seconds. `exponential` covers 99.9 % of any distance in that time, fast
    at first, like a capacitor. The first value passes without a slew.
    """

    audio = In(unit="any", doc="Signal to smooth.")
    rise = In(0.1, "s", 0, 60, curve="log", doc="Rise time.")
    fall = In(0.1, "s", 0, 60, curve="log", doc="Fall time.")
    shape = Option("exponential", choices=("exponential", "linear"), doc="Shape of the slew.")
    out = Out("any", doc="Smoothed signal.")
    level = State()
    begun = State()

    @per_sample
    def process(audio, rise, fall, shape, level, begun, sample_rate):
        level = level if begun > 0.0 else audio
        way = audio - level
        frames = (rise if way > 0.0 else fall) * sample_rate
        frames = frames if frames > 1.0 else 1.0
        straight = clamp(way, -1.0 / frames, 1.0 / frames)
        bent = way * (1.0 - exp2(-9.965784 / frames))
        level = level + (straight if shape == 1 else bent)
        level = audio if frames <= 1.0 else level
        return level, level, 1.0
