"""Phase as a uint32 that wraps by itself: 2**32 steps a turn, so a pitch never drifts and never loses bits.

Read as a signed number, 0 is the middle of the range and the wrap lies half a turn away; so no
range reduction is ever needed, and the distance to the nearest wrap is an absolute value.
"""

from __future__ import annotations

import numpy as np

from graph import helper

TURN = 4294967296.0
STEP = 2.3283064365386963e-10  # a turn over 2**32


@helper
def increment(freq, sample_rate):
    """Phase steps a frame, for `freq` >= 0; held below half the sample rate. Good to 2e-4 cents."""
    steps = freq * (TURN / sample_rate)
    return steps if steps < 2104533975.0 else 2104533975.0


@helper
def highest_steps(scale):
    """The most steps a frame, those of 20 kHz or of just less than half the sample rate; `scale` is steps a hertz."""
    return min(20000.0 * scale, np.float32(2104533975.0))


@helper
def advance(phase, steps):
    """The phase after `steps`, a float32 within +-2**31."""
    return np.uint32(np.int64(phase) + np.int64(np.int32(steps)))


@helper
def offset(phase, turns):
    """The phase `turns` later; only their fraction counts."""
    return advance(phase, TURN * (turns - np.floor(turns + 0.5)))


@helper
def signed(phase):
    """The phase as a float32 from -2**31 up to 2**31."""
    return np.float32(np.int32(phase))
