"""Delay lines: arrays of (lanes, length), the length a power of two, so that an index wraps by a mask."""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.math.functions import clamp

MARGIN = 4
"""Samples that a line must be longer than its longest delay."""


def line_length(samples: float) -> int:
    """[control] The power of two that holds a delay of up to `samples`."""
    return 1 << int(np.ceil(np.log2(samples + MARGIN)))


@helper
def wrap(line, at):
    """The index in the line of a running index that is above minus its length.

    Unsigned, as a signed index would be tested each time for counting from the end.
    """
    return np.uint64(at + line.shape[1]) & np.uint64(line.shape[1] - 1)


@helper
def fade_to(target, old, new, fade, step):
    """The next (old, new, fade) of a tap that goes to `target` by fading: no pitch bends, nothing clicks.

    It listens at `old` and `new`, `fade` (0 .. 1) of the way from one to the other; a target that
    moves meanwhile waits for the end of the fade. A `new` of 0 is a tap that has not begun yet.
    """
    if new == 0.0:
        return target, target, np.float32(1.0)
    if fade < 1.0:
        return old, new, min(fade + step, np.float32(1.0))
    return new, target, np.float32(1.0) if new == target else step


@helper
def slide_to(target, delay):
    """The next delay of a tap that goes to `target` as a tape's head would: at most an octave up or down."""
    return target if delay == 0.0 else delay + clamp(target - delay, -1.0, 0.5)


@helper
def smooth(fade):
    """A fade without corners: 3 f^2 - 2 f^3."""
    return fade * fade * (3.0 - 2.0 * fade)
