from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import equalize, peak


class Peak(Node, family="Filters"):
    """Bell equalizer: boosts or cuts a band around one frequency.

    A matched design (nodes/dsp/filters/matched.py): within 0.2 dB of the analog bell up to 16 kHz, where
    the bilinear transform would narrow a bell at 12 kHz by two fifths. Cut and boost mirror each other.
    """

    audio = In(doc="Signal to equalize.")
    freq = In(1_000, "Hz", 20, 20_000, curve="log", doc="Center frequency; held below half the sample rate.")
    gain = In(6, "dB", -24, 24, ramp=0.02, doc="Gain at the center: above 0 boosts, below 0 cuts.")
    q = In(1, "", 0.2, 100, curve="log", ramp=0.15, doc="Center frequency divided by the bandwidth at half the gain.")
    out = Out(doc="Equalized signal.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, freq, gain, q, charge1, charge2, sample_rate):
        g, k, high, band, low = peak(freq, gain, q, sample_rate)
        return equalize(audio, g, k, high, band, low, charge1, charge2)
