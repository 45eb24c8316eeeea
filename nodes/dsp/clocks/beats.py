"""Drift-free beat counting."""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.random import drawn


@inline(double=True)
def beat_at(anchor, tempo, sample_rate):
    """[audio] Current beat. `anchor` is the last tempo change: its beat, the frames since then, the tempo.

    Counting frames from there accumulates no rounding error; the caller counts them.
    """
    if tempo != anchor[2]:
        anchor[0] += anchor[1] * anchor[2] / (60.0 * sample_rate)
        anchor[1] = 0.0
        anchor[2] = tempo
    return anchor[0] + anchor[1] * tempo / (60.0 * sample_rate)


@inline(double=True)
def cycle_at(beat, length, start):
    """[audio] Number of the cycle at a beat; cycles start at phase `start`."""
    return np.floor(beat / length - start + 1e-6)


@inline(double=True)
def value_at(salt, beat, length, start):
    """[audio] Random value, -1 .. 1, of the cycle at a beat; the same in every pass of a loop and in every excerpt.

    start   phase in cycles at which the cycles start, -0.5 .. 0.5 as float32; another phase gives other values
    """
    cycle = cycle_at(beat, length, start)
    where = np.floor((start - np.floor(start)) * 1024.0 + 0.5)
    return np.float32(2.0 * drawn(salt, cycle * 1025.0 + where, 0.0) - 1.0)


@inline(double=True)
def turn_at(beat, length):
    """[audio] Phase of a beat in cycles of `length` beats, 2**32 per cycle."""
    turns = beat / length
    return np.uint32(np.int64((turns - np.floor(turns)) * 4294967296.0))
