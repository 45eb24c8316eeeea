"""Observers of incoming events, called on their own thread: `Live.on_events`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from graph.play.control import ControlThread

Observer = Callable[[np.ndarray[Any, Any]], None]

BACKLOG = 500
"""Maximum number of pending batches (50 per second) for a slow observer; further ones are dropped."""
FLUSH = 0.3
"""Seconds that `stop` waits for the observers to receive the last events."""


class Observers:
    """[control] Functions that receive `TIMED_EVENT` records in order of arrival.

    Any thread may call any method. The functions run on the thread "graphrun observers", without a lock, so each may
    call any public method of the Live. A slow one delays the other observers, but not the sound or a recording.

    tell         receives a message if an observer raises an exception or is too slow
    own_thread   False: `give` calls the functions on the calling thread
    """

    def __init__(self, tell: Callable[[str], None], *, own_thread: bool = True) -> None:
        self._tell = tell
        self._own_thread = own_thread
        self._all: tuple[Observer, ...] = ()
        self._lock = threading.Lock()  # a leaf: held to change the tuple
        self._thread: ControlThread | None = None
        self._late = False

    def __call__(self, observer: Observer) -> Observer:
        """Calls `observer` with all events from now on; returns it, so this works as a decorator."""
        with self._lock:
            self._all += (observer,)
            if self._thread is None and self._own_thread:
                self._thread = ControlThread("graphrun observers", "playing has been stopped")
                self._thread.start()
        return observer

    def remove(self, observer: Observer) -> None:
        """Removes an observer; ValueError if it is not registered. A running call is not interrupted."""
        with self._lock:
            left = list(self._all)
            left.remove(observer)
            self._all = tuple(left)

    def __contains__(self, observer: object) -> bool:
        return observer in self._all

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Observer]:
        return iter(self._all)

    @property
    def current(self) -> bool:
        """Whether the caller is an observer."""
        return self._thread is not None and self._thread.current

    def give(self, events: np.ndarray[Any, Any]) -> None:
        """Queues a call of every observer with these events."""
        thread = self._thread
        if not self._own_thread and len(events):
            self._call(events)
        if thread is None or not self._all or not len(events):
            return
        if thread.waiting < BACKLOG:
            self._late = False
            thread.later(partial(self._call, events))
        elif not self._late:
            self._late = True
            self._tell("an observer is too slow: events are dropped")

    def stop(self) -> None:
        """Ends the thread when the observers have received all events, or after a moment."""
        thread = self._thread
        if thread is None:
            return
        if not thread.current:
            heard = threading.Event()
            thread.later(heard.set)
            heard.wait(FLUSH)
        thread.end(FLUSH)

    def _call(self, events: np.ndarray[Any, Any]) -> None:
        for observer in self._all:
            try:
                observer(events)
            except Exception as error:  # a user's function may raise anything
                self._tell(f"{getattr(observer, '__qualname__', observer)}: {type(error).__name__}: {error}")
