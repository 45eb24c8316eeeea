"""Random melodies: a walk through a scale, and a shift register."""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.random import drawn

MOVE, SIZE, VARY, REST, LOUD = range(5)
"""Random draws per step."""
LONGEST = 64
"""Maximum steps per phrase."""
HISTORY = 4096
"""Number of steps that are replayed after a jump."""


@inline(double=True)
def phrase_step(salt, phrase, at, variation):
    """[audio] Index used for a step's draws: that of the first phrase, unless the step varies."""
    own = float((phrase + 1) * LONGEST + at)
    return own if drawn(salt, own, float(VARY)) < variation else float(at)


@inline(double=True)
def walk(salt, phrase, at, variation, leap, reach):
    """[audio] Position of the melody at a step of a phrase, in notes of the scale from the root.

    Mostly moves to a neighboring note, and back after a leap; the further from the root, the likelier a move toward it.
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


@inline(double=True)
def shifted(register, length, flips):
    """[audio] Register after a step: the bit that leaves is fed back, inverted if `flips`."""
    bit = (register >> (length - 1)) & 1
    bit = 1 - bit if flips else bit
    return ((register << 1) | bit) & ((1 << length) - 1)


@inline(double=True)
def replayed(salt, first, number, length, change):
    """[audio] Register before step `number`, as if it had run from beat 0."""
    register = first
    for i in range(max(number - HISTORY, 0), number):
        register = shifted(register, length, drawn(salt, float(i), 0.0) < change)
    return register


@inline(double=True)
def newest_bits(register, length):
    """[audio] Value of the 8 newest bits of the register, 0 to 1."""
    bits = min(length, 8)
    return np.float64(register & ((1 << bits) - 1)) / np.float64((1 << bits) - 1)
