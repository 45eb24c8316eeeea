"""The vocal tract as its formants: where the mouth resonates for five vowels, how sharply and how strongly.

An alto's, after Csound's table (appendix D of its manual, from Sundberg and others): frequency in Hz,
bandwidth in Hz and level in dB of five formants each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import helper
from graph.native import load

FORMANTS = 5
VOWELS = {
    "a": ((800, 1150, 2800, 3500, 4950), (80, 90, 120, 130, 140), (0, -4, -20, -36, -60)),
    "e": ((400, 1600, 2700, 3300, 4950), (60, 80, 120, 150, 200), (0, -24, -30, -35, -60)),
    "i": ((350, 1700, 2700, 3700, 4950), (50, 100, 120, 150, 200), (0, -20, -30, -36, -60)),
    "o": ((450, 800, 2830, 3500, 4950), (70, 80, 100, 130, 135), (0, -9, -16, -28, -55)),
    "u": ((325, 700, 2530, 3500, 4950), (50, 60, 170, 180, 200), (0, -12, -30, -40, -64)),
}


def vowels() -> Any:
    """[control] Rows of frequencies, qualities and gains (vowels, 15)."""
    rows = []
    for freqs, widths, levels in VOWELS.values():
        freq = np.array(freqs, float)
        rows.append([*freq, *freq / widths, *10 ** (np.array(levels) / 20)])
    return np.array(rows, np.float32)


@helper
def opening(turns, quotient):
    """Flow through the glottis, 0 .. 1: open for `quotient` of a period, rounder as it opens than as it shuts.

    Klatt, Klatt: "Analysis, synthesis, and perception of voice quality variations", JASA 1990.
    """
    t = turns / quotient
    return 6.75 * t * t * (1.0 - t) if t < 1.0 else np.float32(0.0)


@helper
def mouth(table, formant, vowel, tract, pitch):
    """Where a formant is in Hz, its quality and its gain; `vowel` goes through a, e, i, o, u as 0 .. 4.

    Above its first formant a singer opens the mouth until that is at the pitch (Sundberg: "The acoustics
    of the singing voice", 1977); so no vowel gets thin when it is high, and the other formants keep above
    it. A formant is half as wide as the pitch at least: partials that lie far apart would fall into it or
    beside it, and each key be another loudness. The source falls by 12 dB an octave and the table expects
    6, so a gain rises with the frequency. The vowels are weighed, all five, as lanes are slow to look up
    their own.
    """
    freq = q = gain = np.float32(0.0)
    for k in range(5):
        near = 1.0 - abs(vowel - np.float32(k))
        near = near if near > 0.0 else np.float32(0.0)
        freq += near * load(table, 15 * k + formant)
        q += near * load(table, 15 * k + 5 + formant)
        gain += near * load(table, 15 * k + 10 + formant)
    place = max(freq * tract, (1.0 + 0.5 * np.float32(formant)) * pitch)
    return place, min(q, 2.0 * place / pitch), 0.002 * place * gain
