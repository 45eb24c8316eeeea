"""Where beats are in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

SAME = 1e-5
"""Beats that are none: a clock that counts in microseconds wakes so much early."""


@dataclass(frozen=True)
class Line:
    """A timeline as it is now: at host time `time` (nanoseconds) it is at `beat`, and goes on by `tempo`."""

    time: float
    beat: float
    tempo: float

    def beat_at(self, time: float) -> float:
        """The beat at a host time."""
        return self.beat + (time - self.time) * self.tempo / 60e9

    def time_of(self, beat: float) -> float:
        """The host time of a beat; infinite while time stands still."""
        return self.time + (beat - self.beat) * 60e9 / self.tempo if self.tempo > 0 else math.inf


def next_beat(now: float, every: float, offset: float = 0.0, origin: float = 0.0) -> float:
    """The next multiple of `every` from `origin` on after `now`, moved by `offset`, and not before `now`."""
    found = (math.floor((now + SAME - origin) / every) + 1) * every + origin + offset
    if found <= now + SAME:
        found += (math.floor((now + SAME - found) / every) + 1) * every
    return found


def finite(beat: float) -> float:
    """`beat`; ValueError if it is none."""
    if not math.isfinite(beat):
        raise ValueError(f"invalid beat value {beat}")
    return float(beat)


def positive(what: str, value: float) -> float:
    """`value`; ValueError if it is not above 0."""
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{what} must be above 0, not {value:g}")
    return float(value)
