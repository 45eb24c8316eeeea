"""[audio] The host's time of every frame: a delay-locked loop over the times of callbacks.

A callback comes when the machine gets round to it, tens of microseconds late and sometimes
milliseconds. The loop (F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005)
follows the sound card's mean pace, so an event's time becomes a frame without that jitter.
"""

from __future__ import annotations

import numpy as np

from graph.memory.tables import MOMENT
from graph.native.functions import helper, monotonic_ticks, view1

int64 = np.int64
BANDWIDTH = 0.2
"""Hz. A callback that is 5 ms late moves the frames of events by 12 us."""
WIDEST = 0.25
"""Of the loop's bandwidth times a callback's length: where callbacks are long, a faster one would overshoot."""
LOST = 0.25e9
"""Nanoseconds off course after which the loop begins anew: the machine slept, or the device stood still."""


@helper(double=True)
def now_ns(device):
    """The host's clock in nanoseconds, read by the functions that `graph.clocks.host` found."""
    return int64(monotonic_ticks(device.clock) * device.tick)


@helper(double=True)
def begin_clock(engine, time, frames, period):
    """Starts the loop at a callback: `frames` are asked for, each lasting `period` ns."""
    moment = view1(engine.moment, 1, MOMENT)[0]
    moment.frame = engine.now - engine.left
    moment.time = time
    moment.period = period
    moment.due = time + frames * period


@helper(double=True)
def follow_clock(engine, time, frames, nominal):
    """One callback at host time `time`: the loop's view of when it should have come."""
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
