"""Sends scheduled messages through MIDI ports."""

from __future__ import annotations

import heapq
import threading
import time
from contextlib import suppress
from itertools import count

from graph.clocks.host import host_ns
from graph.memory.events import NOTE_ON
from graph.midi.held import Held
from graph.midi.outgoing import spoken
from graph.ports.memory import KEPT_SENDINGS, CompanionMemory
from graph.ports.midi import Ports

LOOK = 0.0005
"""Seconds between polls of the rings."""
CLOSE = 150_000
"""Nanoseconds before the due time of a message from which the thread spins, because sleep wakes late."""
WAITING = 1 << 16
"""Maximum number of pending messages; more are dropped, except note-offs."""


class Sender(threading.Thread):
    """Thread that reads the rings and sends through every open output."""

    def __init__(self, shared: CompanionMemory) -> None:
        super().__init__(name="MIDI out", daemon=True)
        self.outs: Ports | None = None
        self._shared = shared
        self._rings = (shared.leaving, shared.asked)
        self._over = threading.Event()
        self._waiting: list[tuple[int, int, list[int]]] = []
        self._count = count()
        self._held = Held()

    def run(self) -> None:
        """Runs until `stop`."""
        while not self._over.is_set():
            self._take()
            due = self._waiting[0][0] - host_ns() if self._waiting else CLOSE + int(LOOK * 1e9)
            if due > CLOSE:
                time.sleep(min(LOOK, (due - CLOSE) / 1e9))
                continue
            while host_ns() < self._waiting[0][0]:
                time.sleep(0)
            self._deliver()

    def stop(self) -> None:
        """Ends the notes started at the outputs."""
        if self._over.is_set():
            return
        self._over.set()
        if self.is_alive():
            self.join(1.0)
        for message in sorted(self._held.endings()):
            self.send(message)

    def send(self, message: list[int]) -> None:
        """Sends immediately through all outputs."""
        if self.outs is None:
            return
        with self.outs.lock:
            for client in self.outs.clients.values():
                with suppress(RuntimeError, OSError, ValueError):  # the port has just disappeared
                    client.send_message(message)

    def _take(self) -> None:
        for ring in self._rings:
            if ring.used == 0:
                continue
            for when, event, message in spoken(ring.take()):
                if message and (len(self._waiting) < WAITING or event.kind != NOTE_ON):
                    heapq.heappush(self._waiting, (when, next(self._count), message))

    def _deliver(self) -> None:
        """Sends the earliest due messages."""
        due, _, message = heapq.heappop(self._waiting)
        late = host_ns() - due
        self.send(message)
        sending = self._shared.sending
        sending["lateness"][int(sending["sent"]) % KEPT_SENDINGS] = late
        sending["sent"] += 1
        self._held.read(message)
