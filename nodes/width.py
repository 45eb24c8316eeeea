from __future__ import annotations

from graph import In, Node, Out, State, per_voice
from nodes.dsp.math.functions import prewarp


class Width(Node, family="Mixing"):
    """Stereo width control: 0 mono, 1 unchanged, 2 twice the side signal.

    Mid/side processing, so the mono sum never changes. Below `mono_below` the side signal fades out; bass on one side
    only makes a record's needle jump.
    """

    audio = In(channels=2, doc="Stereo signal.")
    width = In(1.0, "", 0, 2, channels=1, doc="Gain of the side signal.")
    mono_below = In(0.0, "Hz", 0, 1_000, channels=1, doc="Crossover to mono bass, 6 dB/octave; 0 is off.")
    out = Out(channels=2, doc="Widened or narrowed signal.")
    low = State(doc="Low-pass state of the side signal.")

    @per_voice
    def process(audio, width, mono_below, low, sample_rate):
        left, right = audio
        n, d = prewarp(mono_below, sample_rate)
        side = 0.5 * (left - right)
        step = (side - low) * (n / (n + d))
        bass = low + step
        # With the corner at 0 the low-pass is bypassed, so its state cannot leak.
        wide = width * (side - (bass if n > 0.0 else 0.0))
        return left + (wide - side), right - (wide - side), bass + step
