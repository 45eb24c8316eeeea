"""How well this machine keeps the time of a callback: a bundled patch on the null device, against nothing on it.

Turns of both alternate, so whatever else the machine does falls on both alike. What both have in common is the
machine's own scheduling; the rest is the patch. The turns' scatter is the uncertainty: callbacks of one turn are
late together, so they are no independent measurements.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.devices.device import DeviceStats
from graph.devices.null import NullDevice
from graph.engine.engine import Engine
from graph.memory.events import NOTE_ON, TIMED_EVENT
from graph.native.cache import Report
from graph.patch.patch import read

PATCH = "neon"
FRAMES = 64
NOTES = 16
RATE = 48_000
SHARE = 0.7
"""Of a callback's time that may be filled on the average."""
SOMETIMES = 99.9
"""Percent of the callbacks that have to be in time."""
BUFFERS = (64, 128, 256, 512, 1024, 2048)
TURNS = 20
RESAMPLED = 400
CONFIDENCE = (2.5, 97.5)
"""Percentiles between which the truth lies in 95 of 100 runs."""


@dataclass(frozen=True)
class Punctuality:
    """How punctual callbacks were.

    callbacks, late   how many there were, and how many were not done when the next was due
    woken_us, worst_us   how late they began: the median, the worst
    needed_ms         how long after its time a callback was done, but for one in a thousand
    low_ms, high_ms   between which that lies, with 95 % confidence
    """

    callbacks: int
    late: int
    woken_us: float
    worst_us: float
    needed_ms: float
    low_ms: float
    high_ms: float


@dataclass(frozen=True)
class LoadTest:
    """The result of a load test.

    load     mean work as a share of the time there is
    patch    callbacks that play the patch; machine: callbacks with nothing to play, in turns with those
    frames   the smallest buffer that is long enough, 0 if none is; safe_frames: one for the upper bound
    fit      how many such patches fit
    """

    name: str
    seconds: float
    load: float
    patch: Punctuality
    machine: Punctuality
    frames: int
    safe_frames: int
    fit: int

    @property
    def playable(self) -> bool:
        """Whether it can be played live at all."""
        return self.frames > 0 and self.fit > 0

    @property
    def own_fault(self) -> bool:
        """Whether the machine wakes as late with nothing to play, within the uncertainty."""
        return self.machine.high_ms >= self.patch.low_ms

    @property
    def verdict(self) -> str:
        """In words."""
        nothing = f"{self.machine.needed_ms:.1f} ms ({_between(self.machine)}) with nothing to play"
        if self.fit < 1:
            return f"this machine is too slow to play live: the patch alone takes {self.load:.0%} of the time"
        if not self.frames:
            why = f"too busy to play live: callbacks were done {self.patch.needed_ms:.0f} ms late, {nothing}"
            return f"this machine is {why}"
        much = f"about {self.fit} such patches fit" if self.fit > 1 else "one such patch fits"
        if self.safe_frames == FRAMES:
            return f"plays at {FRAMES} frames; {much}"
        wait = math.ceil(1e3 * self.frames / RATE)
        safe = math.ceil(1e3 * self.safe_frames / RATE) if self.safe_frames else 0
        use = f"--latency {wait} (ms)" if self.frames > FRAMES else f"{FRAMES} frames"
        use += f", or --latency {safe} to be safe" if self.safe_frames > self.frames else ""
        blame = "the machine's own scheduling is the reason" if self.own_fault else "the patch's work is the reason"
        return (
            f"plays with {use}: callbacks were done within {self.patch.needed_ms:.1f} ms ({_between(self.patch)}), "
            f"{nothing}, so {blame}; {much}"
        )


def _between(punctuality: Punctuality) -> str:
    return f"{punctuality.low_ms:.1f} to {punctuality.high_ms:.1f}"


def load_test(
    seconds: float = 5.0, report: Report | None = None, started: Callable[[], None] = lambda: None
) -> LoadTest:
    """[control] Plays a chord of 16 notes to the null device for `seconds`, and nothing for as long."""
    engine = Engine(read(PATCH).graph, rate=RATE, block=FRAMES, report=report)
    notes = np.zeros(NOTES, TIMED_EVENT)
    notes["event"]["kind"], notes["event"]["channel"] = NOTE_ON, 1
    notes["event"]["number"], notes["event"]["value"] = 40 + 2 * np.arange(NOTES), 0.5
    engine.send(notes)
    engine.render(4_096)
    plays, idles = NullDevice(engine), NullDevice(None, period=FRAMES, rate=RATE)
    started()
    loaded: list[DeviceStats] = []
    bare: list[DeviceStats] = []
    left = round(seconds * RATE / FRAMES)
    for turn in range(TURNS, 0, -1):
        count = round(left / turn)
        left -= count
        if count:
            loaded.append(plays.run(count * FRAMES / RATE))
            bare.append(idles.run(count * FRAMES / RATE))
    return judged(seconds, loaded, bare)


def judged(seconds: float, loaded: list[DeviceStats], bare: list[DeviceStats]) -> LoadTest:
    """What turns with the patch and turns without amount to."""
    frames = sum(stats.frames for stats in loaded)
    load = sum(stats.load * stats.frames for stats in loaded) / max(1, frames)
    patch = punctuality(loaded)
    return LoadTest(
        PATCH,
        seconds,
        load,
        patch,
        punctuality(bare),
        _buffer(patch.needed_ms),
        _buffer(patch.high_ms),
        int(SHARE / max(load, 1e-6)),
    )


def punctuality(turns: list[DeviceStats]) -> Punctuality:
    """Of all turns; the bounds come from drawing as many turns again and again (a block bootstrap)."""
    done = [1e3 * (np.maximum(stats.lateness, 0.0) + stats.busy) for stats in turns]
    woken = 1e6 * np.concatenate([stats.lateness for stats in turns])
    chance = np.random.default_rng(0)
    drawn = [_needed([done[n] for n in chance.integers(0, len(done), len(done))]) for _ in range(RESAMPLED)]
    low, high = np.percentile(drawn, CONFIDENCE)
    return Punctuality(
        sum(stats.callbacks for stats in turns),
        sum(stats.missed for stats in turns),
        float(np.median(woken)),
        float(woken.max()),
        _needed(done),
        float(low),
        float(high),
    )


def _needed(done: list[NDArray[np.float64]]) -> float:
    return float(np.percentile(np.concatenate(done), SOMETIMES))


def _buffer(milliseconds: float) -> int:
    """Frames of the smallest buffer that is as long, 0 if none is."""
    return next((frames for frames in BUFFERS if 1e3 * frames / RATE >= milliseconds), 0)
