"""Streams of engine events for Python, read with `for` or `async for`."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple

from graph.engine.engine import Engine
from graph.memory.moment import heard_at, steady
from graph.model.net import Net
from graph.plan.taps import check_tap

WAITING = 4096
"""Maximum number of unread events in a stream; further events are dropped."""
PAUSE = 0.002
"""Polling interval of a waiting reader in seconds."""


class Event(NamedTuple):
    """An event of a node.

    frame      frame of the engine, from 0 at the start
    beat       beat of the graph's clock; NaN if it has none, or several
    host_time  nanoseconds of the host's clock at which it sounds
    kind       `graph.NOTE_ON`, `NOTE_OFF`, `CONTROL` and the other kinds, or `TRIGGER`
    channel    MIDI channel from 1; for a trigger, the channel of the signal
    note_id    distinguishes notes of the same key; 0 if unknown
    number     key or controller; for a trigger, the voice, from 1
    value      velocity or position, 0 .. 1; for a trigger, the value of the signal
    """

    frame: int
    beat: float
    host_time: int
    kind: int
    channel: int
    note_id: int
    number: float
    value: float


class EventStream:
    """[control] The events of one output, oldest first: `for event in stream` or `async for event in stream`.

    Iteration ends when playing stops, or after `close`. One thread or task reads a stream.

    path   the requested output
    lost   number of events dropped because they were not read in time
    """

    def __init__(self, streams: EventStreams, path: str) -> None:
        self.path = path
        self.lost = 0
        self._streams = streams
        self._queue: deque[Event] = deque()
        self._closed = False
        self._late = False
        self._since = streams.engine.now

    def close(self) -> None:
        """Stops collecting events; those already collected can still be read."""
        self._closed = True

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        while (event := self._next()) is None:
            if self._over:
                raise StopIteration
            self._streams.step()
        return event

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while (event := self._next()) is None:
            if self._over:
                raise StopAsyncIteration
            await asyncio.sleep(self._streams.pause)
        return event

    @property
    def _over(self) -> bool:
        silent = self._streams.engine.now - self._since > self._streams.patience * self._streams.engine.rate
        return not self._queue and (self._closed or self._streams.stopped or silent)

    def _next(self) -> Event | None:
        """The oldest event, if there is one."""
        if not self._queue:
            self._streams.poll()
        if not self._queue:
            return None
        self._late = False
        return self._queue.popleft()

    def put(self, event: Event, limit: float) -> bool:
        """Adds an event; returns whether it is the first to be dropped since the last read."""
        if self._closed:
            return False
        self._since = event.frame
        if len(self._queue) < limit:
            self._queue.append(event)
            return False
        self.lost += 1
        first, self._late = not self._late, True
        return first


class EventStreams:
    """[control] The streams of one engine. Any thread may call any method.

    The lock is held while the ring is emptied into the streams; only the ring's own lock is taken under it.

    tell      receives messages about dropped events
    step      called by a `for` while it waits; pause: seconds that an `async for` sleeps
    patience  seconds of music without an event after which a stream ends
    limit     maximum number of unread events in a stream
    """

    def __init__(
        self,
        engine: Engine,
        tell: Callable[[str], None],
        *,
        step: Callable[[], None] = lambda: time.sleep(PAUSE),
        pause: float = PAUSE,
        patience: float = float("inf"),
        limit: float = WAITING,
    ) -> None:
        self.engine = engine
        self.step, self.pause, self.patience = step, pause, patience
        self.stopped = False
        self._tell, self._limit = tell, limit
        self._open: weakref.WeakSet[EventStream] = weakref.WeakSet()  # a stream without references collects nothing
        self._missed = 0
        self._lock = threading.Lock()

    def open(self, path: str, graph: Net) -> tuple[EventStream, bool]:
        """Returns a stream of an output of `graph`, and whether a new plan is needed to tap that output."""
        check_tap(graph, path)
        stream = EventStream(self, path)
        with self._lock:
            self._open.add(stream)
            self.engine.taps.setdefault(path, len(self.engine.taps))
        return stream, path not in self.engine.plan.taps

    def poll(self) -> None:
        """Passes new events to the streams."""
        news = []
        with self._lock:
            items = self.engine.shared.tapped.take()
            missed = int(self.engine.shared.taps["lost"])
            if missed > self._missed:
                news.append(f"Python was busy and lost {missed - self._missed} events of {', '.join(self.engine.taps)}")
                self._missed = missed
            if len(items):
                moment = steady(self.engine.moment)
                paths = {number: path for path, number in self.engine.taps.items()}
                streams = list(self._open)
                for frame, beat, tap, (_, *rest) in items.tolist():
                    event = Event(frame, beat, round(heard_at(moment, frame)), *rest)
                    for stream in streams:
                        if stream.path == paths[tap] and stream.put(event, self._limit):
                            news.append(f"events('{stream.path}') is read too slowly: events are dropped")
        for line in news:
            self._tell(line)

    def stop(self) -> None:
        """Ends each stream once its remaining events are read."""
        self.poll()
        self.stopped = True
