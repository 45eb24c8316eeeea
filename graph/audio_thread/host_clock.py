"""[audio] Host time of every frame: a delay-locked loop over callback times.

A callback runs tens of microseconds late, sometimes milliseconds. The loop (F. Adriaensen, "Using a DLL to filter
time", Linux Audio Conference 2005) tracks the sound card's mean rate, so the conversion from event time to frame
is free of that jitter.
"""

from __future__ import annotations

import numpy as np

from graph.memory.tables import MOMENT
from graph.native.functions import inline, monotonic_ticks, view1

int64 = np.int64
BANDWIDTH = 0.2
"""Loop bandwidth in Hz. A callback 5 ms late shifts event frames by 12 us."""
WIDEST = 0.25
"""Limit of loop bandwidth times callback period: with long periods, a faster loop would overshoot."""
LOST = 0.25e9
"""Error in nanoseconds after which the loop restarts: the machine was suspended, or the device stalled."""


@inline(double=True)
def now_ns(device):
    """The host clock in nanoseconds, using the functions found by `graph.clocks.host`."""
    return int64(monotonic_ticks(device.clock) * device.tick)


@inline(double=True)
def begin_clock(engine, time, frames, period):
    """Starts the loop at a callback that requests `frames`, each lasting `period` ns."""
    moment = view1(engine.moment, 1, MOMENT)[0]
    moment.frame = engine.now - engine.left
    moment.time = time
    moment.period = period
    moment.due = time + frames * period


@inline(double=True)
def follow_clock(engine, time, frames, nominal):
    """Processes a callback at host time `time`; returns the loop's estimate of its nominal time."""
    moment = view1(engine.moment, 1, MOMENT)[0]
    error = time - moment.due
    if moment.period <= 0.0 or abs(error) > LOST:
        begin_clock(engine, time, frames, nominal)
        return
    omega = min(2.0 * np.pi * BANDWIDTH * frames * nominal * 1e-9, WIDEST)
    moment.frame = engine.now - engine.left
    moment.time = moment.due
    moment.due += 1.4142135623730951 * omega * error + frames * moment.period
    moment.period += omega * omega * error / frames
