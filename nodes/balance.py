from __future__ import annotations

from graph import In, Node, Out, per_voice
from nodes.dsp.math.functions import wave


class Balance(Node, family="Mixing"):
    """Stereo balance: attenuates the far channel and leaves the near one unchanged.

    The far channel follows a quarter cosine, so the level changes smoothly around the center. Use `Pan` to position
    a mono signal.
    """

    audio = In(channels=2, doc="Stereo signal.")
    position = In(0.0, "", -1, 1, ramp=0.01, channels=1, doc="-1 is left only, 0 is unchanged, 1 is right only.")
    out = Out(channels=2, doc="Balanced signal.")

    @per_voice
    def process(audio, position):
        left, right = audio
        place = 0.25 * position
        gain_left = 1.0 if place <= 0.0 else wave(0.25 - place)
        gain_right = 1.0 if place >= 0.0 else wave(0.25 + place)
        return gain_left * left, gain_right * right
