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
from graph.devices.cards import Card
from graph.devices.device import CLOSE, FIRST, Device, DeviceStats, within
from graph.engine.engine import Engine
from graph.errors import DeviceError, NoDeviceError
from graph.native.cache import addresses, function_unit

INSTALL = {
    "linux": "install it: sudo apt install libportaudio2 (or your system's package of PortAudio)",
    "darwin": "install it: brew install portaudio",
    "win32": "reinstall sounddevice, which includes it: pip install --force-reinstall sounddevice",
}


def portaudio() -> ModuleType:
    """The sounddevice module; DeviceError with the install command if it is missing."""
    try:
        import sounddevice
    except ImportError:
        raise NoDeviceError("sounddevice is not installed: pip install sounddevice") from None
    except OSError as error:
        raise NoDeviceError(f"{error}; {INSTALL.get(sys.platform, INSTALL['linux'])}") from None
    return sounddevice  # type: ignore[no-any-return]


class PortAudioCards:
    """[control] The devices of all of PortAudio's host APIs; NoDeviceError where the library is missing."""

    name = "PortAudio"

    def __init__(self) -> None:
        self._library = portaudio()

    def cards(self) -> list[Card]:
        """All devices."""
        hosts = [str(host["name"]) for host in self._library.query_hostapis()]
        return [
            Card(
                index,
                info["name"],
                hosts[info["hostapi"]],
                info["max_input_channels"],
                info["max_output_channels"],
                info["default_samplerate"],
            )
            for index, info in enumerate(self._library.query_devices())
        ]

    def defaults(self) -> tuple[int, int]:
        """The numbers of the default input and output; -1 for none."""
        usual = self._library.default.device
        return int(usual[0]), int(usual[1])

    def open(
        self, engine: Engine, card: Card, latency: float | None, heard: tuple[Card, int] | None
    ) -> PortAudioDevice:
        """An output, with the first channels of an input as `heard`."""
        source = (heard[0].index, heard[1]) if heard else None
        return PortAudioDevice(engine, card.index, latency="low" if latency is None else latency, heard=source)


class PortAudioDevice(Device):
    """[control] An output of PortAudio whose callback is the driver.

    index     PortAudio's number of the device
    latency   seconds, or the device's own "low" or "high" latency
    period    frames per callback; 0 lets the device choose
    heard     index and channels of the input device, None for none
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

    def _hurry(self, library: Any) -> None:
        """Requests a real-time thread where PortAudio does not; continues without one if the system refuses."""
        if self._host != "ALSA":
            return
        with suppress(AttributeError, OSError):
            enable = ctypes.CDLL(library._libname).PaAlsa_EnableRealtimeScheduling
            enable(ctypes.c_void_p(int(library._ffi.cast("uintptr_t", self._stream._ptr))), 1)

    def start(self) -> None:
        """Starts playing."""
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
        self.period = int(self.request["frames"])  # the device's own choice, if none was requested
        self.keep_time()

    def stop(self) -> DeviceStats:
        """Stops and closes the stream; a dead device is abandoned, because PortAudio would wait forever."""
        gone = bool(self.lost)
        self.record["stop"] = 1
        if not within(0.3 if gone else CLOSE, self._close) or gone:
            atexit.unregister(portaudio()._exit_handler)  # it would wait forever, or abort on an assertion
        self.detach()
        return self.stats

    @property
    def can_reconnect(self) -> bool:
        """False for JACK: PortAudio keeps one JACK client per process, which does not outlive the server."""
        return self._host != "JACK Audio Connection Kit"

    def rescan(self) -> None:
        """Reinitializes PortAudio, which lists only the devices present at initialization."""
        library = portaudio()
        library._terminate()
        library._initialize()

    def _close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    @property
    def lost(self) -> str:
        """Reason the device was lost: no callback for too long."""
        return self.stalled()


def explain(error: Exception, rate: float) -> str:
    """PortAudio's error in plain words."""
    text = str(error)
    if "Invalid sample rate" in text:
        return f"it does not support {rate:g} Hz; remove --rate to use the device's own rate"
    if "Invalid number of channels" in text:
        return "it has fewer outputs than the patch has channels"
    if "Device unavailable" in text:
        return "another program is using it"
    return text
