from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import equalise, shelf


class LowShelf(Node, family="Filters"):
    """Bass control: lifts or cuts everything below a frequency.

    Two poles, as steep as a shelf gets without a bump, by a matched design (nodes/dsp/filters/matched.py):
    within 0.4 dB of the analogue shelf up to 16 kHz. Cut and boost mirror each other.
    """

    audio = In(doc="Signal to equalise.")
    freq = In(200, "Hz", 20, 20_000, curve="log", doc="Half the gain is reached here; held below half the rate.")
    gain = In(6, "dB", -24, 24, ramp=0.02, doc="Level of the lows: above 0 lifts, below 0 cuts.")
    out = Out(doc="Equalised signal.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, freq, gain, charge1, charge2, sample_rate):
        g, k, high, band, low = shelf(freq, gain, sample_rate)
        return equalise(audio, g, k, high, band, low, charge1, charge2)
