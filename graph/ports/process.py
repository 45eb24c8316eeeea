"""The companion process, with its own interpreter, that owns MIDI ports and other services.

Started by `graph.ports.companion`. Its input is a pipe that closes with the playing process; its output
reports ports and messages as lines of JSON. Notes go through shared memory.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

from graph.clocks.host import host_ns
from graph.errors import GraphrunError
from graph.midi.bytes import receive, release_port
from graph.native.cache import addresses, callable_at, function_unit
from graph.ports.memory import SLOTS, CompanionMemory
from graph.ports.midi import Ports, open_clients, rtmidi_library
from graph.ports.sender import Sender

LOOK = 0.5
"""Seconds between port scans."""
PULSE = 0.0015
"""Default seconds between polls of a service."""
AGAIN = 2.0
"""Seconds between attempts without a MIDI system, such as before a JACK server starts."""
SHORT = 64
"""Preallocated bytes for a message."""


class Inputs:
    """Passes the bytes of each input through the audio thread's MIDI parser into the ring."""

    def __init__(self, shared: CompanionMemory, sender: Sender, thru: bool) -> None:
        self.shared, self.sender, self.thru = shared, sender, thru
        self.slots: dict[str, int] = {}
        self._short = [bytearray(SHORT) for _ in range(SLOTS)]
        found = addresses([function_unit(receive), function_unit(release_port)])
        self._receive, self._release = (
            callable_at(address, keep_gil=True) for address in found
        )  # so all inputs together are one producer of the ring

    def opened(self, client: Any, name: str) -> None:
        """Starts an input."""
        free = [slot for slot in range(SLOTS) if slot not in self.slots.values()]
        if not free:
            raise ValueError(f"{SLOTS} MIDI inputs are open, the limit")
        self.slots[name] = free[0]
        client.ignore_types(sysex=False, timing=False, active_sense=True)
        client.set_callback(self._callback(free[0]))

    def closed(self, name: str) -> None:
        """Ends an input that disappeared, and releases its held notes."""
        slot = self.slots.pop(name)
        self.shared.ports[slot]["time"] = host_ns()
        self._release(self.shared.address(slot))

    def _callback(self, slot: int) -> Any:
        """Callback of rtmidi, on rtmidi's thread, with a message as a list of numbers."""
        port, address = self.shared.aim(slot), self.shared.address(slot)
        short = (ctypes.c_char * SHORT).from_buffer(self._short[slot])
        place, view = ctypes.addressof(short), self._short[slot]
        port["status"] = port["count"] = 0

        def heard(event: tuple[list[int], float], _: Any) -> None:
            port["time"] = host_ns()
            message = event[0]
            size = len(message)
            if size <= SHORT:
                view[:size] = bytes(message)
                port["at"] = place
                port["length"] = size
                self._receive(address)
            else:
                data = bytes(message)
                port["at"] = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value
                port["length"] = size
                self._receive(address)
            if self.thru:
                self.sender.send(message)

        heard.keep = short  # type: ignore[attr-defined]
        return heard


class Midi:
    """The MIDI ports, in and out."""

    def __init__(self, shared: CompanionMemory, config: dict[str, Any]) -> None:
        name = config["name"]
        self.sender = Sender(shared)
        self.inputs = Inputs(shared, self.sender, config["thru"])
        probe, other = open_clients(name, config["api"])
        number = probe.get_current_api()
        rtmidi = rtmidi_library()
        another_in, another_out = (partial(make, number, name=name) for make in (rtmidi.MidiIn, rtmidi.MidiOut))
        self.ins = Ports(probe, another_in, name, config["ports"], self.inputs.opened, self.inputs.closed)
        self.outs: Ports | None = None
        if config["out_ports"] is None:
            other.delete()
        else:
            self.outs = Ports(other, another_out, name, config["out_ports"])
            self.sender.outs = self.outs
        if config["virtual"]:
            self.ins.open_virtual(f"{name} in")
            if self.outs:
                self.outs.open_virtual(f"{name} out")

    def look(self) -> dict[str, Any]:
        """Messages about ports that appeared or disappeared."""
        news = [f"MIDI input {text}" for text in self.ins.look()]
        if self.outs:
            news += [f"MIDI output {text}" for text in self.outs.look()]
            if not self.sender.ident:  # pending messages are for open ports
                self.sender.start()
        return {"news": news, "inputs": self.ins.names, "outputs": self.outs.names if self.outs else []}

    def stop(self) -> None:
        """Ends the notes at the outputs, and closes the ports."""
        self.sender.stop()
        for ports in (self.ins, self.outs):
            if ports:
                ports.close()


