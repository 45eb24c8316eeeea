"""What reaches every VoiceAllocator while `graphrun` renders a file: event by event, by its frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import soundfile

from graph.cli.main import main
from graph.engine.engine import Engine
from graph.memory.events import CAPACITY, EVENT, HEADER_BYTES, NOTE_OFF, NOTE_ON


def rendered(words, out: Path):
    """The events of each allocator as (frame, kind, channel, number, value), and the sound, of `graphrun WORDS`."""
    with _recording() as heard, redirect_stdout(StringIO()):
        assert main([*map(str, words), "--out", str(out), "--json"]) == 0
    audio, _ = soundfile.read(out, always_2d=True, dtype="float32")
    return heard, audio


@contextmanager
def _recording():
    heard = defaultdict(list)
    whole = Engine.render

    def render(engine, frames, audio=None):
        parts, done = [], 0
        while done < frames:
            before = engine.now
            count = min(engine.block, frames - done)
            parts.append(whole(engine, count, None if audio is None else audio[done:]))
            done += count
            if engine.now > before:
                _note(engine, heard)
        return np.concatenate(parts)

    Engine.render = render
    try:
        yield heard
    finally:
        Engine.render = whole


def _note(engine, heard):
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


def from_frame(events, frame):
    """The events from a frame on, counted from there."""
    return [(event[0] - frame, *event[1:]) for event in events if event[0] >= frame]


def chased_first(part, whole):
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


def _without_strays(events, sounding):
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
