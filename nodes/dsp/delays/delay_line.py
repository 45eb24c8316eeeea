"""Delay lines: arrays of (lanes, length), with a power-of-two length so that a mask wraps the index."""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.functions import clamp

MARGIN = 4
"""Samples by which a line must exceed its longest delay."""


def line_length(samples: float) -> int:
    """[control] Smallest power of two that holds a delay of up to `samples`."""
    return 1 << int(np.ceil(np.log2(samples + MARGIN)))


@inline
def wrap(line, at):
    """Wrapped line index of a running index, which must be above -length.

    Unsigned, because Numba would test a signed index for counting from the end.
    """
    return np.uint64(at + line.shape[1]) & np.uint64(line.shape[1] - 1)


@inline
def fade_to(target, old, new, fade, step):
    """Next (old, new, fade) of a tap that crossfades to `target`, without pitch bend or click.

    It reads at `old` and `new`, with `fade` (0 .. 1) as the mix. A target that moves meanwhile waits for the end of
    the fade. A `new` of 0 is a tap that has not started.
    """
    if new == 0.0:
        return target, target, np.float32(1.0)
    if fade < 1.0:
        return old, new, min(fade + step, np.float32(1.0))
    return new, target, np.float32(1.0) if new == target else step


@inline
def slide_to(target, delay):
    """Next delay of a tap that moves to `target` like a tape head: at most an octave up or down."""
    return target if delay == 0.0 else delay + clamp(target - delay, -1.0, 0.5)


@inline
def smooth(fade):
    """Fade without corners: 3 f^2 - 2 f^3."""
    return fade * fade * (3.0 - 2.0 * fade)