class Teller:
    """Writes lines of JSON to the playing process; discards output printed by libraries."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        self._told: dict[str, Any] = {"news": []}

    def tell(self, **facts: Any) -> None:
        """Reports changed values, and `news` if there is any."""
        changed = {
            word: fact for word, fact in facts.items() if (fact if word == "news" else self._told.get(word) != fact)
        }
        self._told.update(changed)
        if changed:
            with suppress(OSError, ValueError):
                self._file.write(json.dumps(changed) + "\n")


def serve(config: dict[str, Any], teller: Teller) -> None:
    """Runs until the input pipe closes."""
    over = threading.Event()
    threading.Thread(target=_watch, args=(over,), daemon=True).start()
    _be_punctual()
    shared = CompanionMemory(config["token"])
    midi = _open(shared, config, teller)
    services = _begin(config["services"], shared, teller)
    interval = min([LOOK, *(getattr(service, "interval", PULSE) for service in services)])
    looked, parent = time.monotonic(), os.getppid()
    while not over.wait(interval) and os.getppid() == parent:
        for service in services:
            news = service.poll()
            if news:
                teller.tell(news=list(news))
        if time.monotonic() - looked < (AGAIN if midi is None else LOOK):
            continue
        looked = time.monotonic()
        if midi is None:
            midi = _open(shared, config, teller)
        else:
            teller.tell(**midi.look())
    threading.Timer(2.0, os._exit, [0]).start()  # exit even if a library hangs
    for service in services:
        service.stop()
    if midi is not None:
        midi.stop()
    os._exit(0)


def _open(shared: CompanionMemory, config: dict[str, Any], teller: Teller) -> Midi | None:
    """The MIDI ports, or the reason for having none."""
    try:
        midi = Midi(shared, config)
    except GraphrunError as error:
        teller.tell(trouble=str(error), ready=True)
        return None
    teller.tell(**midi.look(), trouble="", ready=True)
    return midi


def _begin(paths: dict[str, dict[str, Any]], shared: CompanionMemory, teller: Teller) -> list[Any]:
    """Starts the services; one that fails reports why, and the others continue."""
    services = []
    for path, words in paths.items():
        module, _, word = path.partition(":")
        service = getattr(import_module(module), word)(**words)
        try:
            service.start(shared)
        except GraphrunError as error:
            teller.tell(news=[str(error)])
        else:
            services.append(service)
    return services


def _watch(over: threading.Event) -> None:
    """Waits for the input pipe to close."""
    with suppress(OSError, ValueError):
        while sys.stdin.buffer.read(4096):
            pass
    over.set()


def _be_punctual() -> None:
    """Requests real-time priority if the system permits, because a note's timestamp is the time we read it."""
    with suppress(AttributeError, OSError, ValueError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))


def listing(config: dict[str, Any], teller: Teller) -> None:
    """Reports the names of all inputs and outputs."""
    try:
        ins, outs = open_clients(config["name"], config["api"])
        found = {"inputs": ins.get_ports(), "outputs": outs.get_ports()}
        ins.delete()
        outs.delete()  # without it, jackd waits seconds for the dead client, and blocks the next one
        teller.tell(**found, ready=True)
    except GraphrunError as error:
        teller.tell(trouble=str(error), ready=True)
    os._exit(0)


def main() -> None:
    """Entry point of the process; its argument is the request from `graph.ports.companion`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; the playing process stops us
    teller = Teller()
    config = json.loads(sys.argv[1])
    try:
        (listing if config["list"] else serve)(config, teller)
    except Exception as error:
        teller.tell(trouble=f"{type(error).__name__}: {error}")
        os._exit(1)
