"""`Live`: a graph that plays. Everything here is [control]; the sound does not depend on it."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from types import TracebackType
from typing import Any

import numpy as np

from graph.devices.choose import choose
from graph.devices.device import Device, DeviceStats
from graph.engine.engine import Engine, Fault
from graph.engine.gauges import clocks
from graph.errors import DeviceError, GraphError, in_words
from graph.memory.meters import Meter
from graph.model.net import Graph
from graph.native.cache import Report
from graph.play.instrument import Instrument, amount
from graph.play.outside import Outside, inputs_of
from graph.play.recordings import Recordings
from graph.play.song import Song

HOUSEKEEPING = 0.02
"""Seconds between two looks of the control thread at what has happened."""

FIRST_BLOCK = 0.3
"""Seconds to wait for a device's first block, before which a clock has no tempo."""

SWAP_SECONDS = 2.0
"""How long `reload` waits for the swap before."""


class Live(Instrument):
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
        audio_in: Sequence[str | int] | None = None,
        midi: Sequence[str | int] | None = None,
        midi_out: Sequence[str | int] | None = None,
        thru: bool = False,
        report: Report | None = None,
    ) -> None:
        self.news: list[str] = []
        self.observers: list[Callable[[np.ndarray[Any, Any]], None]] = []
        """Called with the `TIMED_EVENT` records that have arrived, by the control thread."""
        audio, heard, sent = (
            None if ports is None else [str(port) for port in ports] for ports in (audio_in, midi, midi_out)
        )
        self._inputs = inputs_of(graph)
        self._choose: Callable[[], Any] = lambda: choose(
            device,
            latency=latency,
            connect=connect,
            audio_in=audio,
            inputs=self._inputs,
            midi_from=heard,
            midi_to=sent,
        )
        choice = self._choose()
        if thru and choice.name == "jack":
            choice.refuse()
            raise DeviceError("with JACK, connect the keyboard to the synthesizer (jack_connect) and leave out --thru")
        try:
            self.engine = Engine(
                graph, rate=rate or graph.rate or choice.rate, block=block, channels=choice.channels, report=report
            )
            self.device: Device = choice.open(self.engine)
        except BaseException:
            choice.refuse()
            raise
        super().__init__()
        self.news += [self.device.news] if self.device.news else []
        self._recordings = Recordings(self.engine)
        self._lock, self._reloading = threading.RLock(), threading.Lock()
        self._stopped = threading.Event()
        self._lost: list[Device] = []
        self._told: dict[str, int] = {}
        self._trouble = ""
        self._song = Song(self.engine)
        kind = self.device.kind
        self.outside = Outside(
            self.engine, midi=midi, midi_out=midi_out, thru=thru, by_device=kind == "jack", silent=kind == "null"
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
        self.engine.set(path, amount(value, path))

    def __getitem__(self, path: str) -> float:
        return self.engine.value(path)

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
        if not isinstance(graph, Graph):
            raise GraphError(f"reload takes a Graph, such as graph.load({str(graph)!r}), not {graph!r}")
        with self._reloading:
            deadline = time.monotonic() + SWAP_SECONDS
            while self.engine.swapping:
                if time.monotonic() > deadline:
                    raise DeviceError(f"{self.device} does not ask for sound, so nothing can take over")
                time.sleep(0.002)
            self.engine.swap(graph, report)
        if inputs_of(graph) > self._inputs:
            self.news.append("AudioIn hears no more than the device was opened with: start again for further inputs")

    def play_file(self, path: str | PathLike[str], clocks: Iterable[str] = ()) -> list[str]:
        """Plays a Standard MIDI File into the graph's MIDI inputs, from now on; what was odd about it.

        `clocks` are names of clocks with `playing: 0`, which start with the file's first frame.
        """
        return self._song.play(path, clocks)

    @property
    def finished(self) -> bool:
        """Whether the music is over: a MIDI file or all sources have ended, and 2 s were silent.

        What waits for a player, or goes round for ever, is never over.
        """
        return self._song.finished

    def record(self, path: str | PathLike[str]) -> None:
        """Begins to write all that is heard into a file: .wav, .flac or .ogg."""
        self._recordings.start(path)

    def stop_recording(self) -> float:
        """Completes the file; its length in seconds."""
        seconds, trouble = self._recordings.stop()
        self.news += [trouble] if trouble else []
        return seconds

    @property
    def recording(self) -> float | None:
        """Seconds that have been recorded, or None."""
        return self._recordings.seconds

    def record_midi(self, path: str | PathLike[str], tempo: float | None = None) -> None:
        """Begins to note down the MIDI that comes in; the MIDI file is written by `stop`.

        That is what keyboards, files, OSC and Python send. What nodes of the patch play by themselves is not in it.

        tempo   beats a minute of the file; by default what the graph's clock gives now, or 120 where there
                is none. The times are exact whatever it is
        """
        if tempo is None:
            until = time.monotonic() + FIRST_BLOCK
            while not self.engine.now and time.monotonic() < until:
                time.sleep(0.005)
            tempo = next((clock.tempo for clock in clocks(self.engine).values() if clock.tempo > 0), 120.0)
        self._recordings.start_midi(path, tempo)

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
        try:
            device = choice.open(self.engine)
        except BaseException:
            choice.refuse()
            raise
        device.start()
        self.device = device
        self.news += [device.news] if device.news else []

    def stop(self) -> DeviceStats:
        """Ends the sound and completes all recordings."""
        with self._lock:
            if self._stopped.is_set():
                return self.stats
            self._stopped.set()
        atexit.unregister(self.stop)
        try:  # a second Ctrl-C may come while a library takes its time: the recordings are completed all the same
            if threading.current_thread() is not self._thread:
                self._thread.join(2.0)
            self._attempt(self.outside.stop)
            stats = self.device.stop() if self.device not in self._lost else self.stats
            self._attempt(self._look)
        finally:
            trouble = self._recordings.close()
            self.news += [trouble] if trouble else []
        return stats

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep_house(self) -> None:
        while not self._stopped.wait(HOUSEKEEPING):
            self._attempt(self._reach_outside)
            self._attempt(self._look)

    def _attempt(self, work: Callable[[], None]) -> None:
        """What goes wrong here is told once; the sound goes on, and so do the recordings."""
        try:
            work()
        except Exception as error:
            text = in_words(error)
            if text != self._trouble:
                self._trouble = text
                self.news.append(text)

    def _reach_outside(self) -> None:
        """Opens ports that a new graph needs, and hears what is new there."""
        if self._provided is not self.graph:  # the sound does not wait for ports to open
            self._provided = self.graph
            self.outside.provide(self.graph)
        self.news += self.outside.poll()

    def _look(self) -> None:
        """Takes what has been heard, writes what is recorded, and notes what went wrong."""
        heard = self.engine.heard.take()
        for observer in self.observers if len(heard) else ():
            try:
                observer(heard)
            except Exception as error:  # a user's function may raise anything; what plays goes on
                self.news.append(f"{getattr(observer, '__qualname__', observer)}: {type(error).__name__}: {error}")
        self._song.feed()
        trouble = self._recordings.write(heard)
        self.news += [trouble] if trouble else []
        for fault in self.engine.faults():
            if self._told.get(fault.node) != fault.times:
                self._told[fault.node] = fault.times
                fate = "it is muted" if fault.muted else "it was reset"
                self.news.append(f"{fault.node} gave values that are not finite; {fate}")
