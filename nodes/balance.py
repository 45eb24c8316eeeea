from __future__ import annotations

from graph import In, Node, Out, kernel
from nodes.dsp.math.functions import clamp, wave


class Balance(Node, family="Mixing"):
    """Leans a stereo signal to one side: the far side fades, the near one stays as it is.

    The far side falls as a quarter of a cosine, so that nothing happens suddenly around the centre;
    `Pan` is what places a mono signal.
    """

    audio = In(channels=2, doc="Stereo signal.")
    position = In(0.0, "", -1, 1, ramp=0.01, channels=1, doc="-1 left alone, 0 as it is, 1 right alone.")
    out = Out(channels=2, doc="The signal, leaning.")

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
