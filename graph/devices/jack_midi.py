"""MIDI of a JACK client beside its callback: ports that come later, and messages that Python sends."""

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
"""Seconds between two looks at which ports there are."""
SETTLED = 0.5
"""Seconds for which a port is left to whoever registered it: many connect themselves."""


class Wires:
    """[control] Keeps one MIDI port of ours connected to those that are wanted, also to those that come later.

    Owner: the device, under its lock. A port that somebody has disconnected stays so until it is registered again.

    list_ports  the names of the MIDI ports on the other side, ours left out; and of those, the hardware's
    join        connects our port to the one of that name
    joined      the names of those that are connected
    wanted      numbers, names, parts of names and patterns; None is every one but other graphruns and loops back
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
        """Connects what has come; what there is to say. `at_once`: those that are there already wait for nothing."""
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
            if found and word.isdigit():  # a number is what it means now: it comes back under its name
                self._wanted[place] = found[0]
            if not found and word not in self._told:
                news.append(f"MIDI {self._what} '{word}' is not there yet; there are: {', '.join(names) or 'none'}")
            self._told.add(self._wanted[place])
        return list(chosen)


class MidiSender:
    """[control] Messages from Python to the callback, which sends each in the frame of its time.

    Any thread may call `send`.
    """

    def __init__(self, record: Any, publish: int) -> None:
        self._ring = Ring(MIDI_EVENTS, TIMED_EVENT, publish)
        self._waiting = np.zeros(MIDI_EVENTS, TIMED_EVENT)
        self._reader = MessageReader()
        record["asked"], record["asked_waiting"] = self._ring.address, self._waiting.ctypes.data

    def send(self, message: Any, at: int | None = None) -> None:
        """As `Companion.send`: a message of mido, or bytes, that leaves at host time `at`, or in the next cycle."""
        push_whole(self._ring, outgoing(self._reader, message, host_ns() if at is None else at), lambda: True)


def connected(client: Any, port: Any) -> list[str]:
    """The names of the ports to which `port` leads."""
    with suppress(Exception):  # a port may go while it is asked
        return [other.name for other in client.get_all_connections(port)]
    return []
