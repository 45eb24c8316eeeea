from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import tilt


class Tilt(Node, family="Filters"):
    """Tilt equalizer: a one-knob tone control that boosts highs and cuts lows, or the reverse, around a pivot.

    One pole and one zero, symmetrical about the pivot, by a matched design (nodes/dsp/filters/matched.py): within 0.1
    dB of the analog curve up to 16 kHz.
    """

    audio = In(doc="Signal to tilt.")
    gain = In(3, "dB", -12, 12, ramp=0.02, doc="Gain of the highs; the lows get the opposite.")
    freq = In(700, "Hz", 20, 20_000, curve="log", doc="Pivot, at 0 dB; limited to below half the sample rate.")
    out = Out(doc="Tilted signal.")
    charge = State()

    @per_sample
    def process(audio, gain, freq, charge, sample_rate):
        g, high, low = tilt(freq, gain, sample_rate)
        flow = (audio - charge) * (g / (1.0 + g))
        lows = charge + flow
        return high * (audio - lows) + low * lows, lows + flow
