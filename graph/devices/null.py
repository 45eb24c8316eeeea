"""The null device: drives an engine from the host's clock like a sound card, without audio input or output.

It is the reference for callback cost, and the time base on machines without a sound card.
"""

from __future__ import annotations

import threading

import numpy as np

from graph.audio_thread.null import null_device
from graph.devices.device import Device, DeviceStats
from graph.engine.engine import Engine
from graph.errors import DeviceError
from graph.native.cache import addresses, callable_at, function_unit

LONGEST = 1.2
"""Timeout of `stop` in seconds: the longest period is 8192 frames at 8 kHz. A node that never returns is abandoned."""


class NullDevice(Device):
    """[control] Calls the driver once per period from native code, without Python and the GIL.

    engine   engine to drive; None measures the machine's own timing
    period   frames per callback, by default the engine's block
    rate     Hz, if there is no engine
    """

    kind = "null"

    def __init__(self, engine: Engine | None, *, period: int | None = None, rate: float = 48_000.0) -> None:
        period = period or (engine.block if engine else 64)
        super().__init__(engine, period=period, rate=engine.rate if engine else rate)
        self.name = "the null device"
        self._loop = addresses([function_unit(null_device)])[0]
        self._out = np.zeros((self.period, self._channels), np.float32)
        self.request["out"] = self._out.ctypes.data
        self._thread: threading.Thread | None = None

    def run(self, seconds: float) -> DeviceStats:
        """Runs for `seconds` and blocks until the end; Ctrl-C stops it."""
        self.start(seconds)
        try:
            while not self.wait(0.1):
                pass
        except BaseException:
            self.stop()
            raise
        return self.stats

    def start(self, seconds: float = 0.0) -> None:
        """Runs for `seconds` (0: until `stop`) in its own thread without the GIL."""
        if self._thread is not None and self._thread.is_alive():
            raise DeviceError("the null device is already running: stop it first")
        self.attach()
        for field in ("stop", "done", "frames", "missed", "worked"):
            self.record[field] = 0
        self.record["periods"] = max(1, round(seconds * self.rate / self.period)) if seconds else 0
        self._thread = threading.Thread(target=self._run, name="null device", daemon=True)
        self._thread.start()

    def stop(self) -> DeviceStats:
        """Stops the device."""
        self.record["stop"] = 1
        self.wait(LONGEST)
        return self.stats

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the run started by `start` ends; returns whether it has."""
        if self._thread is not None:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        return True

    def _run(self) -> None:
        try:
            callable_at(self._loop)(self.address)
        finally:
            self.detach()
