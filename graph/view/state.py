"""The state shown by a view, sampled at a readable pace."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from graph.engine.gauges import ClockReading, clocks, levels
from graph.errors import GraphrunError
from graph.memory.meters import Meter
from graph.play.activity import Activity
from graph.play.live import Live

SLOW = 0.25
"""Seconds between number updates; faster updates flicker."""
HELD = 3.0
"""Seconds that the worst block and clipping stay visible."""
NEW = 15.0
"""Seconds for which a message counts as new."""
PEAK_HELD = 1.5
FALL = 12.0
"""Meter fall rate in dB per second, as for digital meters (IEC 60268-18)."""
FLOOR = -60.0


@dataclass
class Actions:
    """The actions a view can trigger. Each may return a message; one that is None has no key.

    preset   returns the current preset for the title
    presets  returns the names of all presets; choose plays one; store keeps what sounds under a name
    chosen   returns inputs whose knobs come first
    osc      returns the last OSC message and what is wrong with it, or nothing
    """

    next_preset: Callable[[], str | None] | None = None
    previous_preset: Callable[[], str | None] | None = None
    reload: Callable[[], str | None] | None = None
    record: Callable[[], str | None] | None = None
    preset: Callable[[], str] | None = None
    presets: Callable[[], list[str]] | None = None
    choose: Callable[[str], str | None] | None = None
    store: Callable[[str], str | None] | None = None
    chosen: Callable[[], list[str]] = list
    osc: Callable[[], tuple[str, str]] | None = None


class Needle:
    """A meter with display ballistics: instant rise, slow fall, and peak hold. In dB."""

    def __init__(self) -> None:
        self.level = self.peak = FLOOR
        self._peak_until = self._clipped_until = self._at = 0.0

    def move(self, meter: Meter, now: float) -> None:
        """Updates the display from a new reading."""
        level = decibels(meter.peak)
        fallen = FALL * max(0.0, now - self._at)
        self._at = now
        self.level = max(level, self.level - fallen, FLOOR)
        if level >= self.peak:
            self.peak, self._peak_until = level, now + PEAK_HELD
        elif now > self._peak_until:
            self.peak = max(self.level, self.peak - fallen)
        if meter.peak > 1.0:
            self._clipped_until = now + HELD

    def clipped(self, now: float) -> bool:
        """Whether the level recently exceeded full scale."""
        return now < self._clipped_until


class ViewState:
    """[control] Readings of a `Live`, used by one thread; `update` may run often, slow readings are taken less often.

    load, worst   mean load of the last second and recent maximum, as fractions of the callback period
    dropouts      number of times the device ran out of samples
    late          callbacks that ran past the start of the next period; most are inaudible
    needles       of the output channels, then of each Meter node, by name
    """

    def __init__(self, live: Live, clock: Callable[[], float] = time.monotonic) -> None:
        self.live = live
        self.activity = Activity()
        self.load = self.worst = 0.0
        self.worst_ever = 0.0
        self.dropouts = self.late = 0
        self.costly: list[tuple[str, float]] = []
        self.voices: dict[str, tuple[int, int]] = {}
        self.clocks: dict[str, ClockReading] = {}
        self.needles: dict[str, Needle] = {}
        self.loudest = FLOOR
        self._clock = clock
        self._slow = float("-inf")
        self._told, self._told_at = 0, float("-inf")
        self._spans: list[tuple[float, float, int]] = []
        self._worst_until = self._dropped_until = 0.0
        live.on_events(self.activity)

    def close(self) -> None:
        """Removes the observers."""
        if self.activity in self.live.on_events:
            self.live.on_events.remove(self.activity)

    @property
    def now(self) -> float:
        """Current time in seconds."""
        return self._clock()

    @property
    def dropped_lately(self) -> bool:
        """Whether a dropout occurred recently."""
        return self.now < self._dropped_until

    @property
    def news_are_new(self) -> bool:
        """Whether a message arrived recently."""
        if len(self.live.messages) != self._told:
            self._told, self._told_at = len(self.live.messages), self.now
        return self.now < self._told_at + NEW

    @property
    def latency(self) -> float:
        """Latency in seconds from a key press to its sound."""
        moment = self.live.engine.moment
        return float(moment["output"]) * 1e-9 + float(moment["arrival"]) / self.live.rate

    def update(self) -> None:
        """Updates the readings that are due."""
        now = self.now
        self._levels(now)
        self.clocks = clocks(self.live.engine)
        if now - self._slow >= SLOW:
            self._slow = now
            self._loads(now)
            self.voices = self.live.voices

    def _levels(self, now: float) -> None:
        read = self.live.engine.meters("view")
        names = ("L", "R") if len(read) == 2 else tuple(str(n) for n in range(1, len(read) + 1))
        found = dict(zip(names, read, strict=True)) if len(read) > 1 else {"out": read[0]}
        for name, meters in levels(self.live.engine).items():
            for n, meter in enumerate(meters):
                found[name if len(meters) == 1 else f"{name} {n + 1}"] = meter
        self.needles = {name: self.needles.get(name) or Needle() for name in found}
        for name, meter in found.items():
            self.needles[name].move(meter, now)
        self.loudest = max(self.loudest, *(decibels(meter.peak) for meter in read))

    def _loads(self, now: float) -> None:
        stats = self.live.stats
        spans = [span for span in self._spans if span[0] > now - 1.0 and span[2] <= stats.frames]
        spans.append((now, stats.load * stats.frames, stats.frames))
        (_, work, frames), self._spans = spans[0], spans
        gone = stats.frames - frames
        self.load = (stats.load * stats.frames - work) / gone if gone else stats.load if stats.frames else 0.0
        if stats.worst >= self.worst or now > self._worst_until:
            self.worst, self._worst_until = stats.worst, now + HELD
        self.worst_ever = max(self.worst_ever, stats.worst)
        if stats.underruns > self.dropouts:
            self._dropped_until = now + HELD
        self.dropouts, self.late = stats.underruns, stats.missed
        cycles = self.live.engine.cycles()
        total = sum(cycles.values()) or 1
        shares = [(name, self.load * count / total) for name, count in cycles.items()]
        self.costly = sorted(shares, key=lambda share: -share[1])[:4]


def decibels(level: float) -> float:
    """A level in dB relative to full scale, limited below by the floor."""
    return max(FLOOR, 20.0 * math.log10(level)) if level > 0.0 else FLOOR


def attempt(live: Live, action: Callable[[], str | None]) -> None:
    """Runs an action and adds its result or error to the messages."""
    try:
        message = action()
    except (GraphrunError, OSError) as error:
        message = str(error)
    if message:
        live.tell(message)
