"""The vocal tract as its formants: where the mouth resonates for five vowels, how sharply and how strongly.

An alto's, after Csound's table (appendix D of its manual, from Sundberg and others): frequency in Hz,
bandwidth in Hz and level in dB of five formants each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import helper
from nodes.dsp.svf import svf

FORMANTS = 5
VOWELS = {
    "a": ((800, 1150, 2800, 3500, 4950), (80, 90, 120, 130, 140), (0, -4, -20, -36, -60)),
    "e": ((400, 1600, 2700, 3300, 4950), (60, 80, 120, 150, 200), (0, -24, -30, -35, -60)),
    "i": ((350, 1700, 2700, 3700, 4950), (50, 100, 120, 150, 200), (0, -20, -30, -36, -60)),
    "o": ((450, 800, 2830, 3500, 4950), (70, 80, 100, 130, 135), (0, -9, -16, -28, -55)),
    "u": ((325, 700, 2530, 3500, 4950), (50, 60, 170, 180, 200), (0, -12, -30, -40, -64)),
}


def vowels() -> Any:
    """[control] Rows of frequencies, qualities and gains (vowels, 15).

    The source falls by 12 dB an octave and the table expects 6, so a gain rises with its frequency.
    """
    rows = []
    for freqs, widths, levels in VOWELS.values():
        freq = np.array(freqs, float)
        rows.append([*freq, *freq / widths, *10 ** (np.array(levels) / 20) * freq / 500])
    return np.array(rows, np.float32)


@helper
def opening(turns, quotient):
    """Flow through the glottis, 0 .. 1: open for `quotient` of a period, rounder as it opens than as it shuts.

    Klatt, Klatt: "Analysis, synthesis, and perception of voice quality variations", JASA 1990.
    """
    t = turns / quotient
    return 6.75 * t * t * (1.0 - t) if t < 1.0 else np.float32(0.0)


@helper
def mouth(table, charges, lane, flow, vowel, tract, pitch, sample_rate):
    """What the mouth makes of the flow; `vowel` goes through a, e, i, o, u as 0 .. 4.

    Above its first formant a singer opens the mouth until that is at the pitch (Sundberg: "The
    acoustics of the singing voice", 1977); so no vowel gets thin when it is high.
    """
    first = min(np.int64(vowel), 3)
    part = vowel - np.float32(first)
    total = np.float32(0.0)
    for k in range(FORMANTS):
        freq = table[first, k] + part * (table[first + 1, k] - table[first, k])
        q = table[first, 5 + k] + part * (table[first + 1, 5 + k] - table[first, 5 + k])
        gain = table[first, 10 + k] + part * (table[first + 1, 10 + k] - table[first, 10 + k])
        place = max(freq * tract, pitch)
        heard = 1.0 if place < 0.45 * sample_rate else 0.0
        band, _, one, two = svf(flow, place, q, charges[2 * k, lane], charges[2 * k + 1, lane], sample_rate)
        charges[2 * k, lane] = one if abs(one) > 1e-8 else np.float32(0.0)
        charges[2 * k + 1, lane] = two if abs(two) > 1e-8 else np.float32(0.0)
        total += heard * gain * band / q
    return total
