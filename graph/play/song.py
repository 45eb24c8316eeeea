"""A MIDI file that is fed to an engine while it plays, and the question whether the music is over."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np

from graph.engine.ending import TAIL_SECONDS, Silence, deaf, sources_of
from graph.engine.engine import Engine
from graph.memory.events import NOTE_OFF, NOTE_ON, TIMED_EVENT
from graph.midi.chase import part_from
from graph.midi.file import events_at, read
from graph.play.programs import NO_CHANNEL, lowest_channel

LEAD = 0.1
"""Seconds until the first event."""
AHEAD = 1.0
"""Seconds that are sent in advance, so that a busy Python delays nothing."""


class Song:
    """[control] Call `feed` a few times per second. Any thread may call any method.

    The lock is held while events are sent; only a ring's lock is taken under it.

    lowest_channel   of the notes and programs of the files that were begun; NO_CHANNEL before that
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._events = np.zeros(0, TIMED_EVENT)
        self._played = False
        self.lowest_channel = NO_CHANNEL
        self._silence, self._quiet = Silence(engine), 0.0
        self._lock = threading.Lock()

    def play(self, path: str | PathLike[str], clocks: Iterable[str] = ()) -> list[str]:
        """Begins a Standard MIDI File where the graph begins in its music; returns warnings.

        clocks   nodes that stand still, and start at the frame at which the file does
        """
        song = read(path)
        rate = self._engine.rate
        events = part_from(events_at(song, rate), self._engine.graph.start.frames(rate, "the MIDI file"))
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
        return [*song.warnings, *deaf(self._engine.graph, "the MIDI file is")]

    def feed(self) -> None:
        """Sends what the file has for the coming second."""
        with self._lock:
            self._quiet = self._silence.seconds()
            due = int(np.searchsorted(self._events["time"], self._engine.now + AHEAD * self._engine.rate))
            self._events = self._events[self._engine.send(self._events[:due]) :]

    @property
    def waiting(self) -> bool:
        """Whether events of a file are still to be sent."""
        return len(self._events) > 0

    @property
    def finished(self) -> bool:
        """Whether the file or all sources have ended, and 2 s were silent.

        A graph that waits for a player or loops never ends.
        """
        sources = sources_of(self._engine)
        waits = not (self._played or sources.ends) or (sources.waiting and not self._played)
        if sources.endless or sources.hearers or waits:
            return False
        return not len(self._events) and sources.ended and self._quiet >= TAIL_SECONDS


def unended(left: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What ends the notes that have begun, of the events that a file has left."""
    begun: set[tuple[int, float, int]] = set()
    ended: set[tuple[int, float, int]] = set()
    found = []
    for index, event in enumerate(left["event"]):
        key = int(event["channel"]), float(event["number"]), int(event["note_id"])
        if event["kind"] == NOTE_ON:
            begun.add(key)
        elif event["kind"] == NOTE_OFF and key not in begun | ended:
            ended.add(key)
            found.append(index)
    return left[found]
