from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from nodes.dsp.math.functions import clamp, prewarp


class Width(Node, family="Mixing"):
    """Stereo width control: 0 mono, 1 unchanged, 2 twice the side signal.

    Mid/side processing, so the mono sum never changes. Below `mono_below` the side signal fades out; bass on one side
    only makes a record's needle jump.
    """

    audio = In(channels=2, doc="Stereo signal.")
    width = In(1.0, "", 0, 2, channels=1, doc="Gain of the side signal.")
    mono_below = In(0.0, "Hz", 0, 1_000, channels=1, doc="Crossover to mono bass, 6 dB/octave; 0 is off.")
    out = Out(channels=2, doc="Widened or narrowed signal.")
    low = State(doc="Low-pass state of the side signal, in the lanes of the left channel.")

    @kernel
    def process(block):
        low = block.low
        voices = block.voices
        for frame in range(block.frames):
            for voice in range(voices):
                left = block.audio[frame, voice]
                right = block.audio[frame, voices + voice]
                n, d = prewarp(clamp(block.mono_below[frame, voice], 0.0, 1_000.0), block.sample_rate)
                side = 0.5 * (left - right)
                step = (side - low[voice]) * (n / (n + d))
                bass = low[voice] + step
                low[voice] = bass + step
                # With the corner at 0 the low-pass is bypassed, so its state cannot leak.
                wide = clamp(block.width[frame, voice], 0.0, 2.0) * (side - (bass if n > 0.0 else np.float32(0.0)))
                block.out[frame, voice] = left + (wide - side)
                block.out[frame, voices + voice] = right - (wide - side)
