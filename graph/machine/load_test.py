"""Measures callback timing on this machine: a bundled patch on the null device, compared with no patch at all.

Runs of the two alternate, so that other load affects both equally. Lateness common to both comes from the
system's scheduling; the rest comes from the patch. The spread between runs gives the uncertainty: late callbacks
cluster within a run, so they are not independent measurements.
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
"""Highest acceptable mean load, as a fraction of the callback period."""
SOMETIMES = 99.9
"""Percentage of callbacks that must meet their deadline."""
BUFFERS = (64, 128, 256, 512, 1024, 2048)
TURNS = 20
RESAMPLED = 400
CONFIDENCE = (2.5, 97.5)
"""Percentiles that bound the 95 % confidence interval."""


@dataclass(frozen=True)
class Punctuality:
    """Callback timing statistics.

    callbacks, late   number of callbacks, and of those that missed the next period's start
    woken_us, worst_us   wake-up latency in microseconds: median, maximum
    needed_ms         completion time after the scheduled start, 99.9th percentile
    low_ms, high_ms   95 % confidence interval of needed_ms
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

    load     mean processing time as a fraction of the callback period
    patch    callbacks that run the patch; machine: callbacks of the alternating idle runs
    frames   smallest buffer size that suffices, 0 if none; safe_frames: the same for the upper bound
    fit      number of such patches that fit
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
        """Whether the machine can play live."""
        return self.frames > 0 and self.fit > 0

    @property
    def own_fault(self) -> bool:
        """Whether the machine is just as late with no patch, within the uncertainty."""
        return self.machine.high_ms >= self.patch.low_ms

    @property
    def verdict(self) -> str:
        """The result as a sentence."""
        nothing = f"{self.machine.needed_ms:.1f} ms ({_between(self.machine)}) with no patch"
        if self.fit < 1:
            return f"this machine is too slow to play live: the patch takes {self.load:.0%} of the available time"
        if not self.frames:
            why = f"too busy to play live: callbacks finished {self.patch.needed_ms:.0f} ms late, {nothing}"
            return f"this machine is {why}"
        much = f"about {self.fit} such patches fit" if self.fit > 1 else "one such patch fits"
        if self.safe_frames == FRAMES:
            return f"plays at {FRAMES} frames; {much}"
        wait = math.ceil(1e3 * self.frames / RATE)
        safe = math.ceil(1e3 * self.safe_frames / RATE) if self.safe_frames else 0
        use = f"--latency {wait} (ms)" if self.frames > FRAMES else f"{FRAMES} frames"
        use += f", or --latency {safe} to be safe" if self.safe_frames > self.frames else ""
        blame = "system scheduling is the limit" if self.own_fault else "the patch is the limit"
        return (
            f"plays with {use}: callbacks finished within {self.patch.needed_ms:.1f} ms ({_between(self.patch)}), "
            f"{nothing}; {blame}; {much}"
        )


def _between(punctuality: Punctuality) -> str:
    return f"{punctuality.low_ms:.1f} to {punctuality.high_ms:.1f}"


def load_test(
    seconds: float = 5.0, report: Report | None = None, started: Callable[[], None] = lambda: None
) -> LoadTest:
    """[control] Plays a 16-note chord to the null device for `seconds`, and nothing for as long."""
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
    """The result from the runs with and without the patch."""
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
    """Statistics over all runs; the bounds come from resampling whole runs (block bootstrap)."""
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
    """Frames of the smallest sufficient buffer, 0 if none."""
    return next((frames for frames in BUFFERS if 1e3 * frames / RATE >= milliseconds), 0)
