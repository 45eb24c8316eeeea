from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from nodes.dsp.math.functions import clamp, wave
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
    phase = State(shape=1, dtype=np.uint32)

    @kernel
    def process(block):
        phase = block.phase[0]
        for frame in range(block.frames):
            place = 0.125 * clamp(block.depth[frame, 0], 0.0, 1.0) * wave(STEP * signed(phase))
            block.out[frame, 0] = 1.4142135623730951 * wave(0.125 - place) * block.audio[frame, 0]
            block.out[frame, 1] = 1.4142135623730951 * wave(0.125 + place) * block.audio[frame, 1]
            phase = advance(phase, increment(clamp(block.rate[frame, 0], 0.01, 20.0), block.sample_rate))
        block.phase[0] = phase
