from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import equalize, shelf


class LowShelf(Node, family="Filters"):
    """Low-shelf equalizer: boosts or cuts everything below a frequency.

    Two poles, as steep as a shelf can be without a bump, in a matched design (nodes/dsp/filters/matched.py): within
    0.4 dB of the analog shelf up to 16 kHz. Cut and boost are mirror images.
    """

    audio = In(doc="Signal to equalize.")
    freq = In(200, "Hz", 20, 20_000, curve="log", doc="Frequency of half the gain; held below half the sample rate.")
    gain = In(6, "dB", -24, 24, ramp=0.02, doc="Gain of the lows: above 0 boosts, below 0 cuts.")
    out = Out(doc="Equalized signal.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, freq, gain, charge1, charge2, sample_rate):
        g, k, high, band, low = shelf(freq, gain, sample_rate)
        return equalize(audio, g, k, high, band, low, charge1, charge2)
