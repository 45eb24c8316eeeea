"""Counting beats from frames without drift."""

from __future__ import annotations

import numpy as np

from graph import helper


@helper(double=True)
def beat_at(anchor, tempo, sample_rate):
    """[audio] The beat now. `anchor` is where the tempo was last changed: its beat, the frames since
    then, the tempo. Counting from there has no sum that could drift; the caller counts the frames."""
    if tempo != anchor[2]:
        anchor[0] += anchor[1] * anchor[2] / (60.0 * sample_rate)
        anchor[1] = 0.0
        anchor[2] = tempo
    return anchor[0] + anchor[1] * tempo / (60.0 * sample_rate)


@helper(double=True)
def turn_at(beat, length):
    """[audio] The place of a beat in turns of `length` beats, as a phase of 2**32 steps."""
    turns = beat / length
    return np.uint32(np.int64((turns - np.floor(turns)) * 4294967296.0))
