"""A value that reaches each new target along a straight line in 5 ms, so that a controller does not zip."""

from __future__ import annotations

import numpy as np

from graph import helper

SMOOTH = 0.005
"""Seconds of the line."""


@helper(double=True)
def line_frames(sample_rate):
    """Frames of the line, at least one."""
    return np.floor(SMOOTH * sample_rate + 1.0)


@helper(double=True)
def aim(target, way, goal, frames):
    """Begins a line of `frames` from where the value is; `way` is its distance and the frames that are left."""
    way[0] = along(target, way, frames) - goal
    way[1] = frames
    target[0] = goal


@helper(double=True)
def along(target, way, frames):
    """Where the value is on its line to `target`."""
    return target[0] + way[0] * way[1] / frames
