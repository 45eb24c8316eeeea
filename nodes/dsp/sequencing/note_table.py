"""Notes of a text as a table of rounds: the repeated passes of a sequence in one of the four directions.

A round is a range of rows. Forward, backward and there and back there is one, which lasts as long as the whole. At
random there is one per step, and which of them a step plays depends on the salt and its number alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graph import inline
from nodes.dsp.math.random import drawn
from nodes.dsp.sequencing.directions import cycle_of
from nodes.dsp.sequencing.notation import Step
from nodes.dsp.sequencing.sequence import EARLY

BEAT, KEY, VELOCITY = range(3)
"""Columns of a row; a note-off has no velocity."""

NEXT, END, ROUND = range(3)
"""Items of the position: the next row, the row after the last of its round, and the number of the round."""


def note_table(steps: Sequence[Step], step: float, gate: float, velocity: float, direction: str) -> Mapping[str, Any]:
    """[control] Rows of the rounds, the start of each and the end of the last, and the beats per round.

    step   beats per step; a note ends by `gate` before its last step does
    """
    rounds: list[list[tuple[float, int, float, float]]] = []
    if direction == "random":
        for each in steps:
            rounds.append(_rows(each, 0.0, 1.0, step, gate, velocity))
        length = step
    else:
        at = 0.0
        rows = []
        for each in cycle_of(steps, direction):
            rows += _rows(each, at, each.length, step, gate, velocity)
            at += each.length
        rounds.append(rows)
        length = at * step
    table = [row for rows in rounds for row in sorted(rows, key=lambda row: row[:2])]
    first = np.cumsum([0, *map(len, rounds)])
    return {"rows": [(beat, key, velocity) for beat, _, key, velocity in table], "rounds": first, "length": [length]}


def _rows(note: Step, at: float, steps: float, step: float, gate: float, velocity: float) -> list[Any]:
    """Beat, whether it is a note-on, key and velocity of each note-on and note-off."""
    end = at + steps - (1 - gate) * min(steps, 1)
    ons = [(at * step, 1, key, note.velocity or velocity) for key in note.keys]
    return ons + [(end * step, 0, key, 0.0) for key in note.keys]


@inline(double=True)
def begin_round(place, rounds, salt, number):
    """[audio] Moves to the start of a round."""
    last = rounds.shape[0] - 1
    which = int(drawn(salt, float(number), 5.0) * last) if last > 1 else 0
    place[NEXT] = rounds[which]
    place[END] = rounds[which + 1]
    place[ROUND] = number


@inline(double=True)
def find_row(place, rows, rounds, salt, beat, length, loop):
    """[audio] Moves to the first row at or after a beat."""
    number = int(max(np.floor((beat + EARLY) / length), 0.0))
    begin_round(place, rounds, salt, number if loop else min(number, rounds.shape[0] - 2))
    while place[NEXT] < place[END] and rows[place[NEXT], BEAT] + place[ROUND] * length < beat - EARLY:
        place[NEXT] += 1


@inline(double=True)
def is_over(place, rounds, loop):
    """[audio] Whether the sequence has ended."""
    return not loop and place[NEXT] == place[END] and place[ROUND] + 1 >= rounds.shape[0] - 1


@inline(double=True)
def row_due(place, rows, rounds, salt, beat, length, loop):
    """[audio] The next row due by a beat, or -1; moves to the next round at the end of one."""
    for _ in range(rounds.shape[0] + 1):
        if place[NEXT] < place[END] or is_over(place, rounds, loop):
            break
        begin_round(place, rounds, salt, place[ROUND] + 1)
    if place[NEXT] == place[END] or rows[place[NEXT], BEAT] + place[ROUND] * length > beat + EARLY:
        return -1
    place[NEXT] += 1
    return place[NEXT] - 1
