"""Grains: short windowed pieces of a recording, each with a place, a speed and a pan of its own."""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.functions import cosine

GRAINS = 32
"""At once in each voice; the oldest gives way."""


@helper
def point(sound, row, at):
    """One sample, from any whole place; the recording goes round."""
    length = sound.shape[1]
    at = at - length if at >= length else at
    at = at + length if at < 0 else at
    return sound[row, np.uint64(at)]


@helper
def between(sound, row, at, x):
    """`x` of the way from sample `at` to the next, by Lagrange's cubic."""
    outer = 0.16666667 * x * (x - 1.0)
    inner = 0.5 * (x + 1.0) * (x - 2.0)
    edges = (x + 1.0) * point(sound, row, at + 2) - (x - 2.0) * point(sound, row, at - 1)
    return outer * edges + inner * ((x - 1.0) * point(sound, row, at) - x * point(sound, row, at + 1))


@helper
def window(age):
    """A raised cosine over 0 .. 1."""
    return 0.5 - 0.5 * cosine(age)


@helper
def around(place, length):
    """A place anywhere, brought into 0 .. length; float64 in and out."""
    return place - np.float64(length) * np.floor(place / np.float64(length))
