from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import wave
from nodes.dsp.math.phase import STEP, advance, increment, signed


class Tremolo(Node):
    """Tremolo: periodic amplitude modulation, from guitar-amp shimmer to chopper.

    The LFO is a sine, shaped by x (1 + k) / (1 + k |x|) toward a square whose edges last at least 2.5 ms at any rate; a
    true square, as from Lfo, would click. It starts at full level and never exceeds it.
    """

    audio = In(doc="Signal.")
    rate = In(5, "Hz", 0.05, 40, curve="log", doc="LFO rate.")
    depth = In(0.6, "", 0, 1, doc="Modulation depth: 1 reaches silence.")
    hardness = In(0, "", 0, 1, doc="LFO shape: 0 sine, 1 nearly square.")
    out = Out(doc="Modulated signal.")
    phase = State(dtype=np.uint32)

    @per_sample
    def process(audio, rate, depth, hardness, phase, sample_rate):
        x = wave(0.25 - abs(STEP * signed(phase)))
        k = hardness * 80.0 / rate
        x = x * (1.0 + k) / (1.0 + k * abs(x))
        return audio * (1.0 - depth * (0.5 - 0.5 * x)), advance(phase, increment(rate, sample_rate))
