"""How well this machine keeps the time of a callback: a bundled patch, played to the null device."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True)
class LoadTest:
    """What came of it.

    callbacks, late   how many there were, and how many were not done when the next was due
    load              mean work as a share of the time there is
    lateness_us, worst_lateness_us   how late callbacks began: the median, the worst
    needed_ms         how long after its time a callback was done, but for one in a thousand
    frames            of a buffer that is long enough for that, 0 if none is
    fit               how many such patches fit
    """

    patch: str
    seconds: float
    callbacks: int
    late: int
    load: float
    lateness_us: float
    worst_lateness_us: float
    needed_ms: float
    frames: int
    fit: int

    @property
    def playable(self) -> bool:
        """Whether it can be played live at all."""
        return self.frames > 0 and self.fit > 0

    @property
    def verdict(self) -> str:
        """In words."""
        if not self.playable:
            return "this machine is too slow or too busy to play live"
        much = f"about {self.fit} such patches fit" if self.fit > 1 else "one such patch fits"
        if self.frames == FRAMES:
            return f"plays at {FRAMES} frames; {much}"
        wait = math.ceil(1e3 * self.frames / RATE)
        return (
            f"plays, but {self.late} of {self.callbacks} callbacks were late at {FRAMES} frames: "
            f"with --latency {wait} (ms) they would not be heard; {much}"
        )


def load_test(
    seconds: float = 5.0, report: Report | None = None, started: Callable[[], None] = lambda: None
) -> LoadTest:
    """[control] Plays a chord of 16 notes to the null device for `seconds`."""
    engine = Engine(read(PATCH).graph, rate=RATE, block=FRAMES, report=report)
    notes = np.zeros(NOTES, TIMED_EVENT)
    notes["event"]["kind"], notes["event"]["channel"] = NOTE_ON, 1
    notes["event"]["number"], notes["event"]["value"] = 40 + 2 * np.arange(NOTES), 0.5
    engine.send(notes)
    engine.render(4_096)
    started()
    stats = NullDevice(engine).run(seconds)
    done = np.maximum(stats.lateness, 0.0) + stats.busy
    needed = float(np.percentile(done, SOMETIMES)) if len(done) else 0.0
    enough = [frames for frames in BUFFERS if frames / RATE >= needed]
    return LoadTest(
        PATCH,
        seconds,
        stats.callbacks,
        stats.missed,
        stats.load,
        float(np.median(stats.lateness)) * 1e6,
        float(stats.lateness.max()) * 1e6,
        needed * 1e3,
        enough[0] if enough else 0,
        int(SHARE / max(stats.load, 1e-6)),
    )
