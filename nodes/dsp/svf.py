"""The trapezoidal state-variable filter (Andrew Simper, "Solving the continuous SVF equations", 2013).

Its two states are the charges of the analog filter's capacitors, so they mean the same at every
cutoff: it can be modulated at audio rate with any q and stays stable. A biquad's states do not.
"""

from __future__ import annotations

from graph import helper
from nodes.dsp.functions import prewarp


@helper
def svf(audio, cutoff, q, charge1, charge2, sample_rate):
    """Band-pass with a gain of q at the cutoff, low-pass, and the two next states.

    high-pass = audio - band / q - low. With the warped cutoff as a fraction n / d the filter needs
    one division, and it depends on the controls alone: so the processor does it ahead of the
    states, whose round trip is what limits a filter of few lanes.
    """
    n, d = prewarp(cutoff, sample_rate)
    gain = q / (q * (n * n + d * d) + n * d)
    # Never reached: a bound keeps LLVM from moving the division behind the states.
    gain = gain if gain < 1e6 else 1e6
    drive = gain * (n * (audio - charge2) + d * charge1)
    band = d * drive
    low = charge2 + n * drive
    return band, low, 2.0 * band - charge1, 2.0 * low - charge2
