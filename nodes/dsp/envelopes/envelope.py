"""The stages of an envelope: how long they last and how they curve.

A stage's shape falls from 1 to exactly 0: an exponential towards a little below 0, shifted and
scaled. A rise is an RC circuit charging towards 4/3 of its way, a fall is one of 60 dB.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.math.functions import clamp, exp2

ENDLESS = np.float32(2**24)
"""Frames to which a stage is counted: float32 counts no further."""


@helper
def stage_frames(attack, decay, release, up, decays, sample_rate):
    """Frames of the present stage, at least one; the times are in seconds."""
    time = decay if decays else attack
    time = time if up else release
    time = clamp(time, 0.0, 60.0) * sample_rate
    return time if time > 1.0 else 1.0


@helper
def undershoot(rises):
    """How far below 0 the exponential aims."""
    return 0.3333333333333333 if rises else 0.0009775171065493646


@helper
def octaves(rises):
    """How often the exponential halves within a stage."""
    return 2.0 if rises else 10.0


@helper
def shape_after(frames, total, rises):
    """The shape `frames` into a stage of `total`."""
    low = undershoot(rises)
    return (1.0 + low) * exp2(-octaves(rises) * frames / total) - low


@helper
def shape_ratio(total, rises):
    """The recursion: the next shape is ratio x (shape + undershoot) - undershoot."""
    return exp2(-octaves(rises) / total)


@helper
def passed(n, shape, total, was, exact, rises):
    """Frames and shape of a stage that was `was` frames long and is `total` now.

    A time that changes within its stage bends the curve from here on and does not step.
    """
    n = n if total == was else n * (total / was)
    n = n if n < ENDLESS else ENDLESS
    shape = shape_after(n, total, rises) if exact | (total != was) else shape
    return n, 0.0 if n >= total - 0.01 else shape


@helper
def turn(held, up, again, ended, level, keeps, begin, reach, n, attack):
    """What an event makes of a lane: rest, base and span of its stage, its frames, and which it was.

    A note moves the level from where it is, and its first step falls on this very frame; an attack
    of no time is over at once, as one that has ended.
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
