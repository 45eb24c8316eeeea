"""[control] Converts between frames and host time, while the audio thread updates the record."""

from __future__ import annotations

from typing import Any, NamedTuple


class Moment(NamedTuple):
    """A `graph.memory.tables.MOMENT` as Python numbers."""

    now: int
    frame: int
    time: float
    period: float
    output: float
    arrival: float
    due: float


def steady(record: Any) -> Moment:
    """A consistent MOMENT from between two callbacks: read until it is stable."""
    before: tuple[Any, ...] | None = None
    found: tuple[Any, ...] = record.tolist()
    while found != before:
        before, found = found, record.tolist()
    return Moment(*found)


def heard_at(moment: Moment, frame: float) -> float:
    """The host time in nanoseconds at which a frame is output."""
    return moment.time + moment.output + (frame - moment.frame) * moment.period


def frame_heard(moment: Moment, time: float) -> int:
    """The frame output at a host time; without a device clock, the next frame to be computed."""
    if moment.period <= 0.0:
        return moment.now
    return moment.frame + round((time - moment.time - moment.output) / moment.period)
