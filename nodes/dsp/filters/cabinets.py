"""Guitar cabinets as second-order sections: resonance, box, cone and treble edge."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import cached_design

CABINETS = {
    "combo": ("high 95 1.3", "bell 180 2 1", "bell 450 -3 0.8", "bell 2600 6 1.2", "bell 3900 3 3", "low 5200 1.1"),
    "stack": ("high 75 1.6", "bell 120 4 1.2", "bell 420 -5 0.7", "bell 2300 5 1", "bell 3400 4 3", "low 4700 1.2"),
    "bass": ("high 45 1.2", "bell 90 3 1", "bell 350 -3 0.8", "bell 900 2 1", "bell 1800 3 1.2", "low 3200 0.9"),
    "radio": ("high 350 1.4", "bell 900 4 1", "bell 1900 5 2", "bell 2900 -4 3", "bell 3300 3 4", "low 3800 1.3"),
}
"""Each section: high-pass, low-pass or bell, frequency in Hz, gain in dB for a bell, and q."""

EDGE = "low {0} 0.55"
"""Second low-pass at the last section's cutoff: the treble edge falls by 24 dB/octave."""


@cached_design
def sections(name: str, sample_rate: float) -> Any:
    """[control] Coefficient rows (b0, b1, b2, a1, a2) of a cabinet."""
    from scipy import signal

    parts = CABINETS[name]
    rows = []
    for part in (*parts, EDGE.format(parts[-1].split()[1])):
        kind, *numbers = part.split()
        freq, *gain, q = (float(number) for number in numbers)
        w = 2 * sample_rate * np.tan(np.pi * min(freq / sample_rate, 0.45))
        a = 10 ** (gain[0] / 40) if gain else 1.0
        over = {"high": [1, 0, 0], "low": [0, 0, w * w], "bell": [1, w * a / q, w * w]}[kind]
        b, under = signal.bilinear(over, [1, w / (a * q), w * w], sample_rate)
        rows.append([*b, *under[1:]])
    return np.array(rows)
