from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from nodes.dsp.math.functions import clamp, prewarp


class Width(Node, family="Mixing"):
    """How wide a stereo signal is: 0 mono, 1 as it is, 2 twice the difference between its sides.

    Middle and side, so that what both sides share, and so the sum to mono, never changes. Below
    `mono_below` the difference fades, as bass from one side makes a record's needle jump.
    """

    audio = In(channels=2, doc="Stereo signal.")
    width = In(1.0, "", 0, 2, channels=1, doc="Factor of the difference between the sides.")
    mono_below = In(
        0.0, "Hz", 0, 1_000, channels=1, doc="Corner below which it becomes mono, by 6 dB an octave; 0 is off."
    )
    out = Out(channels=2, doc="The signal, wider or narrower.")
    low = State(doc="Of the difference, in the lanes of the left.")

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
                # With the corner at 0 nothing is charged and nothing leaks.
                wide = clamp(block.width[frame, voice], 0.0, 2.0) * (side - (bass if n > 0.0 else np.float32(0.0)))
                block.out[frame, voice] = left + (wide - side)
                block.out[frame, voices + voice] = right - (wide - side)
