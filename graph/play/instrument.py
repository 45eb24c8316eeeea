"""What can be played: an engine that takes notes and MIDI messages from Python."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from graph.clocks.host import host_ns
from graph.clocks.node_clock import NodeClock
from graph.engine.engine import Engine
from graph.errors import DeviceError, GraphError
from graph.memory import events as ev
from graph.memory.events import TIMED_EVENT
from graph.memory.moment import frame_heard, steady
from graph.midi.messages import MessageReader, note
from graph.play.outside import Outside

JITTER = 0.1
"""Seconds by which the estimate of the present frame may step back, as when a device drops out."""
STOPPED = "it has been stopped, so nothing plays any more: make another with Graph.play"


class Instrument:
    """[control] Any thread may call any method.

    A lock is held while bytes are read, and another while messages are given their frame and written to the ring, so
    that those of one thread arrive in their order; only the ring's own lock is taken under it.
    """

    engine: Engine
    outside: Outside

    @property
    def running(self) -> bool:
        """Whether it takes notes: until it is stopped."""
        raise NotImplementedError

    def __init__(self) -> None:
        self._reader = MessageReader()
        self._sending = threading.Lock()
        self._latest = 0

    def send(self, message: Any, at: int | None = None, *, heard: int | None = None, frame: int | None = None) -> None:
        """A MIDI message, as a `mido.Message`, bytes, or anything with `bytes()`, to the graph's MIDI inputs.

        at     host time in nanoseconds (`graph.clocks.host.host_ns`) at which it counts as arrived; now by default
        heard  host time at which it is to sound, on the frame: what a clock's `host_time(beat)` gives
        frame  the engine's frame: what the `frame(beat)` of this graph's own `clock` gives, exact whatever happens
        """
        events = self._reader.read_message(message, 0)
        if frame is None and heard is not None:
            frame = frame_heard(steady(self.engine.moment), heard)
        self.send_events(events, at, frame)

    def clock(self, node: str) -> NodeClock:
        """The clock that a node of the graph gives, for tasks to wait for: `await live.clock("beat").sync(1)`."""
        self._check()
        return NodeClock(self.engine, node)

    def note_on(self, key: float, velocity: float = 0.8, channel: int = 1) -> None:
        """Begins a note.

        key       0 .. 127 as in MIDI, 69 is A4; fractions are microtuning
        velocity  above 0, up to 1 (a MIDI velocity divided by 127); channel: 1 .. 16
        """
        if amount(velocity, "velocity", 0.0, 1.0) == 0.0:
            raise GraphError("velocity is above 0 where a note begins: note_off ends one")
        self.send_events(note(_key(key), velocity, _channel(channel), on=True))

    def note_off(self, key: float, velocity: float = 0.5, channel: int = 1) -> None:
        """Ends a note: `key` as it began, 0 .. 127, let go at a velocity of 0 .. 1, on channel 1 .. 16."""
        self.send_events(note(_key(key), amount(velocity, "velocity", 0.0, 1.0), _channel(channel), on=False))

    def control(self, number: int, value: float, channel: int = 1) -> None:
        """Moves MIDI controller `number`, 0 .. 127, to `value`, 0 .. 1 (a MIDI value divided by 127)."""
        whole = _whole(number, "a controller's number", 0, 127)
        self.send_events(_control(whole, amount(value, "a controller's value", 0.0, 1.0), [_channel(channel)]))

    def send_out(self, message: Any, at: int | None = None) -> None:
        """A MIDI message to the open outputs, past the graph, at host time `at` (nanoseconds), or now.

        System exclusive leaves whole. A task may ask ahead: the companion process, or JACK, keeps the time.
        """
        self._check()
        sender = self.outside.sender
        if sender is None:
            raise DeviceError("no MIDI output is open: name one, or put a MidiOut into the patch")
        sender.send(message, at)

    def panic(self) -> None:
        """Ends all notes on all channels at once."""
        if not self.running:
            return
        for number in (ev.SUSTAIN, ev.SOSTENUTO, ev.ALL_NOTES_OFF, ev.ALL_SOUND_OFF):
            self.send_events(_control(number, 0.0, range(1, 17)))

    def _check(self) -> None:
        """DeviceError once it has been stopped."""
        if not self.running:
            raise DeviceError(STOPPED)

    def _now(self) -> int:
        """The frame of what arrives now, which is an estimate: no later than the device is late, no step backwards."""
        frame = min(self.engine.frame_at(host_ns()), self.engine.now + int(self.engine.moment["arrival"]))
        if 0 < self._latest - frame < JITTER * self.engine.rate:
            return self._latest
        self._latest = frame
        return frame

    def send_events(self, events: np.ndarray[Any, Any], at: int | None = None, frame: int | None = None) -> None:
        """`EVENT` or `TIMED_EVENT` records to the graph's MIDI inputs; `at` and `frame` as in `send`."""
        self._check()
        timed = events
        if events.dtype != TIMED_EVENT:
            timed = np.zeros(len(events), TIMED_EVENT)
            timed["event"] = events
        with self._sending:
            if frame is None:
                frame = self._now() if at is None else self.engine.frame_at(at)
            timed["time"] = frame
            sent = self.engine.send(timed)
        if sent < len(timed):
            raise GraphError("the engine takes no more events: it is not running, or they come too fast")


def _control(number: int, value: float, channels: Iterable[int]) -> np.ndarray[Any, Any]:
    numbers = list(channels)
    event = np.zeros(len(numbers), ev.EVENT)
    event["kind"], event["channel"] = ev.CONTROL, numbers
    event["number"], event["value"] = number, value
    return event


def amount(value: Any, what: str, low: float = float("-inf"), high: float = float("inf")) -> float:
    """`value`, if it is a number from `low` to `high`; else a GraphError that says what `what` takes."""
    try:
        number = float("nan") if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if low <= number <= high:
        return number
    wanted = "takes a number" if low == -high == float("-inf") else f"is {low:g} .. {high:g}"
    raise GraphError(f"{what} {wanted}, not {value!r}")


def _key(key: float) -> float:
    return amount(key, "a key", 0.0, 127.0)


def _channel(channel: int) -> int:
    return _whole(channel, "a channel", 1, 16)


def _whole(value: int, what: str, low: int, high: int) -> int:
    number = amount(value, what, low, high)
    if number != int(number):
        raise GraphError(f"{what} is a whole number, not {value!r}")
    return int(number)
