"""Tunes that make themselves: where a walk through a scale is, and what a shift register holds."""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.math.random import drawn

MOVE, SIZE, VARY, REST, LOUD = range(5)
"""What is drawn for each step."""
LONGEST = 64
"""Steps in a phrase."""
HISTORY = 4096
"""Steps after which a register, having jumped, no longer knows what it would hold."""


@helper(double=True)
def phrase_step(salt, phrase, at, variation):
    """[audio] The number by which a step draws: that of the first phrase, unless it varies."""
    own = float((phrase + 1) * LONGEST + at)
    return own if drawn(salt, own, float(VARY)) < variation else float(at)


@helper(double=True)
def walk(salt, phrase, at, variation, leap, reach):
    """[audio] Where the tune is at a step of a phrase, in notes of the scale from the root.

    Mostly to a neighbour, and back where it came from after a leap; the farther out, the likelier home.
    """
    place, last = 0, 0
    for i in range(1, at + 1):
        number = phrase_step(salt, phrase, i, variation)
        size = drawn(salt, number, float(SIZE))
        move = 1
        if size > 0.7:
            move = 1 + int((size - 0.7) / 0.3 * leap)
        elif size < 0.08:
            move = 0
        up = drawn(salt, number, float(MOVE)) < 0.5 - 0.4 * place / reach
        if last > 1 or last < -1:
            up = last < 0
        last = move if up else -move
        place = min(max(place + last, -reach), reach)
    return place


@helper(double=True)
def shifted(register, length, flips):
    """[audio] A register after a step: the bit that falls out comes in again, sometimes as its opposite."""
    bit = (register >> (length - 1)) & 1
    bit = 1 - bit if flips else bit
    return ((register << 1) | bit) & ((1 << length) - 1)


@helper(double=True)
def replayed(salt, first, number, length, change):
    """[audio] The register before step `number`, as if it had run from beat 0."""
    register = first
    for i in range(max(number - HISTORY, 0), number):
        register = shifted(register, length, drawn(salt, float(i), 0.0) < change)
    return register


@helper(double=True)
def newest_bits(register, length):
    """[audio] The register's value from 0 to 1, of its 8 newest bits."""
    bits = min(length, 8)
    return np.float64(register & ((1 << bits) - 1)) / np.float64((1 << bits) - 1)
