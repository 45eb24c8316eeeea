from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.filters.matched import equalize, equalize_highs, peak, shelf
from nodes.dsp.math.functions import ratio


class Eq(Node, family="Filters"):
    """Parametric equalizer of a mixing console: a low shelf, two bells and a high shelf.

    Matched designs (nodes/dsp/filters/matched.py) follow the analog curves up to 16 kHz without the cost and
    latency of oversampling. All parameters may change every sample. At gains of 0 dB the signal is unchanged.
    """

    audio = In(doc="Signal to equalize.")
    low_freq = In(120, "Hz", 20, 20_000, curve="log", doc="Corner frequency of the low shelf.")
    low_gain = In(0, "dB", -24, 24, ramp=0.02, doc="Gain of the low shelf.")
    freq1 = In(400, "Hz", 20, 20_000, curve="log", doc="Center frequency of the first bell.")
    gain1 = In(0, "dB", -24, 24, ramp=0.02, doc="Gain of the first bell.")
    q1 = In(1, "", 0.2, 100, curve="log", ramp=0.15, doc="Center frequency of the first bell divided by bandwidth.")
    freq2 = In(2_500, "Hz", 20, 20_000, curve="log", doc="Center frequency of the second bell.")
    gain2 = In(0, "dB", -24, 24, ramp=0.02, doc="Gain of the second bell.")
    q2 = In(1, "", 0.2, 100, curve="log", ramp=0.15, doc="Center frequency of the second bell divided by bandwidth.")
    high_freq = In(8_000, "Hz", 20, 20_000, curve="log", doc="Corner frequency of the high shelf.")
    high_gain = In(0, "dB", -24, 24, ramp=0.02, doc="Gain of the high shelf.")
    out = Out(doc="Equalized signal.")
    low1 = State()
    low2 = State()
    bell1 = State()
    bell2 = State()
    second1 = State()
    second2 = State()
    high1 = State()
    high2 = State()

    # fmt: off
    @per_sample
    def process(
        audio, low_freq, low_gain, freq1, gain1, q1, freq2, gain2, q2, high_freq, high_gain,
        low1, low2, bell1, bell2, second1, second2, high1, high2, sample_rate,
    ):
        g, k, high, band, low = shelf(low_freq, low_gain, sample_rate)
        audio, low1, low2 = equalize(audio, g, k, high, band, low, low1, low2)
        g, k, high, band, low = peak(freq1, gain1, q1, sample_rate)
        audio, bell1, bell2 = equalize(audio, g, k, high, band, low, bell1, bell2)
        g, k, high, band, low = peak(freq2, gain2, q2, sample_rate)
        audio, second1, second2 = equalize(audio, g, k, high, band, low, second1, second2)
        g, k, high, band, low = shelf(high_freq, -high_gain, sample_rate)
        lift = ratio(high_gain)
        out, high1, high2 = equalize_highs(audio, g, k, lift * high, lift * band, lift * low, high1, high2)
        return out, low1, low2, bell1, bell2, second1, second2, high1, high2
    # fmt: on
