from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, helper, kernel
from graph.native import load, store
from nodes.dsp.filters.svf import svf
from nodes.dsp.math.functions import clamp, exp2, ratio
from nodes.dsp.singing.singers import SINGERS, table

FORMANTS = 5


@helper
def mixed(vowels, column, place):
    """What lies at `place` between the five vowels: a weighted sum of all, as lanes are slow to look up their own."""
    total = np.float32(0.0)
    for row in range(5):
        near = 1.0 - abs(place - np.float32(row))
        total += (near if near > 0.0 else np.float32(0.0)) * load(vowels, 15 * row + column)
    return total


class FormantFilter(Node, family="Filters"):
    """Makes any sound say vowels: five resonances side by side, as a throat has them, from a to u and between.

    State-variable band-passes (nodes/dsp/filters/svf.py) and not biquads, so that `vowel` may move as fast as speech.
    Frequencies go along straight lines on a logarithmic scale, levels in decibels, from the
    appendix of formant values of Csound's manual.
    """

    audio = In(doc="Signal to speak with: something bright.")
    vowel = In(0, "", 0, 4, ramp=0.03, doc="0 a, 1 e, 2 i, 3 o, 4 u, and what lies between.")
    shift = In(1, "", 0.5, 2, curve="log", ramp=0.03, doc="Moves all resonances: 1.2 is a smaller head.")
    focus = In(1, "", 0.2, 5, curve="log", ramp=0.03, doc="Above 1 narrows the resonances, below 1 widens them.")
    singer = Option("tenor", choices=tuple(SINGERS), doc="Whose vowels.")
    out = Out(doc="The vowel.")
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
