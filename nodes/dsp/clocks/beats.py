"""Drift-free beat counting."""

from __future__ import annotations

import numpy as np

from graph import helper


@helper(double=True)
def beat_at(anchor, tempo, sample_rate):
    """[audio] Current beat. `anchor` is the last tempo change: its beat, the frames since then, the tempo.

    Counting frames from there accumulates no rounding error; the caller counts them.
    """
    if tempo != anchor[2]:
        anchor[0] += anchor[1] * anchor[2] / (60.0 * sample_rate)
        anchor[1] = 0.0
        anchor[2] = tempo
    return anchor[0] + anchor[1] * tempo / (60.0 * sample_rate)


@helper(double=True)
def turn_at(beat, length):
    """[audio] Phase of a beat in cycles of `length` beats, 2**32 per cycle."""
    turns = beat / length
    return np.uint32(np.int64((turns - np.floor(turns)) * 4294967296.0))
