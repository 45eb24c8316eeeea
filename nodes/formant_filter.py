from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, helper, kernel
from nodes.dsp.functions import clamp, exp2, lerp, ratio
from nodes.dsp.singers import SINGERS, table
from nodes.dsp.svf import svf

FORMANTS = 5


@helper
def mixed(vowels, row, column, part):
    """What lies between two vowels."""
    return lerp(vowels[row, column], vowels[row + np.uint64(1), column], part)


class FormantFilter(Node, family="Filters"):
    """Makes any sound say vowels: five resonances side by side, as a throat has them, from a to u and between.

    State-variable band-passes (nodes/dsp/svf.py) and not biquads, so that `vowel` may move as fast as speech.
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
        vowels, charge1, charge2, rate = block.vowels, block.charge1, block.charge2, block.sample_rate
        highest = 0.45 * rate
        for frame in range(block.frames):
            for lane in range(block.lanes):
                place = clamp(block.vowel[frame, lane], 0.0, 3.9999)
                row = np.uint64(place)
                part = place - np.float32(row)
                shift = clamp(block.shift[frame, lane], 0.5, 2.0)
                focus = clamp(block.focus[frame, lane], 0.2, 5.0)
                audio = block.audio[frame, lane]
                total = np.float32(0.0)
                for formant in range(FORMANTS):
                    freq = mixed(vowels, row, 3 * formant, part)
                    level = mixed(vowels, row, 3 * formant + 1, part)
                    q = clamp(focus * exp2(freq - mixed(vowels, row, 3 * formant + 2, part)), 0.5, 100.0)
                    hertz = shift * exp2(freq)
                    heard = ratio(level) if hertz < highest else np.float32(0.0)
                    band, _, one, two = svf(
                        heard * audio / q, hertz, q, charge1[formant, lane], charge2[formant, lane], rate
                    )
                    charge1[formant, lane] = one
                    charge2[formant, lane] = two
                    total += band
                block.out[frame, lane] = total
