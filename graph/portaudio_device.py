"""Sound cards through PortAudio (sounddevice): ALSA, PulseAudio, Core Audio, WASAPI, ASIO, ..."""

from __future__ import annotations

import sys
import threading
import time
from types import ModuleType
from typing import Any

from graph.c_callback import c_callback
from graph.cache import addresses, function_unit
from graph.device import Device, DeviceStats
from graph.engine import Engine
from graph.errors import DeviceError, NoDeviceError
from graph.portaudio_callback import portaudio_callback

INSTALL = {
    "linux": "install it: sudo apt install libportaudio2 (or your system's package of PortAudio)",
    "darwin": "install it: brew install portaudio",
    "win32": "it comes with sounddevice's wheel: pip install --force-reinstall sounddevice",
}
STALLED = 1.5
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
    """

    kind = "portaudio"

    def __init__(self, engine: Engine, index: int, *, latency: float | str = "low", period: int = 0) -> None:
        library = portaudio()
        super().__init__(engine, period=period or engine.block, rate=engine.rate)
        info: Any = library.query_devices(index)
        self.name = f"{info['name']} ({library.query_hostapis(info['hostapi'])['name']})"
        kernel = addresses([function_unit(portaudio_callback)])[0]
        address = c_callback("pplplp", kernel, self.address)
        pointer = library._ffi.cast("PaStreamCallback *", address)
        try:
            self._stream = library._StreamBase(
                kind="output",
                samplerate=engine.rate,
                blocksize=period,
                device=index,
                channels=engine.channels,
                dtype="float32",
                latency=latency,
                callback=pointer,
            )
        except (library.PortAudioError, ValueError) as error:
            raise DeviceError(f"{self.name} cannot be opened: {explain(error, engine.rate)}") from None
        self.latency = float(self._stream.latency)
        self._seen = (-1, 0.0)

    def start(self) -> None:
        """Begins to play."""
        library = portaudio()
        self.occupy()
        try:
            self._stream.start()
        except library.PortAudioError as error:
            self.vacate()
            raise DeviceError(f"{self.name} cannot be started: {error}") from None

    def stop(self) -> DeviceStats:
        """Stops and closes the stream; a device that has died is left behind, for PortAudio would wait for ever."""
        closing = threading.Thread(target=self._close, name="closing a stream", daemon=True)
        closing.start()
        closing.join(2.0)
        if not closing.is_alive():
            self.vacate()
        return self.stats

    def _close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    @property
    def lost(self) -> str:
        """Why the device is gone: no callback came for a while."""
        done, now = int(self.record["done"]), time.monotonic()
        if done != self._seen[0]:
            self._seen = (done, now)
        elif now - self._seen[1] > STALLED:
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
