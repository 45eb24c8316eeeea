"""Envelope stages: their length and curve.

The shape of a stage falls from 1 to exactly 0: an exponential toward a little below 0, shifted and scaled. A rise
follows an RC circuit charging toward 4/3 of its way; a fall covers 60 dB.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.functions import clamp, exp2

ENDLESS = np.float32(2**24)
"""Largest frame count of a stage, the limit of integers in float32."""


@inline
def stage_frames(attack, decay, release, up, decays, sample_rate):
    """Length of the current stage in frames, at least one; the times are in seconds."""
    time = decay if decays else attack
    time = time if up else release
    time = clamp(time, 0.0, 60.0) * sample_rate
    return time if time > 1.0 else 1.0


@inline
def undershoot(rises):
    """Distance below 0 of the exponential's target."""
    return 0.3333333333333333 if rises else 0.0009775171065493646


@inline
def octaves(rises):
    """Number of times the exponential halves within a stage."""
    return 2.0 if rises else 10.0


@inline
def shape_after(frames, total, rises):
    """Shape `frames` into a stage of `total`."""
    low = undershoot(rises)
    return (1.0 + low) * exp2(-octaves(rises) * frames / total) - low


@inline
def shape_ratio(total, rises):
    """Ratio of the recursion: the next shape is ratio x (shape + undershoot) - undershoot."""
    return exp2(-octaves(rises) / total)


@inline
def passed(n, shape, total, was, exact, rises):
    """Frame count and shape when a stage of `was` frames becomes `total` frames long.

    A time that changes within its stage bends the curve from here on and causes no step.
    """
    n = n if total == was else n * (total / was)
    n = n if n < ENDLESS else ENDLESS
    shape = shape_after(n, total, rises) if exact | (total != was) else shape
    return n, 0.0 if n >= total - 0.01 else shape


@inline
def turn(held, up, again, ended, level, keeps, begin, reach, n, attack):
    """Stage of a lane after an event: its rest, base, span and frame count, whether it moves, and whether it is new.

    A note starts from the current level, and its first step falls on this frame. An attack of zero time ends at
    once.
    """
    opens = held & (again | (not up))
    closes = up & (not held)
    at_once = opens & (attack <= 1.0)
    peaks = (held & up & (keeps == 0.0) & ended & (not opens)) | at_once
    opens = opens & (not at_once)
    moves = opens | closes
    fresh = moves | peaks
    begin = (1.0 if opens else 0.0) if fresh else begin
    reach = (level - begin if moves else 1.0) if fresh else reach
    keeps = (1.0 if peaks else 0.0) if fresh else keeps
    n = (1.0 if moves else 0.0) if fresh else n
    return keeps, begin, reach, n, moves, fresh
