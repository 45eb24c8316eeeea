"""Feeds a MIDI file to a playing engine, and detects when the music is over."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np

from graph.engine.ending import TAIL_SECONDS, Silence, sources_of
from graph.engine.engine import Engine
from graph.memory.events import NOTE_OFF, NOTE_ON, PACKED_TIMED_EVENT
from graph.memory.tables import MIDI_EVENTS
from graph.midi.chase import part_from
from graph.midi.file import packed_at, read, unpacked
from graph.play.programs import NO_CHANNEL, lowest_channel

LEAD = 0.1
"""Seconds before the first event."""
AHEAD = 1.0
"""Seconds by which events are sent in advance, so that a busy interpreter delays none."""


class Song:
    """[control] Plays MIDI files into an engine. Call `feed` a few times per second; any thread may call any method.

    The lock is held while events are sent; only a ring's lock is taken under it.

    lowest_channel   the lowest channel of the notes and programs of the files played; NO_CHANNEL before the first
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._events = np.zeros(0, PACKED_TIMED_EVENT)
        self._played = False
        self.lowest_channel = NO_CHANNEL
        self._silence, self._quiet = Silence(engine), 0.0
        self._lock = threading.Lock()

    def play(self, path: str | PathLike[str], clocks: Iterable[str] = ()) -> list[str]:
        """Starts a Standard MIDI File at the graph's start position; returns warnings.

        clocks   stopped clock nodes, which start in the same frame as the file
        """
        song = read(path)
        rate, warnings = self._engine.rate, list(song.warnings)
        events = part_from(packed_at(song, rate), self._engine.graph.start.frames(rate, "the MIDI file"))
        del song  # a file may have millions of events
        lowest = lowest_channel(events)
        begin = self._engine.now + round(LEAD * rate)
        events["time"] += begin
        for clock in clocks:
            self._engine.set(f"{clock}.playing", 1.0, begin)
        with self._lock:
            left = unended(self._events)
            if len(left):
                events = np.concatenate([events, left])
                events = events[np.argsort(events["time"], kind="stable")]
            self._events, self._played = events, True
            self.lowest_channel = min(self.lowest_channel, lowest)
        self.feed()
        return warnings

    def feed(self) -> None:
        """Sends the file's events of the next second."""
        with self._lock:
            self._quiet = self._silence.seconds()
            coming = self._events[:MIDI_EVENTS]
            due = int(np.searchsorted(coming["time"], self._engine.now + AHEAD * self._engine.rate))
            self._events = self._events[self._engine.send(unpacked(coming[:due])) :]

    @property
    def waiting(self) -> bool:
        """Whether events of a file are pending."""
        return len(self._events) > 0

    @property
    def finished(self) -> bool:
        """Whether the file or all sources have ended, followed by 2 s of silence.

        Never True for a graph that waits for input or loops.
        """
        sources = sources_of(self._engine)
        waits = not (self._played or sources.ends) or (sources.listeners and not self._played)
        if sources.endless or sources.hearers or waits:
            return False
        return not len(self._events) and sources.ended and self._quiet >= TAIL_SECONDS


def unended(left: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The note-offs of sounding notes, from the remaining events of a file."""
    begun: set[tuple[int, int]] = set()
    ended: set[tuple[int, int]] = set()
    found = []
    for index, event in enumerate(left["event"]):
        key = int(event["channel"]), int(event["number"])
        if event["kind"] == NOTE_ON:
            begun.add(key)
        elif event["kind"] == NOTE_OFF and key not in begun | ended:
            ended.add(key)
            found.append(index)
    return left[found]
