"""JACK MIDI outside the callback: hot-plugged ports, and messages sent from Python."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from graph.clocks.host import host_ns
from graph.memory.events import TIMED_EVENT
from graph.memory.ring import Ring
from graph.memory.tables import MIDI_EVENTS
from graph.midi.messages import MessageReader
from graph.midi.outgoing import outgoing, push_whole
from graph.ports.midi import LOOPS, matching

LOOK = 0.25
"""Seconds between port scans."""
SETTLED = 0.5
"""Grace period in seconds before connecting a new port, because many clients connect themselves."""


class Wires:
    """[control] Keeps one of our MIDI ports connected to the requested ports, including ones that appear later.

    Owner: the device, under its lock. A port that the user disconnects stays disconnected until it is registered again.

    list_ports  returns the names of the remote MIDI ports, and the hardware ports among them
    join        connects our port to a named port
    joined      returns the names of the connected ports
    wanted      numbers, names, parts of names and patterns; None means all except other graphruns and loopbacks
    """

    def __init__(
        self,
        what: str,
        list_ports: Callable[[], tuple[list[str], list[str]]],
        join: Callable[[str], None],
        joined: Callable[[], list[str]],
        wanted: Sequence[str] | None,
    ) -> None:
        self._what, self._list, self._join, self._joined = what, list_ports, join, joined
        self._wanted = None if wanted is None else list(wanted)
        self._seen: dict[str, float] = {}
        self._known: set[str] = set()
        self._told: set[str] = set()
        self._next = 0.0

    def look(self, *, at_once: bool = False) -> list[str]:
        """Connects new ports; returns messages. With `at_once`, existing ports connect without a grace period."""
        now = time.monotonic()
        if now < self._next and not at_once:
            return []
        self._next = now + LOOK
        names, hardware = self._list()
        self._seen = {name: self._seen.get(name, now) for name in names}
        news = [f"MIDI {self._what} {name} is gone" for name in sorted(self._known - set(names))]
        self._known &= set(names)
        self._known |= {name for name in self._joined() if name in names}
        for name in self._chosen(names, news):
            ready = at_once and (self._wanted is not None or name in hardware)
            if name not in self._known and (ready or now - self._seen[name] >= SETTLED):
                self._join(name)
                self._known.add(name)
                news += [] if at_once else [f"MIDI {self._what} {name} is connected"]
        return news

    def _chosen(self, names: list[str], news: list[str]) -> list[str]:
        if self._wanted is None:
            return [name for name in names if not re.match(r"graphrun(-\d+)?:", name) and LOOPS not in name.casefold()]
        chosen: dict[str, None] = {}
        for place, word in enumerate(self._wanted):
            found = matching(word, names)
            chosen.update(dict.fromkeys(found))
            if found and word.isdigit():  # resolve a number once: the port reconnects by name
                self._wanted[place] = found[0]
            if not found and word not in self._told:
                news.append(f"MIDI {self._what} '{word}' not found yet; available: {', '.join(names) or 'none'}")
            self._told.add(self._wanted[place])
        return list(chosen)


class MidiSender:
    """[control] Passes messages from Python to the callback, which sends each at its frame.

    Any thread may call `send`.
    """

    def __init__(self, record: Any, publish: int) -> None:
        self._ring = Ring(MIDI_EVENTS, TIMED_EVENT, publish)
        self._waiting = np.zeros(MIDI_EVENTS, TIMED_EVENT)
        self._reader = MessageReader()
        record["asked"], record["asked_waiting"] = self._ring.address, self._waiting.ctypes.data

    def send(self, message: Any, at: int | None = None) -> None:
        """As `Companion.send`: sends a mido message or bytes at host time `at`, or in the next cycle."""
        push_whole(self._ring, outgoing(self._reader, message, host_ns() if at is None else at), lambda: True)


def connected(client: Any, port: Any) -> list[str]:
    """The names of the ports connected to `port`."""
    with suppress(Exception):  # a port may disappear during the query
        return [other.name for other in client.get_all_connections(port)]
    return []
