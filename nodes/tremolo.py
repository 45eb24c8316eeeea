from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_sample
from nodes.dsp.math.functions import wave
from nodes.dsp.math.phase import STEP, advance, increment, signed


class Tremolo(Node):
    """Tremolo: the loudness sways, from a guitar amplifier's shimmer to a chopper.

    A sine, hardened by x (1 + k) / (1 + k |x|) towards a square whose edges last at least 2.5 ms at any
    rate: an Lfo's true square would click. It begins at full loudness, and never goes above it.
    """

    audio = In(doc="Signal.")
    rate = In(5, "Hz", 0.05, 40, curve="log", doc="Sways a second.")
    depth = In(0.6, "", 0, 1, doc="What is missing at the softest: 1 goes to silence.")
    hardness = In(0, "", 0, 1, doc="0 is a sine, 1 nearly a square.")
    out = Out(doc="The signal, swaying.")
    phase = State(dtype=np.uint32)

    @per_sample
    def process(audio, rate, depth, hardness, phase, sample_rate):
        x = wave(0.25 - abs(STEP * signed(phase)))
        k = hardness * 80.0 / rate
        x = x * (1.0 + k) / (1.0 + k * abs(x))
        return audio * (1.0 - depth * (0.5 - 0.5 * x)), advance(phase, increment(rate, sample_rate))
