"""Euclidean rhythms: a number of pulses spread over a number of steps as evenly as possible.

Godfried Toussaint, "The Euclidean Algorithm Generates Traditional Musical Rhythms", 2005, after E. Bjorklund's
timing system for neutron accelerators. 3 in 8 is the tresillo, 5 in 8 the cinquillo, 7 in 12 the bembe.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

MOST = 32
"""Maximum steps of a rhythm."""


def euclid(pulses: int, steps: int) -> list[int]:
    """[control] 1 for a pulse, 0 for a rest, in the order of Bjorklund's algorithm; the first step is a pulse."""
    if pulses <= 0:
        return [0] * steps
    groups, rest = [[1]] * min(pulses, steps), [[0]] * max(steps - pulses, 0)
    while len(rest) > 1:
        count = min(len(groups), len(rest))
        joined = [a + b for a, b in zip(groups, rest, strict=False)]
        groups, rest = joined, groups[count:] or rest[count:]
    return [step for group in [*groups, *rest] for step in group]


@cache
def euclids() -> Any:
    """[control] All rhythms: bit i of [pulses, steps] is step i."""
    table = np.zeros((MOST + 1, MOST + 1), np.int64)
    for steps in range(1, MOST + 1):
        for pulses in range(MOST + 1):
            table[pulses, steps] = sum(hit << i for i, hit in enumerate(euclid(min(pulses, steps), steps)))
    table.setflags(write=False)
    return table
