"""Vocal tract as formants: their frequency, Q and gain for five vowels.

An alto's, from the Csound manual (appendix D, after Sundberg and others): frequency in Hz, bandwidth in Hz and level in
dB of five formants each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
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


@inline
def opening(turns, quotient):
    """Glottal flow, 0 .. 1: open for `quotient` of a period, opening more gradually than it closes.

    Klatt, Klatt: "Analysis, synthesis, and perception of voice quality variations", JASA 1990.
    """
    t = turns / quotient
    return 6.75 * t * t * (1.0 - t) if t < 1.0 else np.float32(0.0)


@inline
def mouth(table, formant, vowel, tract, pitch):
    """Frequency in Hz, Q and gain of a formant; `vowel` 0 .. 4 is a, e, i, o, u.

    When the pitch exceeds the first formant a singer opens the mouth until the two match (Sundberg: "The acoustics of
    the singing voice", 1977), so high vowels do not get thin; the other formants stay above it. A formant is at least
    half as wide as the pitch, because widely spaced partials would hit or miss a narrow one and every key would have a
    different loudness. The source falls by 12 dB/octave where the table assumes 6, so the gain rises with frequency.
    All five vowels are weighted in a sum, because per-lane lookups are slow.
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
