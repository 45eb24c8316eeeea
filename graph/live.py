"""`Live`: a graph that plays. Everything here is [control]; the sound does not depend on it."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from graph import events as ev
from graph.cache import Report
from graph.device import Device, DeviceStats
from graph.devices import choose
from graph.ending import TAIL_SECONDS, Silence, sources_of
from graph.engine import Engine, Fault
from graph.errors import DeviceError, GraphError, GraphrunError
from graph.events import TIMED_EVENT
from graph.host import host_ns
from graph.messages import MessageReader, message_bytes, note
from graph.meters import Meter
from graph.midi_recorder import MidiRecorder
from graph.model import Graph
from graph.moment import frame_heard, steady
from graph.node_clock import NodeClock
from graph.outside import Outside
from graph.tape import Tape

HOUSEKEEPING = 0.02
"""Seconds between two looks of the control thread at what has happened."""

LEAD = 0.1
"""Seconds until the first event of a MIDI file."""

SWAP_SECONDS = 2.0
"""How long `reload` waits for the swap before."""


class Live:
    """[control] A running engine: made by `Graph.play`, ended by `stop` or by leaving its `with`.

    Its methods may be called from any thread. A Python that is busy delays them, never the sound.

    live["filter.cutoff"] = 800    glides there; reading gives the present value
    live.note_on(60), live.send(mido.Message("note_on", note=60))
    live.meters, live.stats, live.voices, live.reload(other_graph)

    news   messages about devices, faults and dropped events, in the order of their coming
    """

    def __init__(
        self,
        graph: Graph,
        *,
        device: str | int | None = None,
        rate: float | None = None,
        block: int | None = None,
        latency: float | None = None,
        connect: Sequence[str] | None = None,
        midi: Sequence[str | int] | None = None,
        midi_out: Sequence[str | int] | None = None,
        report: Report | None = None,
    ) -> None:
        self.news: list[str] = []
        self.observers: list[Callable[[np.ndarray[Any, Any]], None]] = []
        """Called with the `TIMED_EVENT` records that have arrived, by the control thread."""
        heard = None if midi is None else [str(port) for port in midi]
        self._choose: Callable[[], Any] = lambda: choose(device, latency=latency, connect=connect, midi_from=heard)
        choice = self._choose()
        try:
            self.engine = Engine(graph, rate=rate or graph.rate or choice.rate, block=block, report=report)
            self.device: Device = choice.open(self.engine)
        except BaseException:
            choice.refuse()
            raise
        self._reader = MessageReader()
        self._tape: Tape | None = None
        self._notes: MidiRecorder | None = None
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._lost: list[Device] = []
        self._told: dict[str, int] = {}
        self._song = np.zeros(0, TIMED_EVENT)
        self._played = False
        self._silence, self._quiet = Silence(self.engine), 0.0
        kind = self.device.kind
        self.outside = Outside(
            self.engine, midi=midi, midi_out=midi_out, by_device=kind == "jack", silent=kind == "null"
        )
        self.device.start()
        atexit.register(self.stop)
        self._provided: Graph | None = None
        self._thread = threading.Thread(target=self._keep_house, name="graphrun control", daemon=True)
        self._thread.start()

    @property
    def graph(self) -> Graph:
        """The graph that plays."""
        return self.engine.graph

    @property
    def rate(self) -> float:
        """Sample rate in Hz."""
        return self.engine.rate

    @property
    def running(self) -> bool:
        """Whether it has not been stopped."""
        return not self._stopped.is_set()

    @property
    def lost(self) -> str:
        """Why the device is gone, or nothing while it is there."""
        return self.device.lost

    def __setitem__(self, path: str, value: float) -> None:
        self.engine.set(path, value)

    def __getitem__(self, path: str) -> float:
        return self.engine.value(path)

    def send(self, message: Any, at: int | None = None, *, heard: int | None = None, frame: int | None = None) -> None:
        """A MIDI message, as a `mido.Message`, bytes, or anything with `bytes()`, to the graph's MIDI inputs.

        at     host time in nanoseconds (`graph.host.host_ns`) at which it counts as arrived; now by default
        heard  host time at which it is to sound, on the frame: what a clock's `host_time(beat)` gives
        frame  the engine's frame: what the `frame(beat)` of this graph's own `clock` gives, exact whatever happens
        """
        if frame is None and heard is not None:
            frame = frame_heard(steady(self.engine.moment), heard)
        with self._lock:
            self._send(self._reader.read(message_bytes(message), 0), at, frame)

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

    @property
    def meters(self) -> list[Meter]:
        """Peak and RMS of each output channel since they were last asked for."""
        return self.engine.meters()

    @property
    def stats(self) -> DeviceStats:
        """How the device keeps its time: callbacks, load, drop-outs."""
        return self.device.stats

    @property
    def faults(self) -> list[Fault]:
        """Nodes that gave what is not finite."""
        return self.engine.faults()

    @property
    def voices(self) -> dict[str, tuple[int, int]]:
        """Of each node that gives voices: how many sound, and how many there are."""
        return self.engine.voices()

    @property
    def loads(self) -> dict[str, float]:
        """What each node takes of the time that a block has, 0 .. 1, the costliest first."""
        stats, cycles = self.stats, self.engine.cycles()
        total = sum(cycles.values()) or 1
        shares = {name: stats.load * count / total for name, count in cycles.items()}
        return dict(sorted(shares.items(), key=lambda item: -item[1]))

    @property
    def muted(self) -> bool:
        """Whether the output is silenced; assign to change it."""
        return self.engine.level == 0.0

    @muted.setter
    def muted(self, value: bool) -> None:
        self.engine.level = 0.0 if value else 1.0

    def reload(self, graph: Graph, report: Report | None = None) -> None:
        """Has another graph take over while this one plays; see `Engine.swap`."""
        deadline = time.monotonic() + SWAP_SECONDS
        while self.engine.swapping:
            if time.monotonic() > deadline:
                raise DeviceError(f"{self.device} does not ask for sound, so nothing can take over")
            time.sleep(0.002)
        self.engine.swap(graph, report)

    def play_file(self, path: str | PathLike[str]) -> list[str]:
        """Plays a Standard MIDI File into the graph's MIDI inputs, from now on; what was odd about it."""
        from graph.midi_file import events_at, read

        song = read(path)
        events = events_at(song, self.engine.rate)
        events["time"] += self.engine.now + round(LEAD * self.engine.rate)
        with self._lock:
            self._song = events
        self._feed()
        return list(song.warnings)

    @property
    def finished(self) -> bool:
        """Whether the music is over: a MIDI file or all sources have ended, and 2 s were silent.

        What waits for a player, or goes round for ever, is never over.
        """
        sources = sources_of(self.engine)
        if sources.endless or not (self._played or sources.ends) or (sources.listeners and not self._played):
            return False
        return not len(self._song) and sources.ended and self._quiet >= TAIL_SECONDS

    def _feed(self) -> None:
        """Sends what the MIDI file has for the coming second."""
        with self._lock:
            if len(self._song):
                self._played = True
                due = int(np.searchsorted(self._song["time"], self.engine.now + self.engine.rate))
                self._song = self._song[self.engine.send(self._song[:due]) :]

    def record(self, path: str | PathLike[str]) -> None:
        """Begins to write all that is heard into a file: .wav, .flac or .ogg."""
        with self._lock:
            if self._tape is not None:
                raise GraphrunError(f"{self._tape.file.path} is being recorded already")
            self._tape = Tape(self.engine, Path(path))

    def stop_recording(self) -> float:
        """Completes the file; its length in seconds."""
        with self._lock:
            tape, self._tape = self._tape, None
        if tape is None:
            return 0.0
        tape.close()
        if tape.lost:
            self.news.append(f"{tape.file.path}: {tape.lost} frames are missing, the disk was too slow")
        return tape.seconds

    @property
    def recording(self) -> float | None:
        """Seconds that have been recorded, or None."""
        with self._lock:
            return None if self._tape is None else self._tape.seconds

    def record_midi(self, path: str | PathLike[str], tempo: float = 120.0) -> None:
        """Begins to note down what is played; the MIDI file is written by `stop`.

        tempo   beats a minute of the file; the times are exact whatever it is
        """
        with self._lock:
            self._notes = MidiRecorder(path, self.engine.rate, self.engine.now, tempo)

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it is stopped or the device is lost, at most `seconds`; whether it still plays."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self.running and not self.lost:
            left = 0.1 if deadline is None else min(0.1, deadline - time.monotonic())
            if left <= 0:
                return True
            self._stopped.wait(left)
        return False

    def reconnect(self) -> None:
        """Opens the device again after it was lost; DeviceError while it is not there."""
        if self.device not in self._lost:  # kept, for a library may still hold their memory
            self._lost.append(self.device)
            self.device.stop()
        self.device.renew()
        choice = self._choose()
        if choice.rate != self.engine.rate and choice.name == "jack":
            choice.refuse()
            raise DeviceError(f"JACK runs at {choice.rate:g} Hz now, and the patch at {self.engine.rate:g} Hz")
        device = choice.open(self.engine)
        device.start()
        self.device = device

    def stop(self) -> DeviceStats:
        """Ends the sound and completes all recordings."""
        with self._lock:
            if self._stopped.is_set():
                return self.stats
            self._stopped.set()
        atexit.unregister(self.stop)
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)
        self.outside.stop()
        stats = self.device.stop() if self.device not in self._lost else self.stats
        self._look()
        self.stop_recording()
        if self._notes is not None:
            self._notes.close()
        return stats

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep_house(self) -> None:
        while not self._stopped.wait(HOUSEKEEPING):
            try:
                if self._provided is not self.graph:  # the sound does not wait for ports to open
                    self._provided = self.graph
                    self.outside.provide(self.graph)
                self.news += self.outside.poll()
                self._look()
            except GraphrunError as error:
                self.news.append(str(error))

    def _look(self) -> None:
        """Takes what has been heard, writes what is recorded, and notes what went wrong."""
        heard = self.engine.heard.take()
        if len(heard):
            if self._notes is not None:
                self._notes.add(heard)
            for observer in self.observers:
                observer(heard)
        self._feed()
        self._quiet = self._silence.seconds()
        with self._lock:
            if self._tape is not None:
                self._tape.write()
        for fault in self.engine.faults():
            if self._told.get(fault.node) != fault.times:
                self._told[fault.node] = fault.times
                fate = "it is muted" if fault.muted else "it was reset"
                self.news.append(f"{fault.node} gave values that are not finite; {fate}")


def _control(number: int, value: float, channels: Any) -> np.ndarray[Any, Any]:
    event = np.zeros(len(channels), ev.EVENT)
    event["kind"], event["channel"] = ev.CONTROL, list(channels)
    event["number"], event["value"] = number, value
    return event
