"""[control] The host's time of an engine's frames, read while the audio thread keeps it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Moment(NamedTuple):
    """A `graph.memory.tables.MOMENT` as numbers of Python."""

    now: int
    frame: int
    time: float
    period: float
    output: float
    arrival: float
    due: float


def steady(record: Any) -> Moment:
    """A MOMENT as it was between two callbacks: read until it stays the same."""
    before: tuple[Any, ...] | None = None
    found: tuple[Any, ...] = record.tolist()
    while found != before:
        before, found = found, record.tolist()
    return Moment(*found)


def heard_at(moment: Moment, frame: float) -> float:
    """The host time in nanoseconds at which a frame is heard."""
    return moment.time + moment.output + (frame - moment.frame) * moment.period


def frame_heard(moment: Moment, time: float) -> int:
    """The frame that is heard at a host time; the next one to be computed where no device keeps time."""
    if moment.period <= 0.0:
        return moment.now
    return moment.frame + round((time - moment.time - moment.output) / moment.period)
