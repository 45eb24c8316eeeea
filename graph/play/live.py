"""`Live`: a graph that plays on a device. All code here is [control]; the audio thread never waits for it."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

from graph.devices.choose import choose
from graph.devices.device import Device, DeviceStats, answer
from graph.devices.options import PlayOptions
from graph.engine.engine import Engine
from graph.engine.faults import FaultNews
from graph.engine.gauges import clocks
from graph.errors import DeviceError, GraphError, in_words, renamed_words
from graph.model.net import Net
from graph.native.cache import Report
from graph.plan.plan import Plan
from graph.plan.taps import is_tapped
from graph.play.control import ControlThread
from graph.play.event_streams import EventStreams
from graph.play.instrument import STOPPED, Instrument
from graph.play.observers import Observers
from graph.play.outside import Outside, inputs_of
from graph.play.recordings import Recordings
from graph.play.song import Song

HOUSEKEEPING = 0.02
"""Seconds between two polls of the control thread."""

FIRST_BLOCK = 0.3
"""Seconds to wait for a device's first block; before it, a clock has no tempo."""

SWAP_SECONDS = 2.0
"""Seconds that `swap` waits for the previous swap."""

PATIENCE = 5.0
"""Seconds that a caller waits for the control thread."""

OPEN = 4.0
"""Time limit in seconds for reopening a lost device."""

ENDING, PORTS = 0.4, 0.8
"""Seconds that `stop` waits for the control thread and for the MIDI ports; with a device's 0.7 s, less than 2 s."""


