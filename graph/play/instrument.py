"""`Instrument`: an engine that Python plays with notes, MIDI messages and parameter values, live or offline."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from graph.clocks.host import host_ns
from graph.clocks.node_clock import NodeClock, main_clock
from graph.engine.engine import NOW, Engine
from graph.engine.faults import Fault
from graph.errors import DeviceError, GraphError, NodeError, Renamed, renamed_words
from graph.memory import events as ev
from graph.memory.events import TIMED_EVENT
from graph.memory.meters import Meter
from graph.memory.moment import frame_heard, steady
from graph.midi.messages import MessageReader, note
from graph.model.net import Net
from graph.node.node import number_of
from graph.play import arguments
from graph.play.arguments import amount
from graph.play.event_streams import EventStream, EventStreams

JITTER = 0.1
"""Seconds by which the estimate of the current frame may step back, as in a dropout."""
STOPPED = "it has been stopped, so nothing plays any more: make another with Graph.play"


class Instrument(Renamed):
    """[control] The common base of `Live` and `Offline`. Any thread may call any method of a Live.

    One lock is held while bytes are parsed, another while messages get their frame and are written to the ring, so
    that messages of one thread stay in order; only the ring's own lock is taken under it.

    Notes, messages and values take effect immediately, or at one of these:

    host_time  nanoseconds of the host's clock at which it sounds: a clock's `host_time(beat)`
    frame      frame of the engine, from 0 at the start: a clock's `frame(beat)`
    beat       beat of the graph's clock, at its current tempo; `clock` names the node if the graph has several clocks
    """

    engine: Engine
    stopped_text = STOPPED

    def __init__(self, streams: EventStreams) -> None:
        self._reader = MessageReader()
        self._sending = threading.Lock()
        self._latest = 0
        self._streams = streams

    @property
    def running(self) -> bool:
        """Whether it accepts notes: True until it is stopped."""
        raise NotImplementedError

    @property
    def graph(self) -> Net:
        """The playing graph."""
        return self.engine.graph

    @property
    def rate(self) -> float:
        """Sample rate in Hz."""
        return self.engine.rate

    def __setitem__(self, path: str, value: float | str) -> None:
        self.set(path, value)

    def __getitem__(self, path: str) -> float:
        return self.engine.value(path)

    @property
    def meters(self) -> list[Meter]:
        """Peak and RMS of each output channel since the previous reading."""
        return self.engine.meters()

    @property
    def faults(self) -> list[Fault]:
        """Nodes whose values are not finite or exceed the limit."""
        return self.engine.faults()

    @property
    def voices(self) -> dict[str, tuple[int, int]]:
        """Voices in use and total voices of each voice allocator, by node name."""
        return self.engine.voices()

    @property
    def muted(self) -> bool:
        """Whether the output is muted; assign to change it."""
        return self.engine.level == 0.0

    @muted.setter
    def muted(self, value: bool) -> None:
        self.engine.level = 0.0 if value else 1.0

    @renamed_words(at="host_time", heard="host_time")
    def send(
        self,
        message: Any,
        *,
        host_time: float | None = None,
        frame: int | None = None,
        beat: float | None = None,
        clock: str | None = None,
    ) -> None:
        """Sends a MIDI message to the graph's MIDI inputs: a `mido.Message`, bytes, or any object with `bytes()`."""
        events = self._reader.read_message(message, 0)
        self.send_events(events, frame=self._frame(host_time, frame, beat, clock))

    @renamed_words(at="host_time", heard="host_time")
    def note_on(
        self,
        key: float | str,
        velocity: float = 0.8,
        channel: int = 1,
        *,
        host_time: float | None = None,
        frame: int | None = None,
        beat: float | None = None,
        clock: str | None = None,
    ) -> None:
        """Starts a note.

        key       0 .. 127 as in MIDI, 69 is A4; fractions are microtuning; or a note name such as "C#4"
        velocity  above 0, up to 1 (a MIDI velocity divided by 127); channel: 1 .. 16
        """
        if amount(velocity, "velocity", 0.0, 1.0) == 0.0:
            raise GraphError("velocity must be above 0: to end a note, use note_off")
        event = note(arguments.key(key), velocity, arguments.channel(channel), on=True)
        self.send_events(event, frame=self._frame(host_time, frame, beat, clock))

    @renamed_words(at="host_time", heard="host_time")
    def note_off(
        self,
        key: float | str,
        velocity: float = 0.5,
        channel: int = 1,
        *,
        host_time: float | None = None,
        frame: int | None = None,
        beat: float | None = None,
        clock: str | None = None,
    ) -> None:
        """Ends a note: the `key` that started it, 0 .. 127; release velocity 0 .. 1; channel 1 .. 16."""
        speed = amount(velocity, "velocity", 0.0, 1.0)
        event = note(arguments.key(key), speed, arguments.channel(channel), on=False)
        self.send_events(event, frame=self._frame(host_time, frame, beat, clock))

    @renamed_words(at="host_time", heard="host_time")
    def control(
        self,
        number: int,
        value: float,
        channel: int = 1,
        *,
        host_time: float | None = None,
        frame: int | None = None,
        beat: float | None = None,
        clock: str | None = None,
    ) -> None:
        """Moves MIDI controller `number`, 0 .. 127, to `value`, 0 .. 1 (a MIDI value divided by 127)."""
        which = arguments.whole(number, "a controller's number", 0, 127)
        event = _control(which, amount(value, "a controller's value", 0.0, 1.0), [arguments.channel(channel)])
        self.send_events(event, frame=self._frame(host_time, frame, beat, clock))

    @renamed_words(at="host_time", heard="host_time")
    def set(
        self,
        path: str,
        value: float | str,
        *,
        host_time: float | None = None,
        frame: int | None = None,
        beat: float | None = None,
        clock: str | None = None,
    ) -> None:
        """Sets the input `NODE.PORT`; it glides to `value` over its ramp time (5 ms by default).

        `live["filter.cutoff"] = "2 kHz"` does so immediately; text is parsed as in a patch.
        """
        self._check()
        if isinstance(value, str):
            try:
                value = number_of(value, self.graph.find(path)[1], path)
            except NodeError as error:
                raise GraphError(str(error)) from None
        when = self._frame(host_time, frame, beat, clock)
        self.engine.set(path, amount(value, path), self._next_change() if when is None else when)

    def panic(self) -> None:
        """Ends all notes on all channels immediately."""
        if not self.running:
            return
        for number in (ev.SUSTAIN, ev.SOSTENUTO, ev.ALL_NOTES_OFF, ev.ALL_SOUND_OFF):
            self.send_events(_control(number, 0.0, range(1, 17)))

    def clock(self, node: str | None = None) -> NodeClock:
        """The clock of a node, for asyncio tasks: `await live.clock("beat").sync(1)`.

        `node` may be omitted if the graph has one clock.
        """
        self._check()
        self._await_clock()
        return NodeClock(self.engine, node or main_clock(self.engine.plan))

    def events(self, path: str) -> EventStream:
        """The events of a node from now on, for `for` or `async for`.

        path   a node with an events output, or with a `trigger` or `gate`, where each rise above 0.5 is an event;
               `NODE.OUTPUT` names another output. Signals start low, except the gate of a voice that is already open

        Each call returns a separate stream, which survives swaps. The first stream of an output swaps the graph for
        itself, inaudibly, and takes as long as a swap. A stream that is not read drops events but never affects the
        sound. GraphError if the node does not exist, outputs no events, or is not connected to the output.
        """
        self._check()
        stream, fresh = self._streams.open(path, self.graph)
        if fresh:
            self._listen()
        return stream

    def _listen(self) -> None:
        """Swaps the graph for itself, with taps for the current streams."""
        raise NotImplementedError

    def _check(self) -> None:
        """Raises DeviceError after `stop`."""
        if not self.running:
            raise DeviceError(self.stopped_text)

    def _await_clock(self) -> None:
        """Waits for the first block, before which a clock has no tempo."""

    def _next_change(self) -> int:
        """The frame at which a value set now takes effect."""
        return NOW

    def _frame(
        self, host_time: float | None, frame: int | None, beat: float | None, clock: str | None = None
    ) -> int | None:
        """The requested frame; None for now."""
        if sum(word is not None for word in (host_time, frame, beat)) > 1:
            raise TypeError("give only one of host_time=, frame= and beat=")
        if clock is not None and beat is None:
            raise TypeError("clock= needs beat= too")
        if frame is not None:
            return arguments.whole(frame, "a frame", 0, 2**53)
        if host_time is not None:
            return max(0, frame_heard(steady(self.engine.moment), amount(host_time, "host_time", 0.0, 2.0**63)))
        if beat is None:
            return None
        self._check()
        self._await_clock()
        name = clock or main_clock(self.engine.plan)
        return max(0, NodeClock(self.engine, name).frame(amount(beat, "a beat", -1e9, 1e9)))

    def _now(self) -> int:
        """The estimated frame of a message that arrives now: within the device's delay, and never stepping back."""
        frame = min(self.engine.frame_at(host_ns()), self.engine.now + int(self.engine.moment["arrival"]))
        if 0 < self._latest - frame < JITTER * self.engine.rate:
            return self._latest
        self._latest = frame
        return frame

    def send_events(self, events: np.ndarray[Any, Any], *, frame: int | None = None) -> None:
        """Sends `EVENT` or `TIMED_EVENT` records to the graph's MIDI inputs, all at one engine frame, or now."""
        self._check()
        timed = events
        if events.dtype != TIMED_EVENT:
            timed = np.zeros(len(events), TIMED_EVENT)
            timed["event"] = events
        with self._sending:
            timed["time"] = self._now() if frame is None else frame
            sent = self.engine.send(timed)
        if sent < len(timed):
            raise GraphError("the engine's event queue is full: it is not running, or events arrive too fast")


def _control(number: int, value: float, channels: Iterable[int]) -> np.ndarray[Any, Any]:
    numbers = list(channels)
    event = np.zeros(len(numbers), ev.EVENT)
    event["kind"], event["channel"] = ev.CONTROL, numbers
    event["number"], event["value"] = number, value
    return event
