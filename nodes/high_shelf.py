from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import equalize_highs, shelf
from nodes.dsp.math.functions import ratio


class HighShelf(Node, family="Filters"):
    """High-shelf equalizer: boosts or cuts everything above a frequency.

    An inverted low shelf with overall gain: two poles in a matched design (nodes/dsp/filters/matched.py), within
    0.4 dB of the analog shelf up to 16 kHz. A bilinear transform would reach full gain too early.
    """

    audio = In(doc="Signal to equalize.")
    freq = In(4_000, "Hz", 20, 20_000, curve="log", doc="Frequency of half the gain; held below half the sample rate.")
    gain = In(6, "dB", -24, 24, ramp=0.02, doc="Gain of the highs: above 0 boosts, below 0 cuts.")
    out = Out(doc="Equalized signal.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, freq, gain, charge1, charge2, sample_rate):
        g, k, high, band, low = shelf(freq, -gain, sample_rate)
        lift = ratio(gain)
        return equalize_highs(audio, g, k, lift * high, lift * band, lift * low, charge1, charge2)
