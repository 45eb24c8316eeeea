"""JACK, and PipeWire as JACK: one port per channel, and MIDI delivered in the callback itself."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from types import ModuleType
from typing import Any

import numpy as np

from graph.audio_thread.jack import LONGEST, jack_callback
from graph.devices.c_callback import c_callback
from graph.devices.device import CLOSE, Device, DeviceStats, within
from graph.devices.jack_midi import MidiSender, Wires, connected
from graph.engine.engine import Engine
from graph.errors import DeviceError, did_you_mean
from graph.memory.ring import publish
from graph.memory.tables import HELD, MIDI_PORT
from graph.midi.bytes import release_port
from graph.native.cache import addresses, callable_at, function_unit

INSTALL = {
    "linux": "install it: sudo apt install libjack-jackd2-0 (PipeWire: pipewire-jack)",
    "darwin": "install it: brew install jack",
    "win32": "install it from jackaudio.org",
}
ENDED = 3
"""State of `stop`: the note-offs are sent, and one more cycle has run, so they are delivered."""
FUNCTIONS = {
    "get_buffer": "jack_port_get_buffer",
    "latency_range": "jack_port_get_latency_range",
    "cycle_times": "jack_get_cycle_times",
    "event_count": "jack_midi_get_event_count",
    "event_get": "jack_midi_event_get",
    "clear_buffer": "jack_midi_clear_buffer",
    "event_reserve": "jack_midi_event_reserve",
    "transport_query": "jack_transport_query",
}


def jack_library() -> ModuleType:
    """The JACK-Client module; DeviceError with the install command if it or libjack is missing."""
    try:
        import jack
    except ImportError:
        raise DeviceError("JACK-Client is not installed: pip install JACK-Client") from None
    except OSError as error:
        raise DeviceError(f"{error}; {INSTALL.get(sys.platform, INSTALL['linux'])}") from None
    jack.set_error_function(_quiet)
    jack.set_info_function(_quiet)
    return jack  # type: ignore[no-any-return]


def _quiet(_: str) -> None:
    """Drops JACK's log output; relevant problems arrive as errors."""


def open_client(name: str, server: str | None = None) -> Any:
    """A client of a running server; DeviceError if none runs."""
    jack = jack_library()
    try:
        return jack.Client(name[:60], no_start_server=True, servername=server)
    except jack.JackOpenError:
        where = f"no JACK server '{server}' is running" if server else "no JACK server is running"
        raise DeviceError(f"{where}: start one with `jackd -d alsa`, or use PipeWire") from None


