"""What can be played: an engine that takes notes and MIDI messages from Python."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from graph import events as ev
from graph.engine import Engine
from graph.errors import DeviceError, GraphError
from graph.events import TIMED_EVENT
from graph.host import host_ns
from graph.messages import MessageReader, message_bytes, note
from graph.moment import frame_heard, steady
from graph.node_clock import NodeClock
from graph.outside import Outside


class Instrument:
    """[control] Its methods may be called from any thread."""

    engine: Engine
    outside: Outside

    def __init__(self) -> None:
        self._reader = MessageReader()
        self._reading = threading.Lock()

    def send(self, message: Any, at: int | None = None, *, heard: int | None = None, frame: int | None = None) -> None:
        """A MIDI message, as a `mido.Message`, bytes, or anything with `bytes()`, to the graph's MIDI inputs.

        at     host time in nanoseconds (`graph.host.host_ns`) at which it counts as arrived; now by default
        heard  host time at which it is to sound, on the frame: what a clock's `host_time(beat)` gives
        frame  the engine's frame: what the `frame(beat)` of this graph's own `clock` gives, exact whatever happens
        """
        if frame is None and heard is not None:
            frame = frame_heard(steady(self.engine.moment), heard)
        with self._reading:
            events = self._reader.read(message_bytes(message), 0)
        self._send(events, at, frame)

    def clock(self, node: str) -> NodeClock:
        """The clock that a node of the graph gives, for tasks to wait for: `await live.clock("beat").sync(1)`."""
        return NodeClock(self.engine, node)

    def note_on(self, key: float, velocity: float = 0.8, channel: int = 1) -> None:
        """Begins a note. Keys are MIDI's, 69 is A4; fractions are microtuning."""
        self._send(note(key, velocity, channel, on=True))

    def note_off(self, key: float, velocity: float = 0.5, channel: int = 1) -> None:
        """Ends a note."""
        self._send(note(key, velocity, channel, on=False))

    def control(self, number: int, value: float, channel: int = 1) -> None:
        """Moves a MIDI controller to `value`, 0 .. 1."""
        self._send(_control(number, value, [channel]))

    def send_out(self, message: Any, at: int | None = None) -> None:
        """A MIDI message to the open outputs, past the graph, at host time `at` (nanoseconds), or now.

        A task that wakes late is no matter if it asks ahead: the companion process keeps the time.
        """
        companion = self.outside.companion
        if companion is None:
            raise DeviceError("no MIDI output is open: name one, or put a MidiOut into the patch")
        companion.send(message, at)

    def panic(self) -> None:
        """Ends all notes on all channels at once."""
        for number in (ev.SUSTAIN, ev.SOSTENUTO, ev.ALL_NOTES_OFF, ev.ALL_SOUND_OFF):
            self._send(_control(number, 0.0, range(1, 17)))

    def _send(self, events: np.ndarray[Any, Any], at: int | None = None, frame: int | None = None) -> None:
        timed = events
        if events.dtype != TIMED_EVENT:
            timed = np.zeros(len(events), TIMED_EVENT)
            timed["event"] = events
        timed["time"] = self.engine.frame_at(host_ns() if at is None else at) if frame is None else frame
        if self.engine.send(timed) < len(timed):
            raise GraphError("the engine takes no more events: it is not running, or they come too fast")


def _control(number: int, value: float, channels: Iterable[int]) -> np.ndarray[Any, Any]:
    numbers = list(channels)
    event = np.zeros(len(numbers), ev.EVENT)
    event["kind"], event["channel"] = ev.CONTROL, numbers
    event["number"], event["value"] = number, value
    return event
