from __future__ import annotations

from graph import In, Node, Out, kernel
from nodes.dsp.math.functions import clamp, wave


class Balance(Node, family="Mixing"):
    """Stereo balance: attenuates the far channel and leaves the near one unchanged.

    The far channel follows a quarter cosine, so the level changes smoothly around the center. Use `Pan` to position
    a mono signal.
    """

    audio = In(channels=2, doc="Stereo signal.")
    position = In(0.0, "", -1, 1, ramp=0.01, channels=1, doc="-1 is left only, 0 is unchanged, 1 is right only.")
    out = Out(channels=2, doc="Balanced signal.")

    @kernel
    def process(block):
        voices = block.voices
        for frame in range(block.frames):
            for voice in range(voices):
                place = 0.25 * clamp(block.position[frame, voice], -1.0, 1.0)
                left = 1.0 if place <= 0.0 else wave(0.25 - place)
                right = 1.0 if place >= 0.0 else wave(0.25 + place)
                block.out[frame, voice] = left * block.audio[frame, voice]
                block.out[frame, voices + voice] = right * block.audio[frame, voices + voice]
