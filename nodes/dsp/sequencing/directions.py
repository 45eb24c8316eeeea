"""Playback directions of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from graph import inline
from nodes.dsp.math.random import drawn

DIRECTIONS = ("forward", "backward", "ping_pong", "random")
FORWARD, BACKWARD, PING_PONG, RANDOM = range(4)
DIRECTION_DOC = "`ping_pong` plays the first and last step once per cycle; `random` draws each step by its index."

T = TypeVar("T")


def cycle_of(steps: Sequence[T], direction: str) -> list[T]:
    """[control] One cycle in a direction; `random` keeps the order, because its steps are drawn during playback."""
    if direction == "backward":
        return list(reversed(steps))
    return [*steps, *steps[-2:0:-1]] if direction == "ping_pong" else list(steps)


@inline(double=True)
def place_in_cycle(number, count, direction, salt):
    """[audio] The position, of `count`, that step `number` plays; `random` depends on the salt and the number alone."""
    if direction == RANDOM:
        return int(drawn(salt, number, 5.0) * count)
    if direction == PING_PONG:
        place = int(number) % max(2 * count - 2, 1)
        return place if place < count else 2 * count - 2 - place
    place = int(number) % count
    return count - 1 - place if direction == BACKWARD else place
