"""Metal plates with so many modes that their exact frequencies hardly matter, but their density and spectrum do."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.physical.bank import GAIN, at
from nodes.dsp.physical.percussion import audible


def plate(modes: int, top: float) -> Any:
    """[control] Frequencies of a plate relative to its lowest: constant density per hertz, none harmonically related.

    Leissa: "Vibration of Plates", NASA SP-160, 1969. Multiples of the golden ratio scatter them.
    """
    k = np.arange(modes)
    scattered = k + 0.9 * ((k * 0.6180339887498949) % 1.0)
    return (1.0 + (top - 1.0) * scattered / (modes - 1)).astype(np.float32)


@inline
def sheen(bank, ratios, lane, freq, tone, sample_rate):
    """Sets the excitation of each mode by a stick: +12 dB/octave up to `tone`, -6 dB/octave above, normalized in
    energy."""
    power = np.float32(1e-12)
    for k in range(bank.shape[1]):
        place = freq * load(ratios, k)
        over = place / tone
        square = over * over
        value = square / (1.0 + square * (0.4 + over)) * audible(place, sample_rate) + 1e-5
        # Scattered signs; otherwise all modes would start as one loud pulse.
        scattered = np.float32(k) * 0.7548777
        store(bank, at(bank, GAIN, lane) + k, value if scattered - np.floor(scattered) < 0.5 else -value)
        power += value * value
    level = np.sqrt(0.12 / power)
    for k in range(bank.shape[1]):
        store(bank, at(bank, GAIN, lane) + k, level * load(bank, at(bank, GAIN, lane) + k))
