"""Ramps a value to each new target linearly in 5 ms, which removes zipper noise from controllers."""

from __future__ import annotations

import numpy as np

from graph import inline

SMOOTH = 0.005
"""Ramp time in seconds."""


@inline(double=True)
def line_frames(sample_rate):
    """Ramp length in frames, at least one."""
    return np.floor(SMOOTH * sample_rate + 1.0)


@inline(double=True)
def aim(target, way, goal, frames):
    """Starts a ramp of `frames` from the current value; `way` holds its distance and the remaining frames."""
    way[0] = along(target, way, frames) - goal
    way[1] = frames
    target[0] = goal


@inline(double=True)
def along(target, way, frames):
    """Current value on the ramp to `target`."""
    return target[0] + way[0] * way[1] / frames
