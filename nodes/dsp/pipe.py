"""The bore of a wind instrument: a wave goes to the open end and comes back upside down.

Half a period is shared out between the line and the loss at the open end, whose phase at the pitch is
known exactly. Julius O. Smith: "Efficient simulation of the reed-bore and bow-string mechanisms", ICMC 1986.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.string import lagrange


@helper(double=True)
def pipe(freq, corner, sample_rate):
    """Delay in samples, gain and pole of the bilinear low-pass at the open end.

    freq      the note: four times the length of the bore goes into its wave
    corner    Hz; above it, and not below the eighth partial, the open end radiates instead of reflecting
    """
    freq = float(freq)
    sample_rate = float(sample_rate)
    turn = 2.0 * np.pi * freq / sample_rate
    half = np.tan(0.5 * turn)
    bound = np.tan(np.pi * min(max(float(corner), 8.0 * freq), 0.45 * sample_rate) / sample_rate)
    phase = np.pi - np.arctan(half / bound)
    # The third partial comes back early or late and pulls the first along; 0.6 is measured.
    third = np.arctan(np.tan(min(1.5 * turn, 1.5)) / bound)
    phase += 0.6 * (np.arctan(half / bound) - third / 3.0)
    delay = phase / turn
    for _ in range(4):
        whole = np.floor(delay)
        lag, _ = lagrange(delay - whole, turn)
        delay += (phase - whole * turn - lag) / turn
    return np.float32(delay), np.float32(bound / (1.0 + bound)), np.float32((bound - 1.0) / (1.0 + bound))
