"""Hard-synced saw, band-limited at every pitch of both oscillators.

The pattern repeats with the master, so all its discontinuities are known: the saw falls by 2 at each of its own
wraps, k / ratio cycles of the master, and at the restart by the height it has reached. Each fall is a band-limited
step (nodes/dsp/oscillators/blep.py) or, for a high master, a saw of a few harmonics.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.functions import clamp, lerp
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.blep import step
from nodes.dsp.oscillators.harmonics import EDGES, share, sum_of_saw

FASTEST = 805306368.0
"""Largest increment of the synced saw, 3/16 cycle: its wraps are at least half a step's width apart."""


@inline
def hold_ratio(ratio, steps):
    """Ratio limited so that the saw stays below FASTEST; at least 1."""
    most = FASTEST / steps
    ratio = ratio if ratio < most else most
    return ratio if ratio > 1.0 else np.float32(1.0)


@inline
def low_sync(turn, steps, ratio):
    """Synced saw without its mean, for a master below 1/16 cycle per frame; the restart is at phase 0."""
    since = signed(turn)
    place = STEP * since
    place = place if place >= 0.0 else place + 1.0
    period = 4294967296.0 / steps  # of the master, in frames
    wraps = np.ceil(ratio) - 1.0
    left = ratio - wraps  # height of the saw at the restart, 0 .. 1
    run = ratio * place
    wide = period / ratio  # of the saw, in frames
    near = np.rint(run)
    above = run > near
    other = near + 1.0 if above else near - 1.0
    # Only the step decides the side of the nearest wrap; otherwise rounding could count the wrap twice.
    fallen = 2.0 * clamp(near - 1.0, 0.0, wraps)
    fallen += 1.0 + step(wide * (run - near)) if (near >= 1.0) & (near <= wraps) else 0.0
    fallen += step(wide * (run - other)) + (1.0 if above else -1.0) if (other >= 1.0) & (other <= wraps) else 0.0
    fallen += step(wide * (run + left)) - 1.0 if wraps >= 1.0 else 0.0  # last wrap before the restart
    fallen += left * (step(since / steps) - (1.0 if since >= 0.0 else -1.0))
    return 2.0 * run - 1.0 - fallen - left * (left - 1.0) / ratio


@inline
def sync(turn, steps, ratio):
    """Synced saw for a master of any pitch; below 1/16 cycle per frame bit-identical to `low_sync`."""
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
