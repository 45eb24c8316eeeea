"""A saw that another oscillator restarts, band-limited at every pitch of both.

The pattern repeats with the master, so it is known in full: the saw falls by 2 at each of its own
wraps, k / ratio turns of the master, and by what it has risen at the restart. Each fall is a
band-limited step (nodes/dsp/oscillators/blep.py) or, where the master is high, a saw of a few harmonics.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.math.functions import clamp, lerp
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.blep import step
from nodes.dsp.oscillators.harmonics import EDGES, share, sum_of_saw

FASTEST = 805306368.0
"""Steps a frame, 3/16 turn, that the restarted saw is held to: its wraps are then never nearer than half a step."""


@helper
def hold_ratio(ratio, steps):
    """The ratio, 1 at least, that keeps the saw below its fastest."""
    most = FASTEST / steps
    ratio = ratio if ratio < most else most
    return ratio if ratio > 1.0 else np.float32(1.0)


@helper
def low_sync(turn, steps, ratio):
    """The restarted saw for a master of less than 1/16 turn a frame, without its mean; the restart is at phase 0."""
    since = signed(turn)
    place = STEP * since
    place = place if place >= 0.0 else place + 1.0
    period = 4294967296.0 / steps  # of the master, in frames
    wraps = np.ceil(ratio) - 1.0
    left = ratio - wraps  # what it has risen when it is restarted, 0 .. 1
    run = ratio * place
    wide = period / ratio  # of the saw, in frames
    near = np.rint(run)
    above = run > near
    other = near + 1.0 if above else near - 1.0
    # What side of the nearest wrap it is on is left to the step alone, or rounding could count it twice.
    fallen = 2.0 * clamp(near - 1.0, 0.0, wraps)
    fallen += 1.0 + step(wide * (run - near)) if (near >= 1.0) & (near <= wraps) else 0.0
    fallen += step(wide * (run - other)) + (1.0 if above else -1.0) if (other >= 1.0) & (other <= wraps) else 0.0
    fallen += step(wide * (run + left)) - 1.0 if wraps >= 1.0 else 0.0  # the last one before the restart
    fallen += left * (step(since / steps) - (1.0 if since >= 0.0 else -1.0))
    return 2.0 * run - 1.0 - fallen - left * (left - 1.0) / ratio


@helper
def sync(turn, steps, ratio):
    """The same for a master of any pitch; below 1/16 turn a frame it is the other to the last bit."""
    wraps = np.ceil(ratio) - 1.0
    turns = STEP * signed(turn)
    first = turns - 1.0 / ratio
    first = first - np.rint(first)
    second = turns - 2.0 / ratio
    second = second - np.rint(second)
    total = (ratio - wraps) * sum_of_saw(turns, steps)
    total += clamp(wraps, 0.0, 1.0) * sum_of_saw(first, steps)
    total += clamp(wraps - 1.0, 0.0, 1.0) * sum_of_saw(second, steps)
    return lerp(low_sync(turn, steps, ratio), total, share(steps, EDGES))
