from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, per_voice
from nodes.dsp.math.functions import wave
from nodes.dsp.math.phase import STEP, advance, increment, signed


class AutoPan(Node):
    """Auto-pan: sweeps the signal between left and right at constant power, for electric pianos and slow pads.

    Only the position moves, not the loudness, unlike a tremolo on each side in turn. At the center the signal is
    unchanged. The sweep starts at the center and moves right first.
    """

    audio = In(voices=1, channels=2, doc="Input signal.")
    rate = In(1, "Hz", 0.01, 20, curve="log", voices=1, channels=1, doc="Cycles per second.")
    depth = In(0.7, "", 0, 1, voices=1, channels=1, doc="Pan width; 1 sweeps from hard left to hard right.")
    out = Out(voices=1, channels=2, doc="Panned signal.")
    phase = State(dtype=np.uint32)

    @per_voice
    def process(audio, rate, depth, phase, sample_rate):
        left, right = audio
        place = 0.125 * depth * wave(STEP * signed(phase))
        left = 1.4142135623730951 * wave(0.125 - place) * left
        right = 1.4142135623730951 * wave(0.125 + place) * right
        return left, right, advance(phase, increment(rate, sample_rate))
