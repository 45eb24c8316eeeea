"""Ableton Link: joins the session and keeps a LINK record up to date.

The package behind it is under the GPL, version 2 or later, which is why it is imported here alone,
and only by the process that joins. Nothing of it is called back: an exception in a callback would end
the process, and Link's threads would wait for Python's lock. The session is looked at instead, which
takes a microsecond.
"""

from __future__ import annotations

import math
import socket
from pathlib import Path
from typing import Any, Protocol

from graph.clocks.host import host_ns
from graph.errors import DeviceError

SETTLE = 0.5
"""Seconds from making a Link to enabling it: sooner, it may impose its tempo on the session it finds."""
EVERY_PHASE = float(1 << 30)
"""A quantum so long that Link's beat for it is the session's own, whose modulo is every quantum's phase."""
STEADY = 2e-6
"""Beats by which a timeline may be off before it is another: Link counts in millionths."""
ROUTES = Path("/proc/net/route")
"""Linux's table of networks: a title, and a line for each."""
MEETING_POINT = ("224.76.78.75", 20808)
"""Where Link's peers find each other."""


class HasLink(Protocol):
    """Memory with a LINK record."""

    link: Any


def new_link(tempo: float) -> Any:
    """A Link, not enabled; DeviceError if the package is missing."""
    try:
        from link import Link
    except ImportError as error:
        raise DeviceError(f"no Ableton Link, each clock runs alone: pip install 'graphrun[link]' ({error})") from None
    return Link(tempo)


def networked() -> bool:
    """Whether this machine is in any network, of which Link says nothing."""
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
    """[control] A service of the companion process: `start`, then `poll` every `interval`, then `stop`."""

    interval = 0.002

    def __init__(self, tempo: float = 120.0) -> None:
        self._tempo = tempo
        self._link: Any = None

    def start(self, shared: HasLink) -> None:
        """Makes the Link; it is enabled when it has settled. DeviceError if the package is missing."""
        self._record = record = shared.link
        self._link = new_link(float(record["tempo"]) or self._tempo)  # who ended before us left its tempo
        record["sequence"] += record["sequence"] % 2
        self._born = host_ns()
        self._link.startStopSyncEnabled = True  # heard by whoever cares; told only when asked to
        self._asked = int(record["answered"])
        self._told: tuple[float, ...] = ()
        self._others = 0
        self._publish()

    def poll(self) -> list[str]:
        """Carries out what was asked, and publishes what has changed; who has come and gone is news."""
        news = []
        if not self._link.enabled and host_ns() - self._born > SETTLE * 1e9:
            self._link.enabled = True
            news += [] if networked() else ["Link: there is no network, so nobody else is in the session"]
        asked = int(self._record["asked"])
        if asked != self._asked:
            self._carry_out()
            self._asked = asked
        self._publish()
        others = int(self._record["peers"])
        if others != self._others:
            self._others = others
            news.append(f"Link: {others or 'no'} other{'' if others == 1 else 's'} in the session")
        return news

    def stop(self) -> None:
        """Leaves the session; those who follow it go on by themselves."""
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
        """By sequence lock: odd while it is being written."""
        record = self._record
        record["sequence"] += 1
        for name, value in values.items():
            record[name] = value
        record["sequence"] += 1
