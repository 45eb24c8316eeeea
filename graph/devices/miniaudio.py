"""Sound cards through miniaudio, whose wheels need no system library: PulseAudio, ALSA, Core Audio, WASAPI.

It opens the system's own libraries when it starts. Its callback has no flag for a dropout and its device has no
readable latency: `underruns` stays 0, and `latency` is that of the buffer requested.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import Any

from graph.audio_thread.miniaudio import miniaudio_callback
from graph.devices.c_callback import c_callback
from graph.devices.cards import Card
from graph.devices.device import CLOSE, FIRST, Device, DeviceStats, within
from graph.engine.engine import Engine
from graph.errors import DeviceError, NoDeviceError
from graph.native.cache import addresses, function_unit

BACKENDS = {
    "linux": ("pulseaudio", "alsa"),
    "darwin": ("coreaudio",),
    "win32": ("wasapi", "dsound"),
}
"""Backends to try on each system, in order; without JACK, which has its own device, and miniaudio's null backend."""
PERIODS = 3
"""Periods in the buffer, as miniaudio's own default."""
LATENCY = 0.03
"""Default seconds of buffer: three periods of 10 ms, miniaudio's own low-latency profile."""


class MiniaudioCards:
    """[control] The devices of the first backend that answers; one context serves the process."""

    name = "miniaudio"

    def __init__(self) -> None:
        self._context = _context()

    def cards(self) -> list[Card]:
        """All devices: first the outputs, then the inputs."""
        return [card for card, _ in self._found()]

    def defaults(self) -> tuple[int, int]:
        """The numbers of the default input and output; -1 for none."""
        usual = [-1, -1]
        for card, info in reversed(self._found()):
            side = 1 if card.outputs else 0
            if info.isDefault or usual[side] < 0:
                usual[side] = card.index
        return usual[0], usual[1]

    def open(
        self, engine: Engine, card: Card, latency: float | None, heard: tuple[Card, int] | None
    ) -> MiniaudioDevice:
        """An output, with the first channels of an input as `heard`."""
        found = {each.index: info for each, info in self._found()}
        source = (found[heard[0].index].id, heard[1]) if heard else None
        return MiniaudioDevice(engine, self._context, card, found[card.index].id, latency, source)

    def _found(self) -> list[tuple[Card, Any]]:
        """Each device with miniaudio's record of it, copied, because the next query overwrites those."""
        ffi, lib = _library()
        lists = [(ffi.new("ma_device_info**"), ffi.new("ma_uint32*")) for _ in range(2)]
        if lib.ma_context_get_devices(self._context, *lists[0], *lists[1]):
            return []
        host = ffi.string(lib.ma_get_backend_name(self._context.backend)).decode()
        found: list[tuple[Card, Any]] = []
        for kind, (infos, count) in zip((lib.ma_device_type_playback, lib.ma_device_type_capture), lists, strict=True):
            known = [ffi.new("ma_device_info*", infos[0][i]) for i in range(count[0])]
            for brief in known:
                info = ffi.new("ma_device_info*", brief[0])
                lib.ma_context_get_device_info(self._context, kind, ffi.addressof(brief.id), info)
                info.isDefault = brief.isDefault
                formats = [info.nativeDataFormats[i] for i in range(info.nativeDataFormatCount)]
                channels = max((each.channels for each in formats), default=0) or 2  # 0: any
                rates = [float(each.sampleRate) for each in formats if each.sampleRate]
                rate = 48_000.0 if not rates or 48_000.0 in rates else rates[0]
                out = kind == lib.ma_device_type_playback
                name = ffi.string(brief.name).decode(errors="replace")
                card = Card(len(found), name, host, 0 if out else channels, channels if out else 0, rate)
                found.append((card, info))
        return found


