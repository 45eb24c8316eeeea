"""Markov chain of notes: for each place in a tune, the places that may follow the notes just played."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graph import inline
from nodes.dsp.math.random import drawn
from nodes.dsp.sequencing.notation import Step, parse
from nodes.dsp.sequencing.sequence import EARLY, step_after

CHORD = 8
"""Maximum keys per chord; further ones are dropped."""
VELOCITY, LENGTH = range(2)
PLACE, COUNT, START = range(3)
"""Items of `now`: next place, number of places before it, and its start beat."""
HISTORY = 4096
"""Number of notes that are replayed after a jump; beyond it the chain continues from an arbitrary place."""


class Chain(NamedTuple):
    """Arrays with a row per place: keys (-1 for none), velocity and length in steps, and the possible successors.

    `after[place, 0]` is the number of successors.
    """

    keys: Any
    values: Any
    after: Any


def places(text: str) -> list[Step]:
    """Notes, chords and rests of a tune in order; consecutive rests are joined."""
    found: list[Step] = []
    for step in parse(text)[0]:
        if found and not step.keys and not found[-1].keys:
            found[-1].length += step.length
        else:
            found.append(step)
    return found


def chain(text: str, order: int) -> Chain:
    """Chain of a tune, read as a loop: successors are all places that follow the same `order` places."""
    steps = places(text)
    count = len(steps)
    heard = [(step.keys[:CHORD], step.length) for step in steps]
    past = [tuple(heard[place - back] for back in range(min(order, count))) for place in range(count)]
    followers: dict[object, list[int]] = {}
    for place, memory in enumerate(past):
        followers.setdefault(memory, []).append((place + 1) % count)
    most = max(len(found) for found in followers.values())
    keys, after = np.full((count, CHORD), -1.0), np.zeros((count, most + 1), np.int64)
    for place, memory in enumerate(past):
        found = followers[memory]
        keys[place, : len(heard[place][0])] = heard[place][0]
        after[place, 0] = len(found)
        after[place, 1 : len(found) + 1] = found
    return Chain(keys, np.array([[step.velocity or 0.0, step.length] for step in steps]), after)


@inline(double=True)
def go_on(now, after, values, step, salt):
    """[audio] Advances to the next place."""
    place = int(now[PLACE])
    now[START] += values[place, LENGTH] * step
    now[PLACE] = after[place, 1 + int(drawn(salt, now[COUNT], 0.0) * after[place, 0])]
    now[COUNT] += 1.0


@inline(double=True)
def begin_again(now, after, values, step, beat, salt):
    """[audio] State at a beat, as if the chain had run from beat 0."""
    now[PLACE] = 0.0
    now[COUNT] = 0.0
    now[START] = 0.0
    for _ in range(HISTORY):
        if now[START] < beat - EARLY:
            go_on(now, after, values, step, salt)
    if now[START] < beat - EARLY:
        now[START] = step_after(beat, step, 0.0) * step
