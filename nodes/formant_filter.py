from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, inline, kernel
from graph.native import load, store
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
    charge1 = State(ndim=2)
    charge2 = State(ndim=2)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        charge = np.zeros((FORMANTS, setup.lanes), np.float32)
        return {"vowels": table(self.options["singer"]), "charge1": charge, "charge2": charge.copy()}

    @kernel
    def process(block):
        lanes, rate, vowels, out = block.lanes, block.sample_rate, block.vowels, block.out
        highest = 0.45 * rate
        for frame in range(block.frames):
            for lane in range(lanes):
                store(out, frame * lanes + lane, 0.0)
            for formant in range(FORMANTS):
                for lane in range(lanes):
                    i, c = frame * lanes + lane, formant * lanes + lane
                    place = clamp(load(block.vowel, i), 0.0, 4.0)
                    shift = clamp(load(block.shift, i), 0.5, 2.0)
                    focus = clamp(load(block.focus, i), 0.2, 5.0)
                    freq = mixed(vowels, 3 * formant, place)
                    q = clamp(focus * exp2(freq - mixed(vowels, 3 * formant + 2, place)), 0.5, 100.0)
                    hertz = shift * exp2(freq)
                    level = ratio(mixed(vowels, 3 * formant + 1, place))
                    audio = level * load(block.audio, i) / q if hertz < highest else np.float32(0.0)
                    one, two = load(block.charge1, c), load(block.charge2, c)
                    band, _, one, two = svf(audio, hertz, q, one, two, rate)
                    store(block.charge1, c, one)
                    store(block.charge2, c, two)
                    store(out, i, load(out, i) + band)
