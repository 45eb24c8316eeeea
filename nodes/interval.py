from __future__ import annotations

from graph import In, Node, Out, per_sample
from nodes.dsp.math.functions import clamp, exp2


class Interval(Node, family="Modulation"):
    """Musical interval as a frequency ratio: 12 semitones double a frequency, -12 halve it, 0 leave it unchanged.

    A modulator in semitones moves a pitch evenly up and down: `freq: 400 Hz * up` with
    `up: {node: Interval, semitones: lfo * 12}`. A product such as `400 Hz * lfo * 12 semitones` scales the
    frequency itself, down to 0 Hz and below.
    """

    semitones = In(0, "semitones", -120, 120, doc="Interval; positive is up.")
    ratio = Out(ratio=True, doc="2 ** (semitones / 12).")

    @per_sample
    def process(semitones):
        return exp2(clamp(semitones, -120.0, 120.0) / 12.0)
