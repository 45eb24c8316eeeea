from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import equalise_highs, shelf
from nodes.dsp.math.functions import ratio


class HighShelf(Node, family="Filters"):
    """Treble control: lifts or cuts everything above a frequency.

    A low shelf the other way round, and all of it lifted: two poles, by a matched design
    (nodes/dsp/filters/matched.py), within 0.4 dB of the analogue shelf up to 16 kHz, where the bilinear
    transform would reach its full gain too early.
    """

    audio = In(doc="Signal to equalise_highs.")
    freq = In(4_000, "Hz", 20, 20_000, curve="log", doc="Half the gain is reached here; held below half the rate.")
    gain = In(6, "dB", -24, 24, ramp=0.02, doc="Level of the highs: above 0 lifts, below 0 cuts.")
    out = Out(doc="Equalised signal.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, freq, gain, charge1, charge2, sample_rate):
        g, k, high, band, low = shelf(freq, -gain, sample_rate)
        lift = ratio(gain)
        return equalise_highs(audio, g, k, lift * high, lift * band, lift * low, charge1, charge2)
