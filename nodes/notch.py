from __future__ import annotations

from graph import In, Node, Out, State, per_sample
from nodes.dsp.svf import svf_band


class Notch(Node, family="Filters"):
    """Two-pole notch: takes one frequency out, such as a hum or a whistle, and leaves the rest alone.

    Input less band-pass of the trapezoidal state-variable filter (nodes/dsp/svf.py): complete at the
    cutoff whatever the q, and `cutoff` may move every sample. Two in series sweep like a phaser.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="What is taken out; held below half the sample rate.")
    q = In(1, "", 0.5, 100, curve="log", ramp=0.05, doc="Cutoff over the width of the gap at -3 dB.")
    out = Out(doc="All but the cutoff.")
    charge1 = State()
    charge2 = State()

    @per_sample
    def process(audio, cutoff, q, charge1, charge2, sample_rate):
        band, charge1, charge2 = svf_band(audio, cutoff, q, charge1, charge2, sample_rate)
        return audio - band, charge1, charge2
