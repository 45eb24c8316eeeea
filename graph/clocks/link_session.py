"""Ableton Link: joins the session and keeps a LINK record up to date.

The underlying package is licensed under the GPL, version 2 or later, so it is imported only here, and only by the
process that joins. It gets no callbacks: an exception in one would end the process, and Link's threads would wait for
Python's lock. Instead the session is polled, which takes a microsecond.
"""

from __future__ import annotations

import math
import socket
from pathlib import Path
from typing import Any, Protocol

from graph.clocks.host import host_ns
from graph.errors import DeviceError

SETTLE = 0.5
"""Seconds from creating a Link to enabling it: earlier, it may impose its tempo on an existing session."""
EVERY_PHASE = float(1 << 30)
"""A quantum so long that Link's beat for it is the session's own; modulo any quantum, it gives that phase."""
STEADY = 2e-6
"""Beat difference that counts as a different timeline: Link has a resolution of a millionth."""
ROUTES = Path("/proc/net/route")
"""Linux's table of network interfaces: a header, and one line per interface."""
MEETING_POINT = ("224.76.78.75", 20808)
"""The multicast group in which Link peers find each other."""


class HasLink(Protocol):
    """Memory with a LINK record."""

    link: Any


def new_link(tempo: float) -> Any:
    """A Link, not yet enabled; DeviceError if the package is missing."""
    try:
        from link import Link
    except ImportError as error:
        raise DeviceError(
            f"Ableton Link is unavailable, so each clock runs on its own: pip install LinkPython-extern ({error})"
        ) from None
    return Link(tempo)


def networked() -> bool:
    """Whether this machine is on any network, which Link does not report."""
    try:
        return len(ROUTES.read_text().splitlines()) > 1
    except OSError:
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(MEETING_POINT)
        except OSError:
            return False
    return True


class LinkSession:
    """[control] A service of the companion process: call `start`, then `poll` every `interval`, then `stop`."""

    interval = 0.002

    def __init__(self, tempo: float = 120.0) -> None:
        self._tempo = tempo
        self._link: Any = None

    def start(self, shared: HasLink) -> None:
        """Creates the Link, which is enabled once it has settled. DeviceError if the package is missing."""
        self._record = record = shared.link
        self._link = new_link(float(record["tempo"]) or self._tempo)  # the tempo left by a previous session
        record["sequence"] += record["sequence"] % 2
        self._born = host_ns()
        self._link.startStopSyncEnabled = True  # peers may follow; starts are sent only on request
        self._asked = int(record["answered"])
        self._told: tuple[float, ...] = ()
        self._others = 0
        self._publish()

    def poll(self) -> list[str]:
        """Executes requests and publishes changes; returns messages about peers that joined or left."""
        news = []
        if not self._link.enabled and host_ns() - self._born > SETTLE * 1e9:
            self._link.enabled = True
            news += [] if networked() else ["Link: no network, so there are no other peers"]
        asked = int(self._record["asked"])
        if asked != self._asked:
            self._carry_out()
            self._asked = asked
        self._publish()
        others = int(self._record["peers"])
        if others != self._others:
            self._others = others
            news.append(f"Link: {others or 'no'} other peer{'' if others == 1 else 's'} in the session")
        return news

    def stop(self) -> None:
        """Leaves the session; followers continue on their own."""
        self._link.enabled = False
        self._write(tempo=0.0, peers=0)

    def _carry_out(self) -> None:
        record, link = self._record, self._link
        state, now = link.captureSessionState(), link.clock().micros()
        tempo, playing, time = float(record["ask_tempo"]), int(record["ask_playing"]), int(record["ask_time"] / 1000)
        if tempo > 0 and math.isfinite(tempo):
            state.setTempo(tempo, now)
        if record["bring"] and link.numPeers() == 0 and math.isfinite(record["ask_beat"]):
            state.requestBeatAtTime(float(record["ask_beat"]), time or now, EVERY_PHASE)
        if playing >= 0:
            state.setIsPlaying(playing > 0, max(time, now))
        link.commitSessionState(state)

    def _publish(self) -> None:
        link, record = self._link, self._record
        state = link.captureSessionState()
        micros = link.clock().micros()
        tempo, beat = state.tempo(), state.beatAtTime(micros, EVERY_PHASE)
        peers, playing, since = link.numPeers(), int(state.isPlaying()), state.timeForIsPlaying() * 1000.0
        now = peers, playing, tempo, since, self._asked
        if now == self._told:
            expected = float(record["beat"]) + (micros * 1000.0 - float(record["time"])) * tempo / 60e9
            if abs(expected - beat) <= STEADY:
                return
        self._told = now
        self._write(
            peers=peers,
            playing=playing,
            tempo=tempo,
            since=since,
            answered=self._asked,
            beat=beat,
            time=micros * 1000.0,
        )

    def _write(self, **values: float) -> None:
        """Writes under the sequence lock: the sequence is odd during a write."""
        record = self._record
        record["sequence"] += 1
        for name, value in values.items():
            record[name] = value
        record["sequence"] += 1
