from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from nodes.dsp.math.functions import clamp, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed


class AutoPan(Node):
    """Sways between left and right: electric pianos, slow pads.

    Constant power, so that only the place sways and not the loudness, as it would with a tremolo on
    each side in turn. The centre is the signal as it is. It begins there and goes right.
    """

    audio = In(voices=1, channels=2, doc="Signal.")
    rate = In(1, "Hz", 0.01, 20, curve="log", voices=1, channels=1, doc="Sways a second.")
    depth = In(0.7, "", 0, 1, voices=1, channels=1, doc="How far: 1 from hard left to hard right.")
    out = Out(voices=1, channels=2, doc="The signal, moving.")
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
