"""The null device: drives an engine by the wall clock, as a sound card would, and hears nothing.

It is the reference for what a callback costs, and where there is no sound card it keeps time.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph import native
from graph.cache import addresses, function_unit
from graph.engine import Engine
from graph.errors import GraphrunError
from graph.memory import Arena
from graph.null_loop import null_device
from graph.tables import DEVICE, REQUEST


@dataclass(frozen=True)
class DeviceStats:
    """How a device kept its time; arrays have one entry a period, in seconds.

    lateness   how long after its time each callback began
    busy       how long each callback worked
    """

    period: float
    lateness: NDArray[np.float64]
    busy: NDArray[np.float64]

    @property
    def missed(self) -> int:
        """Callbacks that were not done when the next was due: a sound card would have dropped out."""
        return int(np.count_nonzero(self.lateness + self.busy > self.period))

    @property
    def load(self) -> float:
        """Mean work as a share of the period."""
        return float(self.busy.mean() / self.period) if len(self.busy) else 0.0


class NullDevice:
    """[control] Calls the driver once a period from native code; Python and its lock play no part.

    engine   what to drive; None measures the machine's own punctuality
    period   frames a callback, by default the engine's block
    rate     Hz, where there is no engine
    """

    def __init__(self, engine: Engine | None, *, period: int | None = None, rate: float = 48_000.0) -> None:
        self.engine = engine
        self.rate = engine.rate if engine else rate
        self.period = period or (engine.block if engine else 64)
        self._device_function = addresses([function_unit(null_device)])[0]
        self._thread: threading.Thread | None = None

    def run(self, seconds: float) -> DeviceStats:
        """Runs for `seconds` and waits for the end; Ctrl-C stops it."""
        self.start(seconds)
        try:
            while not self.wait(0.1):
                pass
        except BaseException:
            self.stop()
            raise
        return self.stats

    def start(self, seconds: float) -> None:
        """Runs for at most `seconds` in a thread of its own, without the GIL; `stop` ends it."""
        if self._thread is not None and self._thread.is_alive():
            raise GraphrunError("the null device is running already: stop it first")
        if self.engine is not None:
            if self.engine.device is not None:
                raise GraphrunError(f"{self.engine.device} drives this engine already")
            self.engine.device = "the null device"
        self._prepare(seconds)
        self._thread = threading.Thread(target=self._loop, name="null device", daemon=True)
        self._thread.start()

    def stop(self) -> DeviceStats:
        """Ends what `start` began."""
        self._record["stop"] = 1
        self.wait()
        return self.stats

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end of what `start` began; whether it has ended."""
        if self._thread is not None:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        return True

    @property
    def stats(self) -> DeviceStats:
        """The periods that are done by now."""
        done = int(self._record["done"])
        return DeviceStats(self.period / self.rate, self._lateness[:done] / 1e9, self._busy[:done] / 1e9)

    def _prepare(self, seconds: float) -> None:
        periods = max(1, round(seconds * self.rate / self.period))
        channels = self.engine.channels if self.engine else 1
        arena = Arena()
        device, request = arena.reserve(DEVICE.itemsize), arena.reserve(REQUEST.itemsize)
        lateness, busy = arena.reserve(8 * periods), arena.reserve(8 * periods)
        out = arena.reserve(4 * self.period * channels)
        arena.allocate()
        self._arena = arena
        self._lateness, self._busy = arena.array(lateness, periods, np.int64), arena.array(busy, periods, np.int64)
        asked = arena.array(request, 1, REQUEST)[0]
        asked["engine"] = self.engine.address if self.engine else 0
        asked["out"], asked["frames"] = arena.base + out, self.period
        record = arena.array(device, 1, DEVICE)[0]
        record["rate"], record["periods"] = self.rate, periods
        record["clock"], record["sleep"], record["tick"] = system_clock()
        record["render"] = self.engine.driver if self.engine else 0
        record["request"] = arena.base + request
        record["lateness"], record["busy"] = arena.base + lateness, arena.base + busy
        self._record, self._address = record, arena.base + device

    def _loop(self) -> None:
        try:
            if native.PLAIN:
                native.plain_functions[self._device_function](self._address)
            else:
                ctypes.CFUNCTYPE(None, ctypes.c_int64)(self._device_function)(self._address)
        finally:
            if self.engine is not None:
                self.engine.device = None


def system_clock() -> tuple[int, int, float]:
    """Addresses of the system's monotonic clock and of its sleep (see `graph.native`); nanoseconds a tick."""
    tick = 1.0
    if sys.platform == "win32":
        library: Any = ctypes.WinDLL("kernel32")
        functions = library.QueryPerformanceCounter, library.Sleep
        frequency = ctypes.c_int64()
        library.QueryPerformanceFrequency(ctypes.byref(frequency))
        tick = 1e9 / frequency.value
        ctypes.WinDLL("winmm").timeBeginPeriod(1)  # else Sleep is as coarse as 16 ms
    else:
        library = ctypes.CDLL(None)
        functions = library.clock_gettime, library.nanosleep
    clock, sleep = (ctypes.cast(function, ctypes.c_void_p).value or 0 for function in functions)
    return clock, sleep, tick
