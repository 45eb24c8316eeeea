"""Clipping a line instead of its ends."""

from __future__ import annotations

from graph import helper
from nodes.dsp.math.functions import clamp


@helper
def clipped_mean(a, b):
    """The mean of the line from a to b after it is clipped to -1 .. 1.

    The quotient of antiderivatives, put together from the parts of the line above, within and below,
    as differences that are exact in float32; the textbook's difference of squares is noise there.
    """
    high = a if a > b else b
    low = b if a > b else a
    above = high - (low if low > 1.0 else 1.0)
    above = above if above > 0.0 else 0.0
    below = (high if high < -1.0 else -1.0) - low
    below = below if below > 0.0 else 0.0
    top = clamp(high, -1.0, 1.0)
    bottom = clamp(low, -1.0, 1.0)
    length = high - low
    whole = above - below + 0.5 * (top - bottom) * (top + bottom)
    return whole / length if length > 1e-12 else top
