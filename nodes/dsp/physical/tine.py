"""Electric-piano tine in front of a magnetic pickup: hammer excitation and pickup voltage."""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.physical.bank import GAIN, at
from nodes.dsp.physical.percussion import audible

RATIOS = np.array([1.0, 7.11, 19.9, 38.8], np.float32)
"""A clamped beam has 1 : 6.27 : 17.5 : 34.4; the tuning spring near the end slows the first mode."""

WEIGHTS = np.array([1.0, 0.34, 0.16, 0.07], np.float32)
MODES = 4


@inline
def hammer(bank, ratios, lane, freq, velocity, bell, sample_rate):
    """Sets the excitation of each mode: the hammer's rubber is harder in the treble and for harder strikes."""
    hardness = 350.0 + 1.2 * freq + (900.0 + 4.0 * freq) * velocity
    for k in range(MODES):
        place = freq * load(ratios, k)
        over = place / hardness
        ping = 1.0 if k == 0 else bell * 1.6 / (1.0 + over)
        store(bank, at(bank, GAIN, lane) + k, WEIGHTS[k] * ping * audible(place, sample_rate))


@inline
def pickup(swing, offset, near):
    """Pickup voltage: the field falls off on both sides, and the tine rests off center.

    The field is modeled as 1 / (1 + d^2) of the distance from the pole; its value at rest is subtracted.
    """
    rest = 0.15 + 0.85 * offset
    place = rest + (0.5 + 2.0 * near) * swing
    # 1 / (1 + place^2) - 1 / (1 + rest^2), which is one division.
    field = (rest * rest - place * place) / ((1.0 + place * place) * (1.0 + rest * rest))
    return field * (-1.1 - 0.5 * (1.0 - near))
