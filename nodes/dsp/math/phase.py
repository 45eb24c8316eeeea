"""Phase accumulator in uint32: 2**32 steps per cycle with free wrap-around, so pitch never drifts or loses bits.

Read as a signed integer, 0 is the middle of the range and the wrap is half a cycle away. No range reduction is
needed, and the distance to the nearest wrap is an absolute value.
"""

from __future__ import annotations

import numpy as np

from graph import inline

TURN = 4294967296.0
STEP = 2.3283064365386963e-10  # one cycle / 2**32


@inline
def increment(freq, sample_rate):
    """Phase steps per frame for `freq` >= 0, held below half the sample rate. Accurate to 2e-4 cents."""
    steps = freq * (TURN / sample_rate)
    return steps if steps < 2104533975.0 else 2104533975.0


@inline
def highest_steps(scale):
    """Largest increment: 20 kHz or just below half the sample rate; `scale` is steps per hertz."""
    return min(20000.0 * scale, np.float32(2104533975.0))


@inline
def advance(phase, steps):
    """Phase advanced by `steps`, a float32 within +-2**31."""
    return np.uint32(np.int64(phase) + np.int64(np.int32(steps)))


@inline
def offset(phase, turns):
    """Phase shifted by `turns` cycles; only the fraction counts."""
    return advance(phase, TURN * (turns - np.floor(turns + 0.5)))


@inline
def signed(phase):
    """Phase as a float32 from -2**31 up to 2**31."""
    return np.float32(np.int32(phase))
