"""Clipping of a line segment instead of its end points."""

from __future__ import annotations

from graph import inline
from nodes.dsp.math.functions import clamp


@inline
def clipped_mean(a, b):
    """Mean of the line from a to b clipped to -1 .. 1.

    The quotient of antiderivatives, assembled from the parts of the line above, within and below the limits, with
    differences that are exact in float32. The textbook's difference of squares would be noise there.
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
