"""Varispeed playback: reads a recording at any place and speed, from copies with an octave less treble each."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from graph.media import resampled
from nodes.dsp.delays.fractional import TAPS, weigh
from nodes.dsp.math.functions import clamp, log2

OCTAVES = 4
"""Number of copies; speeds above the range of the last one alias."""

SHRINKS = 0.5 ** np.arange(OCTAVES)
"""Frames of each copy per frame of the recording."""


def tape_copies(audio: Any, rate: float, *, loop: bool) -> dict[str, Any]:
    """[control] The states `sound`, `starts` and `length` of a recording (frames, channels) at its playback rate.

    Each copy is padded with the points that interpolation reads beyond its ends: silence, or the continuation of a
    loop.
    """
    parts, starts, at = [], [], 0
    for octave in range(OCTAVES):
        copy = resampled(audio, rate, rate * SHRINKS[octave])
        margin = ((TAPS, TAPS), (0, 0))
        parts.append(np.pad(copy, margin, mode="wrap") if loop and len(copy) >= TAPS else np.pad(copy, margin))
        starts.append(at + TAPS)
        at += len(parts[-1])
    return {"sound": np.concatenate(parts), "starts": starts, "length": [len(audio)]}


@inline(double=True)
def point(sound, starts, octave, channel, place):
    """One channel of a copy at a place, in frames of the recording."""
    place = place * SHRINKS[octave]
    up = np.ceil(place)
    first = np.uint64(starts[octave] + np.int64(up) - 4)
    return weigh(sound, channel, first, np.float32(up - place))


@inline(double=True)
def play(sound, starts, channel, place, speed):
    """One channel at a place, without the treble that would alias at this speed."""
    octave = np.float64(clamp(log2(np.float32(abs(speed))), np.float32(0.0), np.float32(OCTAVES - 1)))
    which = np.int64(octave)
    part = np.float32(octave - which)
    value = point(sound, starts, which, channel, place)
    if part > 0.0:
        value += part * (point(sound, starts, which + 1, channel, place) - value)
    return value