class JackDevice(Device):
    """[control] A client of JACK whose process callback is the driver.

    client    result of `open_client`; its rate must be the engine's
    connect   ports to connect to, in channel order; by default the sound card's
    audio_in  ports to capture from, in input order; by default the sound card's
    inputs    number of audio inputs of the graph
    midi_from MIDI ports to receive from, by number, name, part of a name or pattern; by default
              all except other graphruns. midi_to: MIDI ports to send to, by default none. Missing ports are
              connected when they appear
    """

    kind = "jack"

    def __init__(
        self,
        engine: Engine,
        client: Any,
        *,
        connect: Sequence[str] | None = None,
        audio_in: Sequence[str] | None = None,
        inputs: int = 0,
        midi_from: Sequence[str] | None = None,
        midi_to: Sequence[str] | None = None,
    ) -> None:
        jack = jack_library()
        if client.samplerate != engine.rate:
            raise DeviceError(
                f"JACK runs at {client.samplerate} Hz, but the patch at {engine.rate:g} Hz: "
                f"use --rate {client.samplerate}"
            )
        if client.blocksize > LONGEST:
            raise DeviceError(f"JACK's period of {client.blocksize} frames is too long: {LONGEST} at most (jackd -p)")
        super().__init__(engine, period=client.blocksize, rate=engine.rate)
        self.client = client
        self.name = f"JACK client {client.name}"
        self._connect, self._audio_in = connect, audio_in
        self._jack = jack
        self._gone = ""
        self._told_lost = 0
        self.outs = [client.outports.register(f"out_{n + 1}") for n in range(engine.channels)]
        self.ins = [client.inports.register(f"in_{n + 1}") for n in range(inputs)]
        self.midi_in = client.midi_inports.register("midi_in")
        self.midi_out = client.midi_outports.register("midi_out")
        self._closing, self._closed = threading.Lock(), False  # a closed client is never queried
        self._wires = [
            self._wires_of("input", self.midi_in, midi_from, is_output=True),
            self._wires_of("output", self.midi_out, midi_to or [], is_input=True),
        ]
        self._memory()
        units = [function_unit(function) for function in (jack_callback, release_port, publish)]
        kernel, self._release, published = addresses(units)
        self.midi_sender = MidiSender(self.record, published)
        self._callback = c_callback("ip", kernel, self.address)
        lib, ffi = jack._lib, jack._ffi
        kind = ffi.typeof(lib.jack_set_process_callback).args[1]
        if lib.jack_set_process_callback(client._ptr, ffi.cast(kind, self._callback), ffi.NULL):
            raise DeviceError("JACK rejected the process callback")
        client.set_shutdown_callback(self._shutdown)
        client.set_freewheel_callback(self._freewheel)
        client.set_blocksize_callback(self._blocksize)
        client.set_xrun_callback(self._xrun)
        client.set_port_connect_callback(self._connected, only_available=False)

    def _memory(self) -> None:
        """Memory that the callback reads and writes besides the engine."""
        jack, record = self._jack, self.record
        library = ctypes.CDLL(jack._libname)
        for field, name in FUNCTIONS.items():
            record[field] = ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0
        address = jack._ffi.cast
        record["client"] = int(address("uintptr_t", self.client._ptr))
        self._ports, self._in_ports = (
            np.array([int(address("uintptr_t", port._ptr)) for port in ports], np.int64)
            for ports in (self.outs, self.ins)
        )
        record["outs"], record["out_count"] = self._ports.ctypes.data, len(self._ports)
        record["ins"], record["in_count"] = self._in_ports.ctypes.data, len(self._in_ports)
        self._input = np.zeros((LONGEST, max(1, len(self.ins))), np.float32)
        record["input"] = self._input.ctypes.data
        record["midi_in"] = int(address("uintptr_t", self.midi_in._ptr))
        record["midi_out"] = int(address("uintptr_t", self.midi_out._ptr))
        self._scratch = np.zeros((LONGEST, len(self._ports)), np.float32)
        self._cycle, self._event, self._position = (np.zeros(size, np.int64) for size in (8, 4, 32))
        record["scratch"] = self._scratch.ctypes.data
        record["cycle"], record["event"] = self._cycle.ctypes.data, self._event.ctypes.data
        record["position"] = self._position.ctypes.data
        self._latency = np.zeros(2, np.uint32)
        record["latency"] = self._latency.ctypes.data
        self._held, self._coarse = np.zeros((16, HELD), np.uint8), np.zeros((16, 32), np.uint8)
        self.port = np.zeros(1, MIDI_PORT)
        assert self.engine is not None
        self.port["ring"] = self.engine.direct.address
        self.port["held"], self.port["coarse"] = self._held.ctypes.data, self._coarse.ctypes.data
        record["port"] = self.port.ctypes.data
        self._blocksize(self.client.blocksize)

    def start(self) -> None:
        """Activates the client and connects its ports."""
        self.attach()
        try:
            self.client.activate()
            self._wire()
        except (self._jack.JackError, DeviceError) as error:
            self.stop()
            raise DeviceError(f"{self.name}: {error}") from None

    def _wire(self) -> None:
        wanted = self._connect
        assert self.engine is not None
        mono = self.engine.plan.mono  # a mono signal may go to any number of ports
        if wanted and len(wanted) > len(self.outs) and not mono:
            raise DeviceError(f"--connect names {len(wanted)} ports, but the patch has {len(self.outs)} channels")
        if wanted is None:
            ports = self.client.get_ports(is_physical=True, is_input=True, is_audio=True)
            wanted = [port.name for port in ports[: max(2, len(self.outs))]]
        if mono:
            pairs = list(zip(cycle(self.outs), wanted, strict=False))
        else:
            pairs = list(zip(self.outs, wanted, strict=False))
        for port, name in pairs:
            self._join(port.name, name)
        sources = self._audio_in
        if sources and len(sources) > len(self.ins):
            raise DeviceError(f"--audio-in names {len(sources)} ports, but the patch has {len(self.ins)} audio inputs")
        if sources is None:
            ports = self.client.get_ports(is_physical=True, is_output=True, is_audio=True)
            sources = [port.name for port in ports]
        for port, name in zip(self.ins, sources, strict=False):
            self._join(name, port.name)
        for wires in self._wires:
            self.messages += wires.look(at_once=True)

    def _wires_of(self, what: str, ours: Any, wanted: Sequence[str] | None, **direction: bool) -> Wires:
        """Keeps one MIDI port connected; `direction` is that of the remote ports."""
        client = self.client

        def ports() -> tuple[list[str], list[str]]:
            found = client.get_ports(is_midi=True, **direction)
            names = [port.name for port in found if not port.name.startswith(f"{client.name}:")]
            return names, [port.name for port in found if port.is_physical]

        def join(name: str) -> None:
            with suppress(self._jack.JackError):  # the port has just disappeared, or another client connected it
                client.connect(*((name, ours.name) if ours.is_input else (ours.name, name)))

        return Wires(what, ports, join, lambda: connected(client, ours), wanted)

    def look(self) -> list[str]:
        """Connects new MIDI ports; call a few times per second from one thread."""
        with self._closing:
            if self._gone or self._closed:
                return []
            news = [line for wires in self._wires for line in wires.look()]
        lost = int(self.record["asked_lost"])
        if lost > self._told_lost:
            self._told_lost = lost
            news.append("dropped a SysEx message longer than JACK's MIDI buffer: use a longer period (jackd -p)")
        return news

    @staticmethod
    def _no_port(word: str, names: Sequence[str]) -> str:
        return f"there is no JACK port '{word}'.{did_you_mean(word, names)} There are: {', '.join(names) or 'none'}"

    def _join(self, source: str, target: str) -> None:
        try:
            self.client.connect(source, target)
        except self._jack.JackErrorCode:
            ours = f"{self.client.name}:"
            wrong, direction = (target, "is_input") if source.startswith(ours) else (source, "is_output")
            known = [port.name for port in self.client.get_ports(is_audio=True, **{direction: True})]
            raise DeviceError(self._no_port(wrong, [name for name in known if not name.startswith(ours)])) from None

    def stop(self) -> DeviceStats:
        """Disconnects from the server."""
        self.record["stop"] = 1
        deadline = time.monotonic() + 0.2
        while not self._gone and self.record["stop"] < ENDED and time.monotonic() < deadline:
            time.sleep(0.001)  # waits until its note-offs are delivered
        if within(CLOSE, self._leave) and self.engine is not None:  # no note-off can arrive for held keys now
            self.port["time"] = self.engine.now
            callable_at(self._release)(self.port.ctypes.data)
        self.detach()
        return self.stats

    def _leave(self) -> None:
        with self._closing:
            self._closed = True
        if not self._gone:
            self.client.deactivate(ignore_errors=True)
        self.client.close(ignore_errors=True)

    @property
    def lost(self) -> str:
        """Reason the server was lost."""
        return self._gone

    def _shutdown(self, _: Any, reason: str) -> None:
        self._gone = f"the JACK server has stopped ({reason or 'no reason given'})"

    def _freewheel(self, starting: bool) -> None:
        self.record["freewheel"] = int(starting)

    def _xrun(self, _: float) -> None:
        self.record["underruns"] += 1

    def _connected(self, source: Any, target: Any, connected: bool) -> None:
        """Releases held keys when a keyboard is disconnected."""
        if not connected and self.midi_in in (source, target):
            self.record["release"] = 1

    def _blocksize(self, frames: int) -> None:
        assert self.engine is not None
        self.period = frames
        self.record["shift"] = 0 if frames % self.engine.block == 0 else self.engine.block
        if self.engine.device == self.name:
            self.keep_time()
