"""Helpers for sequencer tests: clocks at 1000 frames per second, events, and the resulting notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from graph import JUMP, NOTE_OFF, NOTE_ON, STOP, Node, emit
from graph.memory.events import EVENT, Clock, Events, new_clock, new_events
from graph.testing import block_of

RATE = 1_000.0
"""Sample rate in Hz: at 60 bpm a beat is 1000 frames."""


def sixty(frames: int, start: float = 0.0) -> Clock:
    return new_clock(frames, 60.0, RATE, start)


def no_clock(frames: int) -> Clock:
    return Clock(np.zeros(frames + 1), np.zeros(frames), np.zeros(frames, np.uint8), np.zeros(1), new_events())


def ramp(frames: int, low: float = 60.0, high: float = 240.0) -> Clock:
    """A clock with a continuously rising tempo."""
    clock = sixty(frames)
    clock.tempo[:] = np.linspace(low, high, frames)
    clock.beat[1:] = np.cumsum(clock.tempo) / (60.0 * RATE)
    return clock


def jumps(clock: Clock, frame: int, beat: float) -> Clock:
    """The clock jumps to `beat` at `frame`."""
    clock.beat[frame:] += beat - clock.beat[frame]
    emit(clock.changes, frame, JUMP, 0, 0, 0.0, beat)
    return clock


def stops(clock: Clock, frame: int) -> Clock:
    clock.playing[frame:] = 0
    clock.beat[frame:] = clock.beat[frame]
    emit(clock.changes, frame, STOP, 0, 0, 0.0, float(clock.beat[frame]))
    return clock


def script(*rows: Sequence[Any]) -> Records:
    """Events from rows (frame, kind, key[, value[, channel]])."""
    full = [(row[0], row[1], row[4] if len(row) > 4 else 1, 0, row[2], row[3] if len(row) > 3 else 0.5) for row in rows]
    return np.array(sorted(full, key=lambda row: row[0]), EVENT)


def held(*rows: Sequence[Any]) -> Records:
    """Notes (first frame, last frame, key[, velocity]) as events."""
    made = []
    for begin, end, key, *more in rows:
        made += [(begin, NOTE_ON, key, *more), (end, NOTE_OFF, key)]
    return script(*sorted(made, key=lambda row: (row[0], row[1])))


Records: TypeAlias = "npt.NDArray[Any]"
"""Events as the records of a cable."""

Played: TypeAlias = tuple[int, int, float, float]
"""Frame, kind, key and value of an event that came out."""

FIELDS = ("kind", "channel", "note_id", "number", "value")


def cut(rows: Iterable[Any], start: int, size: int) -> Events:
    """The events of one block."""
    events = new_events()
    for row in rows:
        if start <= row["frame"] < start + size:
            emit(events, row["frame"] - start, *(row[name] for name in FIELDS))
    return events


def part(clock: Clock, start: int, size: int) -> Clock:
    """One block of a clock."""
    return Clock(
        clock.beat[start : start + size + 1].copy(),
        clock.tempo[start : start + size].copy(),
        clock.playing[start : start + size].copy(),
        clock.quantum,
        cut(clock.changes.records[: clock.changes.count[0]], start, size),
    )


def perform(
    cls: type[Node],
    clock: Clock | None = None,
    events: Iterable[Any] = (),
    frames: int = 0,
    split: int = 0,
    **values: Any,
) -> dict[str, list[Played]]:
    """Plays in blocks of `split`; returns the events of each output by name, as (frame, kind, key, value)."""
    clock = clock or no_clock(frames)
    frames = len(clock.tempo)
    split = split or frames
    timed = {key: value for key, value in values.items() if isinstance(value, np.ndarray)}
    given = {key: value for key, value in values.items() if key not in timed}
    if "clock" in cls.ins():
        given["clock"] = part(clock, 0, split)
    block = block_of(cls, frames=split, sample_rate=RATE, **given)
    played: dict[str, list[Played]] = {name: [] for name, port in cls.outs().items() if port.kind == "events"}
    for start in range(0, frames, split):
        changes: dict[str, Any] = {}
        if "clock" in cls.ins():
            changes["clock"] = part(clock, start, split)
        if "events" in cls.ins():
            changes["events"] = cut(events, start, split)
        for key, value in timed.items():
            changes[key] = np.ascontiguousarray(value[start : start + split, None], np.float32)
        block = block._replace(**changes)
        cls.kernel(block)
        for name, found in played.items():
            out = getattr(block, name)
            rows = out.records[: out.count[0]]
            assert (np.diff(rows["frame"]) >= 0).all(), "events are in the order of their frames"
            assert ((rows["frame"] >= 0) & (rows["frame"] < split)).all()
            found += [
                (int(r["frame"]) + start, int(r["kind"]), float(r["number"]), round(float(r["value"]), 6)) for r in rows
            ]
    return played


def heard(cls: type[Node], *arguments: Any, **values: Any) -> list[Played]:
    """The result of `perform` for the first output."""
    return next(iter(perform(cls, *arguments, **values).values()))


def lines(clock: Clock, step: float) -> list[int]:
    """The first frame at or after each step of a clock that starts at beat 0."""
    beats = np.arange(0.0, clock.beat[-2] + 1e-9, step)
    return [int(np.argmax(clock.beat[:-1] >= beat - 1e-9)) for beat in beats]


def ons(events: Iterable[Played]) -> list[tuple[int, float]]:
    return [(frame, key) for frame, kind, key, _ in events if kind == NOTE_ON]


def offs(events: Iterable[Played]) -> list[tuple[int, float]]:
    return [(frame, key) for frame, kind, key, _ in events if kind == NOTE_OFF]


def stuck(events: Iterable[Played]) -> list[float]:
    """Keys still sounding after the last event."""
    sounding: dict[float, bool] = {}
    for _, kind, key, _ in events:
        if kind in (NOTE_ON, NOTE_OFF):
            sounding[key] = kind == NOTE_ON
    return [key for key, on in sounding.items() if on]
