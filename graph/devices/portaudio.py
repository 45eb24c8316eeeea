"""Sound cards through PortAudio (sounddevice): ALSA, PulseAudio, Core Audio, WASAPI, ASIO, ..."""

from __future__ import annotations

import atexit
import ctypes
import sys
import time
from contextlib import suppress
from types import ModuleType
from typing import Any

from graph.audio_thread.portaudio import portaudio_callback
from graph.devices.c_callback import c_callback
from graph.devices.device import CLOSE, Device, DeviceStats, within
from graph.engine.engine import Engine
from graph.errors import DeviceError, NoDeviceError
from graph.native.cache import addresses, function_unit

INSTALL = {
    "linux": "install it: sudo apt install libportaudio2 (or your system's package of PortAudio)",
    "darwin": "install it: brew install portaudio",
    "win32": "it comes with sounddevice's wheel: pip install --force-reinstall sounddevice",
}
FIRST = 0.5
"""Seconds to wait for the first callback."""
STALLED = 0.7
"""Seconds without a callback after which a device counts as lost."""


def portaudio() -> ModuleType:
    """The library; DeviceError with what to install if it is missing."""
    try:
        import sounddevice
    except ImportError:
        raise NoDeviceError("sounddevice is not installed: pip install sounddevice") from None
    except OSError as error:
        raise NoDeviceError(f"{error}; {INSTALL.get(sys.platform, INSTALL['linux'])}") from None
    return sounddevice  # type: ignore[no-any-return]


class PortAudioDevice(Device):
    """[control] An output of PortAudio whose callback is the driver.

    index     PortAudio's number of the device
    latency   seconds, or "low" or "high" as the device has it
    period    frames a callback; 0 leaves it to the device
    heard     number and channels of the device to hear, None for none
    """

    kind = "portaudio"

    def __init__(
        self,
        engine: Engine,
        index: int,
        *,
        latency: float | str = "low",
        period: int = 0,
        heard: tuple[int, int] | None = None,
    ) -> None:
        library = portaudio()
        super().__init__(engine, period=period or engine.block, rate=engine.rate)
        info: Any = library.query_devices(index)
        self._host = str(library.query_hostapis(info["hostapi"])["name"])
        self.name = f"{info['name']} ({self._host})"
        self.record["out_count"] = engine.channels
        self.record["in_count"] = heard[1] if heard else 0
        kernel = addresses([function_unit(portaudio_callback)])[0]
        address = c_callback("pplplp", kernel, self.address)
        pointer = library._ffi.cast("PaStreamCallback *", address)
        try:
            self._stream = library._StreamBase(
                kind="duplex" if heard else "output",
                samplerate=engine.rate,
                blocksize=period,
                device=(heard[0], index) if heard else index,
                channels=(heard[1], engine.channels) if heard else engine.channels,
                dtype="float32",
                latency=latency,
                callback=pointer,
            )
        except (library.PortAudioError, ValueError) as error:
            both = f" together with the input {library.query_devices(heard[0])['name']}" if heard else ""
            raise DeviceError(f"{self.name} cannot be opened{both}: {explain(error, engine.rate)}") from None
        latencies: Any = self._stream.latency
        self.latency = float(latencies[1] if heard else latencies)
        self._hurry(library)
        self._seen = (-1, 0.0)

    def _hurry(self, library: Any) -> None:
        """Asks for a realtime thread where PortAudio does not do so by itself; refused to most users, it goes on."""
        if self._host != "ALSA":
            return
        with suppress(AttributeError, OSError):
            enable = ctypes.CDLL(library._libname).PaAlsa_EnableRealtimeScheduling
            enable(ctypes.c_void_p(int(library._ffi.cast("uintptr_t", self._stream._ptr))), 1)

    def start(self) -> None:
        """Begins to play."""
        library = portaudio()
        self.attach()
        try:
            self._stream.start()
        except library.PortAudioError as error:
            self.detach()
            raise DeviceError(f"{self.name} cannot be started: {error}") from None
        until = time.monotonic() + FIRST
        while not self.record["done"] and time.monotonic() < until:
            time.sleep(0.005)
        self.period = int(self.request["frames"])  # what it asks for, if that was left to it
        self.keep_time()

    def stop(self) -> DeviceStats:
        """Stops and closes the stream; a device that has died is left behind, for PortAudio would wait for ever."""
        gone = bool(self.lost)
        self.record["stop"] = 1
        if not within(0.3 if gone else CLOSE, self._close) or gone:
            atexit.unregister(portaudio()._exit_handler)  # it would wait for ever, or end the process by an assertion
        self.detach()
        return self.stats

    @property
    def can_reconnect(self) -> bool:
        """PortAudio keeps one client of JACK a process, which does not outlive the server."""
        return self._host != "JACK Audio Connection Kit"

    def rescan(self) -> None:
        """PortAudio knows only the devices that were there when it began: it begins anew."""
        library = portaudio()
        library._terminate()
        library._initialize()

    def _close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    @property
    def lost(self) -> str:
        """Why the device is gone: no callback came for a while."""
        done, now = int(self.record["done"]), time.monotonic()
        if done != self._seen[0]:
            self._seen = (done, now)
        elif now - self._seen[1] > max(STALLED, 4 * self.period / self.rate):
            return f"{self.name} has stopped asking for sound: it was unplugged, or its server has ended"
        return ""


def explain(error: Exception, rate: float) -> str:
    """PortAudio's error in a musician's words."""
    text = str(error)
    if "Invalid sample rate" in text:
        return f"it does not run at {rate:g} Hz; leave out --rate to take the device's own"
    if "Invalid number of channels" in text:
        return "it has fewer outputs than the patch has channels"
    if "Device unavailable" in text:
        return "another program uses it"
    return text
