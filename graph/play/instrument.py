"""What can be played: an engine that takes notes, MIDI messages and new values from Python, live or offline."""

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
"""Seconds by which the estimate of the present frame may step back, as when a device drops out."""
STOPPED = "it has been stopped, so nothing plays any more: make another with Graph.play"


class Instrument(Renamed):
    """[control] What `Live` and `Offline` have in common. Any thread may call any method of a Live.

    A lock is held while bytes are read, and another while messages are given their frame and written to the ring, so
    that those of one thread arrive in their order; only the ring's own lock is taken under it.

    Notes, messages and values take effect now, or at one of these:

    host_time  nanoseconds of the host's clock at which it sounds: a clock's `host_time(beat)`
    frame      frame of the engine, from 0 at the start: a clock's `frame(beat)`
    beat       beat of the graph's clock, by its present tempo; `clock` names its node where the graph has several
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
        """Whether it takes notes: until it is stopped."""
        raise NotImplementedError

    @property
    def graph(self) -> Net:
        """The graph that plays."""
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
        """Peak and RMS of each output channel since they were last asked for."""
        return self.engine.meters()

    @property
    def faults(self) -> list[Fault]:
        """Nodes with values that are not finite or exceed the limit."""
        return self.engine.faults()

    @property
    def voices(self) -> dict[str, tuple[int, int]]:
        """Voices in use and in total of each voice allocator, by its name."""
        return self.engine.voices()

    @property
    def muted(self) -> bool:
        """Whether the output is silenced; assign to change it."""
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
        """A MIDI message, as a `mido.Message`, bytes, or anything with `bytes()`, to the graph's MIDI inputs."""
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
        """Begins a note.

        key       0 .. 127 as in MIDI, 69 is A4; fractions are microtuning; or a note name such as "C#4"
        velocity  above 0, up to 1 (a MIDI velocity divided by 127); channel: 1 .. 16
        """
        if amount(velocity, "velocity", 0.0, 1.0) == 0.0:
            raise GraphError("velocity is above 0 where a note begins: note_off ends one")
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
        """Ends a note: `key` as it began, 0 .. 127, at a release velocity of 0 .. 1, on channel 1 .. 16."""
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
        """Sets the input `NODE.PORT`; it glides to `value` by its ramp (5 ms unless it says otherwise).

        `live["filter.cutoff"] = "2 kHz"` does so now; a text is read as in a patch.
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
        """Ends all notes on all channels at once."""
        if not self.running:
            return
        for number in (ev.SUSTAIN, ev.SOSTENUTO, ev.ALL_NOTES_OFF, ev.ALL_SOUND_OFF):
            self.send_events(_control(number, 0.0, range(1, 17)))

    def clock(self, node: str | None = None) -> NodeClock:
        """The clock of a node, for tasks to wait for: `await live.clock("beat").sync(1)`.

        `node` may be left out where the graph has one clock.
        """
        self._check()
        self._await_clock()
        return NodeClock(self.engine, node or main_clock(self.engine.plan))

    def events(self, path: str) -> EventStream:
        """The events that a node gives from now on, for `for` or `async for`.

        path   a node with an events output, or with a `trigger` or `gate`, of which each rise above 0.5 is an event;
               `NODE.OUTPUT` names another output. Signals begin low, but for an open gate of voices

        Each call gives a separate stream, which survives swaps. The first for an output has the graph swapped for
        itself, inaudibly, and takes as long as a swap. A stream that is not read loses events and never sound.
        GraphError where the node is not there, gives no events, or is not connected to the output.
        """
        self._check()
        stream, fresh = self._streams.open(path, self.graph)
        if fresh:
            self._listen()
        return stream

    def _listen(self) -> None:
        """Swaps the graph for itself, with what is listened to now."""
        raise NotImplementedError

    def _check(self) -> None:
        """DeviceError once it has been stopped."""
        if not self.running:
            raise DeviceError(self.stopped_text)

    def _await_clock(self) -> None:
        """Waits for the first block, before which a clock has no tempo."""

    def _next_change(self) -> int:
        """The frame of a value that is set now."""
        return NOW

    def _frame(
        self, host_time: float | None, frame: int | None, beat: float | None, clock: str | None = None
    ) -> int | None:
        """The frame that is asked for; None for now."""
        if sum(word is not None for word in (host_time, frame, beat)) > 1:
            raise TypeError("give one of host_time=, frame= and beat=")
        if clock is not None and beat is None:
            raise TypeError("clock= names the clock of beat=, which is missing")
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
        """The frame of what arrives now, which is an estimate: no later than the device is late, no step backwards."""
        frame = min(self.engine.frame_at(host_ns()), self.engine.now + int(self.engine.moment["arrival"]))
        if 0 < self._latest - frame < JITTER * self.engine.rate:
            return self._latest
        self._latest = frame
        return frame

    def send_events(self, events: np.ndarray[Any, Any], *, frame: int | None = None) -> None:
        """`EVENT` or `TIMED_EVENT` records to the graph's MIDI inputs, all at one frame of the engine, or now."""
        self._check()
        timed = events
        if events.dtype != TIMED_EVENT:
            timed = np.zeros(len(events), TIMED_EVENT)
            timed["event"] = events
        with self._sending:
            timed["time"] = self._now() if frame is None else frame
            sent = self.engine.send(timed)
        if sent < len(timed):
            raise GraphError("the engine takes no more events: it is not running, or they come too fast")


def _control(number: int, value: float, channels: Iterable[int]) -> np.ndarray[Any, Any]:
    numbers = list(channels)
    event = np.zeros(len(numbers), ev.EVENT)
    event["kind"], event["channel"] = ev.CONTROL, numbers
    event["number"], event["value"] = number, value
    return event
