"""`Companion`: runs MIDI ports, and other services that must not wait for the GIL, in a separate process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.clocks.host import host_ns
from graph.engine.engine import Engine
from graph.errors import DeviceError
from graph.memory.events import ALL_NOTES_OFF, SUSTAIN, TIMED_EVENT
from graph.memory.ring import publish
from graph.midi.bytes import receive, release_port
from graph.midi.messages import MessageReader
from graph.midi.outgoing import outgoing, push_whole
from graph.native.cache import addresses, callable_at, function_unit
from graph.ports.memory import KEPT_SENDINGS, CompanionMemory

READY = 5.0
"""Timeout in seconds for the process to open its ports."""
SHORT_LIFE = 2.0
"""Seconds; a process that ends sooner, `TRIES` times in a row, is not restarted."""
TRIES = 3
PATIENCE = 1.0
"""Seconds to exit before it is killed."""


class Companion:
    """[control] Opens MIDI ports for an engine in a separate process, and restarts the process if it dies.

    Any thread may call `send` and read the statistics; only the owning thread calls the rest.
    It takes only the locks of the reader and the ring, one after the other.

    ports      inputs to open, by number, name, part of a name, or pattern; None: all, including later ones
    virtual    opens a virtual input that others can connect to, and a virtual output if there are outputs
    name       client name visible to others
    out_ports  outputs to send to; None: nothing is sent, []: only through the virtual one
    api        ALSA, JACK, COREMIDI or WINMM; by default the system's
    thru       forwards incoming messages immediately
    services   other services, such as {"graph.clocks.link_session:LinkSession": {"tempo": 120}}: each has
               `start(shared)`, `poll()`, which may return messages, and `stop()`, and may have a poll `interval`
    """

    def __init__(
        self,
        engine: Engine,
        ports: Sequence[str | int] | None = None,
        *,
        virtual: bool = True,
        name: str = "graphrun",
        out_ports: Sequence[str | int] | None = None,
        api: str | None = None,
        thru: bool = False,
        services: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.engine = engine
        self.inputs: list[str] = []
        self.outputs: list[str] = []
        self.trouble = ""
        """Reason why no MIDI ports are available; empty if they are."""
        self.starts = 0
        found = addresses([function_unit(function) for function in (receive, release_port, publish)])
        self._release_port = callable_at(found[1])
        self.shared = CompanionMemory(publish=found[2])
        self._config = {
            "list": False,
            "token": self.shared.token,
            "name": name,
            "ports": None if ports is None else [str(port) for port in ports],
            "out_ports": None if out_ports is None else [str(port) for port in out_ports],
            "virtual": virtual,
            "api": api,
            "thru": thru,
            "services": {path: dict(words) for path, words in (services or {}).items()},
        }
        self._services = bool(services)
        self._sends = out_ports is not None
        self._reader = MessageReader()
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = False
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._news: list[str] = []
        self._begun = 0.0
        self._failures = 0
        self._told, self._when_told = 0, 0.0

    def start(self, patience: float = READY) -> None:
        """Opens the ports with a timeout; ports that cannot be opened are reported in `trouble` and in the messages."""
        for word in ("asked", "answered"):  # do not repeat requests that the previous process has served
            self.shared.link[word] = self.engine.shared.link["answered"]
        self._heard = True
        self.engine.set_midi_input(self.shared.arriving.address)
        if self._sends:
            self.engine.set_midi_output(self.shared.leaving.address)
        if self._services:
            self.engine.set_link_session(self.shared.link_address)
        self._launch()
        deadline = time.monotonic() + patience
        while not self._hear(0.02) and not self._dead and time.monotonic() < deadline:
            pass

    def stop(self) -> None:
        """Closes the ports and releases held notes."""
        if not self._heard:
            return
        self._heard = False
        process, self._process = self._process, None
        if process is not None:
            _end(process)
            self._reading.join(PATIENCE)
        self._release()
        self._wait(0.2, lambda: not self.shared.arriving.used)
        self.engine.set_midi_input(0)
        if self._sends:
            self.engine.set_midi_output(0)
        if self._services:
            self.engine.set_link_session(0)
        blocks, record = int(self.engine.shared.record["blocks"]), self.engine.shared.record
        self._wait(0.5, lambda: bool(record["blocks"] > blocks))  # a block may be running and reading our memory
        self.shared.memory.close()
        self.inputs, self.outputs = [], []

    def poll(self) -> list[str]:
        """Returns new messages, and restarts a dead process; call about every 50 ms."""
        while self._hear(0.0):
            pass
        if self._dead:
            self._revive()
        if self.dropped > self._told and time.monotonic() - self._when_told > 1.0:
            self._news.append(f"{self.dropped - self._told} MIDI events arrived too fast and were dropped")
            self._told, self._when_told = self.dropped, time.monotonic()
        news, self._news = self._news, []
        return news

    def send(self, message: Any, at: int | None = None) -> None:
        """Sends a message to the outputs: a mido message, bytes, or `TIMED_EVENT` records with host times.

        at   host time in nanoseconds (`graph.clocks.host.host_ns`) at which to send it; by default now
        """
        if not self._sends:
            raise DeviceError("no MIDI output is open: choose one with midi_out or --midi-out")
        timed = message
        if not (isinstance(message, np.ndarray) and message.dtype == TIMED_EVENT):
            timed = outgoing(self._reader, message, host_ns() if at is None else at)
        push_whole(self.shared.asked, timed, lambda: bool(self._heard) and not self._dead)

    def silence(self) -> None:
        """Ends all notes at the outputs, including those held by a pedal."""
        for status in range(0xB0, 0xC0):
            for controller in (SUSTAIN, ALL_NOTES_OFF):
                self.send((status, controller, 0))

    @property
    def pid(self) -> int:
        """Process ID, 0 if it is not running."""
        return self._process.pid if self._process is not None else 0

    @property
    def received(self) -> int:
        """Number of received events."""
        return int(self.shared.ports["received"].sum())

    @property
    def dropped(self) -> int:
        """Number of events dropped because the ring was full."""
        return int(self.shared.ports["dropped"].sum())

    @property
    def sent(self) -> int:
        """Number of messages sent at a scheduled time."""
        return int(self.shared.sending["sent"])

    @property
    def lateness(self) -> NDArray[np.float64]:
        """Lateness in seconds of the latest 1,024 scheduled messages."""
        count = min(self.sent, KEPT_SENDINGS)
        late: NDArray[np.float64] = self.shared.sending["lateness"][:count] / 1e9
        return late

    @property
    def _dead(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _launch(self) -> None:
        self.starts += 1
        self._begun = time.monotonic()
        self._process = _popen(self._config, self.shared.memory.fds)
        self._reading = threading.Thread(target=self._read, args=(self._process,), name="MIDI news", daemon=True)
        self._reading.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Reads the output lines of one process into the queue."""
        assert process.stdout is not None
        with process.stdout, suppress(OSError, ValueError):
            for line in process.stdout:
                self._lines.put(json.loads(line))

    def _hear(self, timeout: float) -> bool:
        """Takes one line, if one arrives before the timeout."""
        try:
            facts = self._lines.get(timeout=timeout) if timeout else self._lines.get_nowait()
        except queue.Empty:
            return False
        self._news += facts.get("news", [])
        self.inputs = facts.get("inputs", self.inputs)
        self.outputs = facts.get("outputs", self.outputs)
        if facts.get("trouble", self.trouble) != self.trouble:
            self.trouble = facts["trouble"]
            self._news += [self.trouble] if self.trouble else []
        return True

    def _revive(self) -> None:
        """Releases the notes of the dead process, and restarts it."""
        assert self._process is not None
        _end(self._process)
        self._reading.join(PATIENCE)
        self._release()
        self._failures = self._failures + 1 if time.monotonic() - self._begun < SHORT_LIFE else 1
        self.inputs, self.outputs = [], []
        if self._failures >= TRIES:
            self._process = None
            self._news.append("the MIDI process keeps crashing: MIDI is off until you restart graphrun")
            return
        self.shared.link["sequence"] += int(self.shared.link["sequence"]) % 2  # it may have died while writing
        self._news.append("the MIDI process has crashed: held notes are released, and it restarts")
        if self._sends:
            with suppress(DeviceError):
                self.silence()  # note-offs may have been lost with it
        self._launch()

    def _release(self) -> None:
        """Ends the notes held by the inputs. Call only when nobody else writes to the ring."""
        for slot in range(len(self.shared.ports)):
            if self.shared.held[slot].any():
                self.shared.aim(slot)["time"] = host_ns()
                self._release_port(self.shared.address(slot))

    def _wait(self, seconds: float, over: Callable[[], bool]) -> None:
        """Waits until the audio thread has met a condition, or the timeout ends."""
        deadline = time.monotonic() + seconds
        while self.engine.device and not over() and time.monotonic() < deadline:
            time.sleep(0.002)


_BOOT = (
    "import sys; sys.path[:] = sys.argv[2:]; "  # before any import: the current directory may contain a signal.py
    "from graph.ports.process import main; main()"
)


def _popen(config: dict[str, Any], fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    path = [str(Path(entry).resolve()) for entry in sys.path]
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, json.dumps(config), *path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=fds,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stops a process, and waits for it."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def midi_inputs(api: str | None = None) -> list[str]:
    """[control] The names of the system's MIDI inputs; DeviceError if there is no MIDI."""
    return _ask(api)["inputs"]


def midi_outputs(api: str | None = None) -> list[str]:
    """[control] The names of the system's MIDI outputs; DeviceError if there is no MIDI."""
    return _ask(api)["outputs"]


def _ask(api: str | None) -> dict[str, list[str]]:
    process = _popen({"list": True, "name": "graphrun devices", "api": api})
    try:
        out, _ = process.communicate(timeout=2 * READY)
        facts = json.loads(out.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        process.kill()
        process.communicate()
        raise DeviceError("the MIDI system does not respond") from None
    if "trouble" in facts:
        raise DeviceError(facts["trouble"])
    return {"inputs": facts.get("inputs", []), "outputs": facts.get("outputs", [])}