class Live(Instrument):
    """[control] A running engine: created by `Graph.play`, ended by `stop` or by leaving its `with` block.

    Any thread may call any method, and so may observers. A busy interpreter delays the calls, never the sound.

    One thread, "graphrun control", owns the device, the MIDI ports, the recordings and the playing plan. `swap`,
    `reconnect` and the recordings are requests that it runs one at a time; between them, 50 times per second, it feeds
    the MIDI file and writes the recordings. It runs no user code and never waits for another thread without a time
    limit: kernels compile on the thread that calls `swap`, observers run on their own thread, and a device opens on a
    thread that is abandoned after 4 s. So every wait for the control thread is bounded. `stop` ends it and takes over
    its resources.

    Locks are leaves (a ring's, the engine's and the song's above a ring's, the recordings', the observers'): none is
    held while waiting for another thread, and no user code runs under one.

    live["filter.cutoff"] = 800    glides there; reading returns the current value
    live.note_on(60), live.send(mido.Message("note_on", note=60))
    live.meters, live.stats, live.voices, live.swap(other_graph)

    messages   about devices, faults and dropped events, oldest first
    on_events  `live.on_events(function)` calls `function` on a thread with incoming `TIMED_EVENT` records
    """

    renamed = {
        "news": "messages",
        "reload": "swap",
        "loads": "cpu_by_node",
        "play_file": "play_midi",
        "observers": "on_events",
    }

    def __init__(
        self, graph: Net, options: PlayOptions | None = None, *, report: Report | None = None, **words: Any
    ) -> None:
        """`words` are fields of PlayOptions that replace or override `options`; `report` receives compile progress."""
        self.options = options = PlayOptions.of(options, words)
        self.messages: list[str] = []
        self.on_events = Observers(self.tell)
        self._inputs = inputs_of(graph)
        choice = choose(options, self._inputs)
        if options.thru and choice.name == "jack":
            choice.refuse()
            raise DeviceError("with JACK, connect the keyboard to the synthesizer (jack_connect) and leave out --thru")
        try:
            rate = options.rate or graph.rate or choice.rate
            self.engine = Engine(graph, rate=rate, block=options.block, channels=choice.channels, report=report)
            self.device: Device = choice.open(self.engine)
        except BaseException:
            choice.refuse()
            raise
        super().__init__(EventStreams(self.engine, self.tell))
        self.messages += graph.doubts()
        self._recordings = Recordings(self.engine)
        self._stopping = threading.Lock()  # a leaf: held by `stop` to see whether it is the first call
        self._stopped, self._closed = threading.Event(), threading.Event()
        self._lost: list[Device] = []
        self._faults = FaultNews()
        self._trouble = ""
        self._song = Song(self.engine)
        kind = self.device.kind
        self.outside = Outside(
            self.engine,
            midi=options.midi,
            midi_out=options.midi_out,
            thru=options.thru,
            link=options.link,
            by_device=kind == "jack",
            silent=kind == "null",
            device_sender=lambda: self.device.midi_sender,
        )
        self.device.start()
        self.messages += self.device.messages
        atexit.register(self.stop)
        self._provided: Net | None = None
        self._control = ControlThread("graphrun control", STOPPED, self._keep_house, HOUSEKEEPING)
        self._control.start()

    def __repr__(self) -> str:
        state = f"on {self.device}" if self.running else "stopped"
        return f"<Live {self.graph.name or 'graph'}: {self.rate:g} Hz, {state}>"

    def tell(self, message: str) -> None:
        """Adds a message to `messages`."""
        self.messages.append(message)

    @property
    def running(self) -> bool:
        """Whether it has not been stopped."""
        return not self._stopped.is_set()

    @property
    def lost(self) -> str:
        """Reason the device was lost; empty while it runs."""
        return self.device.lost

    @property
    def stats(self) -> DeviceStats:
        """Timing statistics of the device: callbacks, load, dropouts."""
        return self.device.stats

    @property
    def cpu_by_node(self) -> dict[str, float]:
        """Share of the block period that each node uses, 0 .. 1, highest first."""
        stats, cycles = self.stats, self.engine.cycles()
        total = sum(cycles.values()) or 1
        shares = {name: stats.load * count / total for name, count in cycles.items()}
        return dict(sorted(shares.items(), key=lambda item: -item[1]))

    def swap(self, graph: Net, report: Report | None = None) -> None:
        """Switches to another graph with a crossfade; see `Engine.swap`.

        The calling thread compiles missing kernels. DeviceError after `stop`.
        """
        if not isinstance(graph, Net):
            raise GraphError(f"swap takes a Graph, such as graph.load({str(graph)!r}), not {graph!r}")
        self._check()
        known = self.graph.doubts()
        self._swap(graph, report)
        self.messages += [doubt for doubt in graph.doubts() if doubt not in known]
        if inputs_of(graph) > self._inputs:
            self.tell("AudioIn cannot use more inputs than the device was opened with: restart to add inputs")

    def _swap(self, graph: Net, report: Report | None = None) -> None:
        """Swaps a graph in, with taps for all current streams."""
        while True:
            self._install(self.engine.prepare(graph, report), lambda: True)
            if self.engine.graph is not graph or not self._unheard(graph):
                return

    def _listen(self) -> None:
        while True:  # repeat if another graph was swapped in meanwhile
            graph = self.graph
            plan = self.engine.prepare(graph)
            if self._install(plan, lambda graph=graph: self.graph is graph):  # type: ignore[misc]
                return

    def _unheard(self, graph: Net) -> bool:
        """Whether a stream of an output was opened after the plan was made."""
        return any(path not in self.engine.plan.taps and is_tapped(graph, path) for path in list(self.engine.taps))

    def _install(self, plan: Plan, fits: Callable[[], bool]) -> bool:
        """Installs a plan when the previous swap is done, if it still `fits`; returns whether it did."""

        def install() -> bool | None:
            if self.engine.swapping:
                return None
            if not fits():
                return False
            self.engine.install(plan)
            return True

        deadline = time.monotonic() + SWAP_SECONDS
        while (done := self._control.do(install, PATIENCE)) is None:
            if time.monotonic() > deadline:
                raise DeviceError(f"{self.device}: the audio callback has stopped; cannot swap graphs")
            time.sleep(0.005)
        return done

    def play_midi(self, path: str | PathLike[str], clocks: Iterable[str] = ()) -> list[str]:
        """Plays a Standard MIDI File into the graph's MIDI inputs, from now on; returns warnings.

        `clocks` are names of clocks with `playing: 0`, which start with the file's first frame.
        """
        self._check()
        return self._song.play(path, clocks)

    @property
    def lowest_channel(self) -> int:
        """The lowest channel of the notes and programs of the files played; 17 if there are none."""
        return self._song.lowest_channel

    @property
    def finished(self) -> bool:
        """Whether the music is over: a MIDI file or all sources have ended, followed by 2 s of silence.

        Never True for a graph that waits for input or loops.
        """
        return self._song.finished

    def record(self, path: str | PathLike[str]) -> Path:
        """Starts recording the output to a new .wav, .flac or .ogg file; returns its path.

        Existing files are kept: if `take.wav` exists, the new file is `take-2.wav`. The file is readable while it
        grows; after kill -9 at most its last second is missing.
        """
        return self._control.do(partial(self._recordings.start, path), PATIENCE)

    def stop_recording(self) -> float:
        """Stops the recording; returns its length in seconds, 0 if there was none."""
        if not self.running:  # already completed by `stop`
            return 0.0
        seconds, trouble = self._control.do(self._recordings.stop, PATIENCE)
        self.messages += [trouble] if trouble else []
        return seconds

    @property
    def recording(self) -> float | None:
        """Length of the current recording in seconds, or None."""
        return self._recordings.seconds

    def record_midi(self, path: str | PathLike[str], tempo: float | None = None) -> Path:
        """Starts recording incoming MIDI to a new file; returns its path, chosen as in `record`.

        It contains events from keyboards, files, OSC and Python, but not the notes that the patch's own nodes play.

        tempo   tempo of the file in bpm; by default the current tempo of the graph's clock, or 120 if there is
                none. The event times are exact at any tempo
        """
        self._check()
        if tempo is None:
            self._await_clock()
            tempo = next((clock.tempo for clock in clocks(self.engine).values() if clock.tempo > 0), 120.0)
        return self._control.do(partial(self._recordings.start_midi, path, tempo), PATIENCE)

    @renamed_words(at="host_time", heard="host_time")
    def send_out(self, message: Any, *, host_time: int | None = None) -> None:
        """Sends a MIDI message directly to the open outputs, at a host time in nanoseconds, or now.

        System-exclusive messages are sent whole. A message may be sent early: the companion process, or JACK, holds it
        until its time.
        """
        self._check()
        sender = self.outside.sender
        if sender is None:
            raise DeviceError("no MIDI output is open: pass midi_out=, or add a MidiOut to the patch")
        sender.send(message, host_time)

    def _await_clock(self) -> None:
        until = time.monotonic() + FIRST_BLOCK
        while not self.engine.now and self.running and time.monotonic() < until:
            time.sleep(0.005)

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it is stopped or the device is lost, at most `seconds`; returns whether it still plays."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self.running and not self.lost:
            left = 0.1 if deadline is None else min(0.1, deadline - time.monotonic())
            if left <= 0:
                return True
            self._stopped.wait(left)
        return False

    def reconnect(self) -> None:
        """Reopens a lost device; DeviceError if it is still unavailable. Does nothing while the device runs."""
        self._control.do(self._reconnect, 2 * OPEN)

    def _reconnect(self) -> None:
        if not self.device.lost:
            return
        if self.device not in self._lost:  # kept, because a library may still use their memory
            self._lost.append(self.device)
            self.device.stop()
        device = answer(OPEN, self._opened, str(self.device), late=Device.stop)
        if self._stopped.is_set():
            device.stop()
            raise DeviceError(STOPPED)
        self.device = device
        self.messages += device.messages

    def _opened(self) -> Device:
        """Reopens and starts the device."""
        self.device.rescan()
        choice = choose(self.options, self._inputs)
        try:
            if choice.rate != self.engine.rate and choice.name == "jack":
                raise DeviceError(f"JACK now runs at {choice.rate:g} Hz, but the patch at {self.engine.rate:g} Hz")
            device = choice.open(self.engine)
        except BaseException:
            choice.refuse()
            raise
        device.start()
        return device

    def stop(self) -> DeviceStats:
        """Stops playback and completes all recordings, within 2 s; a library that hangs is abandoned.

        A second call waits until the first is done.
        """
        with self._stopping:
            first = not self._stopped.is_set()
            self._stopped.set()
        if not first:
            if not self.on_events.current:  # the first call may be waiting for the observers' thread
                self._closed.wait(PATIENCE)
            return self.stats
        atexit.unregister(self.stop)
        try:  # a second Ctrl-C may interrupt a slow library: the recordings are completed anyway
            self._control.end(ENDING)
            with suppress(DeviceError):  # the MIDI ports hang and are abandoned
                answer(PORTS, partial(self._attempt, self.outside.stop), "MIDI")
            stats = self.device.stop() if self.device not in self._lost else self.stats
            self._attempt(self._look)
            self._streams.stop()
            self.on_events.stop()
        finally:
            try:
                trouble = self._recordings.close()
                self.messages += [trouble] if trouble else []
            finally:
                self._closed.set()
        return stats

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep_house(self) -> None:
        """The control thread's work between requests."""
        self._attempt(self._reach_outside)
        self._attempt(self._look)

    def _attempt(self, work: Callable[[], None]) -> None:
        """Reports an error once; sound and recordings continue."""
        try:
            work()
        except Exception as error:
            text = in_words(error)
            if text != self._trouble:
                self._trouble = text
                self.messages.append(text)

    def _reach_outside(self) -> None:
        """Opens the ports that a new graph needs, and polls them."""
        graph = self.graph
        if self._provided is not graph:  # playback does not wait for ports to open
            self._provided = graph
            self.outside.provide(graph)
        self.messages += self.outside.poll() + self.device.look()

    def _look(self) -> None:
        """Collects incoming events, writes recordings, and collects faults."""
        heard = self.engine.heard.take()
        self.on_events.give(heard)
        self._streams.poll()
        self._song.feed()
        trouble = self._recordings.write(heard)
        self.messages += [trouble] if trouble else []
        self.messages += self._faults.of(self.engine.faults())
