"""Base of all devices: claims the engine and measures callback timing."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.clocks.host import system_clock
from graph.engine.engine import Engine
from graph.errors import DeviceError, Renamed, several
from graph.memory.arena import Arena
from graph.memory.tables import DEVICE, KEPT, REQUEST

T = TypeVar("T")


@dataclass(frozen=True)
class DeviceStats:
    """Timing statistics of a device; prints as one line.

    period     seconds per callback
    callbacks  number of callbacks; frames: number of frames they requested
    missed     late callbacks: not finished when the next one was due. A device with more than one period of
               buffer keeps playing, so a late callback need not cause a dropout
    underruns  dropouts: number of underruns reported by the device
    load       mean CPU time as a fraction of the period; worst: the maximum since the last query
    lateness   start delay in seconds of each of the latest 65,536 callbacks
    busy       CPU time in seconds of each of those
    """

    period: float
    callbacks: int
    frames: int
    missed: int
    underruns: int
    load: float
    worst: float
    lateness: NDArray[np.float64] = field(repr=False, compare=False)
    busy: NDArray[np.float64] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return (
            f"{several(self.callbacks, 'callback')} of {self.period * 1e3:.2f} ms, "
            f"{several(self.underruns, 'dropout')}, {self.missed} late; load {self.load:.1%}, worst {self.worst:.1%}"
        )


class Device(Renamed, ABC):
    """[control] Calls the engine's driver from a timed source.

    One thread at a time opens, starts and stops it: in a Live its control thread. Any thread may read the rest.

    engine   engine to drive; None measures the machine's own timing
    period   frames per callback
    rate     Hz
    latency  seconds from a callback until its first frame reaches the output
    """

    renamed = {
        "occupy": "attach",
        "vacate": "detach",
        "renew": "rescan",
        "returns": "can_reconnect",
        "news": "messages",
    }
    kind = ""
    """The device type, the first word of `--device`."""

    def __init__(self, engine: Engine | None, *, period: int, rate: float, channels: int = 1) -> None:
        self.engine = engine
        self.period, self.rate = period, rate
        self.latency = 0.0
        self.name = self.kind
        self.messages: list[str] = []
        """Messages about deviations from the patch's settings."""
        self._seen = (-1, 0.0)
        self.midi_sender: Any = None
        """Sender of MIDI messages from Python, if the device carries MIDI; has `send(message, at)`."""
        self._channels = engine.channels if engine else channels
        arena = Arena()
        device, request = arena.reserve(DEVICE.itemsize), arena.reserve(REQUEST.itemsize)
        lateness, busy = arena.reserve(8 * KEPT), arena.reserve(8 * KEPT)
        arena.allocate()
        self._arena = arena
        self._lateness, self._busy = arena.array(lateness, KEPT, np.int64), arena.array(busy, KEPT, np.int64)
        self.request = arena.array(request, 1, REQUEST)[0]
        self.request["engine"], self.request["frames"] = engine.address if engine else 0, period
        record = arena.array(device, 1, DEVICE)[0]
        record["rate"] = rate
        record["clock"], record["sleep"], record["tick"] = system_clock()
        record["render"] = engine.driver if engine else 0
        record["request"] = arena.base + request
        record["lateness"], record["busy"] = arena.base + lateness, arena.base + busy
        self.record, self.address = record, arena.base + device

    @abstractmethod
    def start(self) -> None:
        """Starts playing."""

    @abstractmethod
    def stop(self) -> DeviceStats:
        """Stops playing."""

    def look(self) -> list[str]:
        """Messages about ports that appeared or disappeared; call a few times per second from one thread."""
        return []

    @property
    def lost(self) -> str:
        """Reason the device was lost; empty while running."""
        return ""

    def stalled(self) -> str:
        """Reason a sound card counts as lost: no callback for too long. Call a few times per second."""
        done, now = int(self.record["done"]), time.monotonic()
        if done != self._seen[0]:
            self._seen = (done, now)
        elif now - self._seen[1] > max(STALLED, 4 * self.period / self.rate):
            return f"{self.name} has stopped requesting audio: it was unplugged, or its sound server has stopped"
        return ""

    @property
    def can_reconnect(self) -> bool:
        """Whether a device that was lost can be opened again."""
        return True

    def rescan(self) -> None:  # most have nothing to do
        """Looks for devices again before a lost one is reopened."""

    def __str__(self) -> str:
        return self.name

    @property
    def stats(self) -> DeviceStats:
        """Timing statistics so far."""
        done = int(self.record["done"])
        kept = np.arange(max(0, done - KEPT), done) % KEPT
        frames, worked, worst = int(self.record["frames"]), int(self.record["worked"]), float(self.record["worst"])
        self.record["worst"] = 0.0
        return DeviceStats(
            period=self.period / self.rate,
            callbacks=done,
            frames=frames,
            missed=int(self.record["missed"]),
            underruns=int(self.record["underruns"]),
            load=worked * 1e-9 * self.rate / frames if frames else 0.0,
            worst=worst,
            lateness=self._lateness[kept] / 1e9,
            busy=self._busy[kept] / 1e9,
        )

    def attach(self) -> None:
        """Makes this device the driver of the engine; DeviceError if it has one."""
        if self.engine is None:
            return
        if self.engine.device is not None:
            raise DeviceError(f"{self.engine.device} already drives this engine: stop it first")
        self.engine.device = str(self)
        self.engine.reset_input()
        self.keep_time()

    def keep_time(self) -> None:
        """Sets the engine's latencies: from an event to its frame, and from the frame to the output."""
        if self.engine is not None:
            block = self.engine.block
            uneven = 0 if self.period % block == 0 else block
            self.engine.set_latency(self.latency, self.period + uneven + MARGIN * self.rate)

    def detach(self) -> None:
        """Leaves the engine to another driver."""
        if self.engine is not None:
            self.engine.device = None
            self.engine.clear_latency()


FIRST = 0.5
"""Timeout in seconds for a sound card's first callback."""
STALLED = 0.7
"""Seconds without a callback after which a sound card counts as lost."""
CLOSE = 0.7
"""Maximum seconds for a library to close a device; after that it is abandoned."""
MARGIN = 0.001
"""Maximum seconds from an event's arrival to the ring for on-time playback."""


def answer(seconds: float, work: Callable[[], T], what: str, late: Callable[[T], object] = lambda _: None) -> T:
    """Runs `work` in its own thread, returns or raises its result; DeviceError naming `what` after a timeout.

    late   called with a result that arrives after the timeout, to close it
    """
    found: list[T | BaseException] = []
    lock, given_up = threading.Lock(), False

    def run() -> None:
        result: T | BaseException
        try:
            result = work()
        except BaseException as error:
            result = error
        with lock:
            found.append(result)
            if not given_up:
                return
        if not isinstance(result, BaseException):
            late(result)

    if not within(seconds, run):
        with lock:
            given_up = not found
    if given_up:
        raise DeviceError(f"{what} does not respond")
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def within(seconds: float, work: Callable[[], None]) -> bool:
    """Runs `work` in a thread with a timeout; returns whether it finished. A library may wait for a dead server."""
    thread = threading.Thread(target=work, name="graphrun patience", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
