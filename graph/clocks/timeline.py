"""Timelines: the relation between beats and host time."""

from __future__ import annotations

import math
from dataclasses import dataclass

SAME = 1e-5
"""A negligible difference in beats: a clock with a resolution of microseconds wakes this early."""


@dataclass(frozen=True)
class Line:
    """A timeline: `beat` at host time `time` (nanoseconds), advancing at `tempo`."""

    time: float
    beat: float
    tempo: float

    def beat_at(self, time: float) -> float:
        """The beat at a host time."""
        return self.beat + (time - self.time) * self.tempo / 60e9

    def time_of(self, beat: float) -> float:
        """The host time of a beat; infinite if the clock is stopped."""
        return self.time + (beat - self.beat) * 60e9 / self.tempo if self.tempo > 0 else math.inf


def next_beat(now: float, every: float, offset: float = 0.0, origin: float = 0.0) -> float:
    """The first multiple of `every` after `now`, counted from `origin` and shifted by `offset`."""
    found = (math.floor((now + SAME - origin) / every) + 1) * every + origin + offset
    if found <= now + SAME:
        found += (math.floor((now + SAME - found) / every) + 1) * every
    return found


def finite(beat: float) -> float:
    """`beat`; ValueError if it is not finite."""
    if not math.isfinite(beat):
        raise ValueError(f"invalid beat value {beat}")
    return float(beat)


def positive(what: str, value: float) -> float:
    """`value`; ValueError if it is not positive."""
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{what} must be above 0, not {value:g}")
    return float(value)