class MiniaudioDevice(Device):
    """[control] An output of miniaudio whose callback is the driver.

    latency   seconds of buffer, or None for 30 ms
    heard     id and channels of the input, None for none
    """

    kind = "miniaudio"

    def __init__(
        self,
        engine: Engine,
        context: Any,
        card: Card,
        place: Any,
        latency: float | None = None,
        heard: tuple[Any, int] | None = None,
    ) -> None:
        ffi, lib = _library()
        period = max(1, round((latency or LATENCY) * engine.rate / PERIODS))
        super().__init__(engine, period=period, rate=engine.rate)
        self.name = f"{card.name} ({card.host})"
        self.latency = PERIODS * period / engine.rate
        self.record["out_count"] = engine.channels
        self.record["in_count"] = heard[1] if heard else 0
        kernel = addresses([function_unit(miniaudio_callback)])[0]
        config = ffi.new("ma_device_config*")
        config[0] = lib.ma_device_config_init(lib.ma_device_type_duplex if heard else lib.ma_device_type_playback)
        config.sampleRate, config.periodSizeInFrames, config.periods = round(engine.rate), period, PERIODS
        config.dataCallback = ffi.cast(
            "void (*)(struct ma_device *, void *, void *, unsigned int)", c_callback("pppi", kernel, self.address)
        )
        config.playback.format, config.playback.channels = lib.ma_format_f32, engine.channels
        config.playback.pDeviceID = ffi.addressof(place)
        if heard:
            config.capture.format, config.capture.channels = lib.ma_format_f32, heard[1]
            config.capture.pDeviceID = ffi.addressof(heard[0])
        self._held = (place, heard, context)  # miniaudio keeps addresses into them
        self._device = ffi.new("ma_device*")
        failed = lib.ma_device_init(context, config, self._device)
        if failed:
            raise DeviceError(f"{self.name} cannot be opened{' with its input' if heard else ''}: {_text(failed)}")

    def start(self) -> None:
        """Starts playing."""
        self.attach()
        failed = _library()[1].ma_device_start(self._device)
        if failed:
            self.detach()
            raise DeviceError(f"{self.name} cannot be started: {_text(failed)}")
        until = time.monotonic() + FIRST
        while not self.record["done"] and time.monotonic() < until:
            time.sleep(0.005)
        self.keep_time()

    def stop(self) -> DeviceStats:
        """Stops and closes the device; one that does not answer is abandoned."""
        self.record["stop"] = 1
        within(CLOSE, lambda: _library()[1].ma_device_uninit(self._device))
        self.detach()
        return self.stats

    def rescan(self) -> None:
        """Forgets the context, because a sound server that stopped has left it dead."""
        _context.cache_clear()

    @property
    def lost(self) -> str:
        """Reason the device was lost: no callback for too long."""
        return self.stalled()


@cache
def _library() -> tuple[Any, Any]:
    """miniaudio's cffi interface; NoDeviceError with the installation command if it is missing."""
    try:
        from _miniaudio import ffi, lib
    except ImportError:
        raise NoDeviceError("pip install miniaudio, which needs no system library") from None
    return ffi, lib


@cache
def _context() -> Any:
    """The process's connection to the sound system."""
    ffi, lib = _library()
    names = BACKENDS.get(sys.platform, BACKENDS["linux"])
    backends = ffi.new("ma_backend[]", [getattr(lib, f"ma_backend_{name}") for name in names])
    config = ffi.new("ma_context_config*", lib.ma_context_config_init())
    config.threadPriority = lib.ma_thread_priority_realtime
    context = ffi.new("ma_context*")
    if lib.ma_context_init(backends, len(names), config, context):
        raise NoDeviceError(f"start a sound server: miniaudio finds none of {' and '.join(names)}")
    return context


def _text(code: int) -> str:
    """miniaudio's error in words."""
    lib = _library()[1]
    words = {
        lib.MA_BUSY: "another program is using it",
        lib.MA_DEVICE_TYPE_NOT_SUPPORTED: "it has no such input or output",
        lib.MA_FORMAT_NOT_SUPPORTED: "it does not support this rate or number of channels",
        lib.MA_ACCESS_DENIED: "the system refuses access",
        lib.MA_NO_DEVICE: "it is not connected",
    }
    return words.get(code, f"miniaudio's error {code}")
