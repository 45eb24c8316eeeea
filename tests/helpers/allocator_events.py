"""The events that reach every VoiceAllocator while `graphrun` renders a file, with their frames."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import soundfile

from graph.cli.main import main
from graph.engine.engine import Engine
from graph.memory.events import CAPACITY, EVENT, HEADER_BYTES, NOTE_OFF, NOTE_ON

Event: TypeAlias = tuple[int, int, int, float, float]
"""Frame, kind, channel, number and value."""

Heard: TypeAlias = "defaultdict[str, list[Event]]"
"""Events by the name of their allocator."""


def rendered(words: Sequence[object], out: Path) -> tuple[Heard, npt.NDArray[np.float32]]:
    """The events of each allocator as (frame, kind, channel, number, value), and the sound, of `graphrun WORDS`."""
    with _recording() as heard, redirect_stdout(StringIO()):
        assert main([*map(str, words), "--out", str(out), "--json"]) == 0
    audio, _ = soundfile.read(out, always_2d=True, dtype="float32")
    return heard, audio


@contextmanager
def _recording() -> Iterator[Heard]:
    heard: Heard = defaultdict(list)
    whole = Engine.render

    def render(engine: Engine, frames: int, audio: Any = None) -> Any:
        parts, done = [], 0
        while done < frames:
            before = engine.now
            count = min(engine.block, frames - done)
            parts.append(whole(engine, count, None if audio is None else audio[done:]))
            done += count
            if engine.now > before:
                _note(engine, heard)
        return np.concatenate(parts)

    with patch.object(Engine, "render", render):
        yield heard


def _note(engine: Engine, heard: Heard) -> None:
    for step in engine.plan.steps:
        if type(step.node).__name__ == "VoiceAllocator":
            arena = engine.plan.arena
            place = step.ins["events"].address - arena.base
            count = int(arena.array(place, 1, np.int64)[0])
            records = arena.array(place + HEADER_BYTES, CAPACITY, EVENT)[:count]
            begin = engine.now - engine.block
            heard[step.name] += [
                (begin + int(r["frame"]), int(r["kind"]), int(r["channel"]), float(r["number"]), float(r["value"]))
                for r in records
            ]


def from_frame(events: Iterable[Event], frame: int) -> list[Event]:
    """The events from a frame on, with frames relative to it."""
    return [(event[0] - frame, *event[1:]) for event in events if event[0] >= frame]


def chased_first(part: list[Event], whole: list[Event]) -> list[Event] | None:
    """What a part was sent before what the whole has from there on; None where it is not that.

    part, whole   events of one allocator; of the whole those from the part's first frame on

    Ends of notes that began before the place, and that the part does not begin either, are not compared: an
    allocator to which nothing has begun does nothing at them.
    """
    there = Counter(event[2:4] for event in whole if event[:2] == (0, NOTE_ON))
    here = Counter(event[2:4] for event in part if event[:2] == (0, NOTE_ON))
    part, kept = _without_strays(part, set()), _without_strays(whole, set(here - there))
    first = part[: len(part) - len(kept)]
    if part[len(first) :] != kept or any(frame != 0 for frame, *_ in first):
        return None
    return first


def _without_strays(events: Iterable[Event], sounding: set[tuple[int, float]]) -> list[Event]:
    kept = []
    for event in events:
        key = event[2:4]
        if event[1] == NOTE_ON:
            sounding.add(key)
        elif event[1] == NOTE_OFF:
            if key not in sounding:
                continue
            sounding.discard(key)
        kept.append(event)
    return kept
