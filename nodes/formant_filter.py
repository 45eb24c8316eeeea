from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, inline, per_sample
from graph.native import load
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import clamp, exp2, ratio
from nodes.dsp.singing.singers import SINGERS, table

FORMANTS = 5


@inline
def mixed(vowels, column, place):
    """Column interpolated at `place` between the five vowels: a weighted sum, because a lookup per lane is slow."""
    total = np.float32(0.0)
    for row in range(5):
        near = 1.0 - abs(place - np.float32(row))
        total += (near if near > 0.0 else np.float32(0.0)) * load(vowels, 15 * row + column)
    return total


class FormantFilter(Node, family="Filters"):
    """Vowel filter: five parallel resonances of a vocal tract, from a to u with interpolation.

    State-variable band-passes (nodes/dsp/filters/svf.py) stay stable when `vowel` moves as fast as speech; biquads
    do not. Frequencies interpolate logarithmically and levels in decibels. The formant values are from the appendix
    of the Csound manual.
    """

    audio = In(doc="Signal to filter; bright sources work best.")
    vowel = In(0, "", 0, 4, ramp=0.03, doc="Vowel: 0 a, 1 e, 2 i, 3 o, 4 u; fractions interpolate.")
    shift = In(1, "", 0.5, 2, curve="log", ramp=0.03, doc="Factor for all resonances; 1.2 is a smaller head.")
    focus = In(1, "", 0.2, 5, curve="log", ramp=0.03, doc="Resonance width: above 1 narrows, below 1 widens.")
    singer = Option("tenor", choices=tuple(SINGERS), doc="Voice type that sets the formants.")
    out = Out(doc="Filtered signal.")
    vowels = State(ndim=2)
    charges = State(ndim=3, doc="Two for each formant.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"vowels": table(self.options["singer"]), "charges": np.zeros((2, FORMANTS, setup.lanes))}

    @per_sample
    def process(audio, vowel, shift, focus, vowels, charges, lane, sample_rate):
        total = np.float32(0.0)
        for formant in range(FORMANTS):
            freq = mixed(vowels, 3 * formant, vowel)
            q = clamp(focus * exp2(freq - mixed(vowels, 3 * formant + 2, vowel)), 0.5, 100.0)
            hertz = shift * exp2(freq)
            level = ratio(mixed(vowels, 3 * formant + 1, vowel))
            force = level * audio / q if hertz < 0.45 * sample_rate else np.float32(0.0)
            one, two = charges[0, formant, lane], charges[1, formant, lane]
            band, _, charges[0, formant, lane], charges[1, formant, lane] = svf(force, hertz, q, one, two, sample_rate)
            total += band
        return total
