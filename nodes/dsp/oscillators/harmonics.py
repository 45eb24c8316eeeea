"""Waveforms as sums of their harmonics, for high notes: there are few of them, and the sum has no aliases.

An edge that is nearer than 10.6 frames to the next one has no room for a band-limited step; but from
1/14 of the sample rate up (3.4 kHz of 48) a waveform has at most 7 harmonics. Clenshaw's recurrence
(C. W. Clenshaw, "A note on the summation of Chebyshev series", 1955) adds one for two
multiplications and no sine. A harmonic fades out between 3/8 and 1/2 of the sample rate, so a glide
does not click, and the sum takes over from the steps within a tone.
"""

from __future__ import annotations

import numpy as np

from graph import float_bits, helper
from graph.native import load
from nodes.dsp.math.functions import clamp, lerp, wave
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.blep import corner, spike, step

EDGES = 268435456.0
"""Steps a frame, 1/16 turn, above which a waveform with one edge a turn begins to be a sum; from 1/14 it is one."""

CORNERS = 165191049.0
"""The same for two a turn, half a turn apart: 1/26, and the sum alone from 1/24."""


QUARTER = 1073741824.0


@helper
def any_above(freq, count, limit, port, ports):
    """Whether one of `count` frequencies is above `limit`, 0 or more, forward or backward; asked once per block."""
    top = np.int32(0)
    for i in range(count):
        # As whole numbers, since LLVM does not vectorise the maximum of floats.
        bits = np.int32(np.uint32(float_bits(load(freq, i, port, ports))) & np.uint32(0x7FFFFFFF))
        top = bits if bits > top else top
    return top > np.int32(float_bits(limit))


@helper
def share(steps, least):
    """How much of the sum is heard, 0 .. 1, for `least` EDGES or CORNERS."""
    slope = 7.0 / EDGES if least == EDGES else 12.0 / CORNERS
    return clamp(slope * (steps - least), 0.0, 1.0)


@helper
def weight(number, cycles):
    """Level of a harmonic; `cycles` is the fundamental's, turns a frame."""
    return clamp(4.0 - 8.0 * number * cycles, 0.0, 1.0)


@helper
def sum_of_saw(turns, steps):
    """A saw that falls at 0 and rises through 0 at half a turn; `turns` within +-0.5."""
    cycles = STEP * steps
    twice = 2.0 * wave(0.25 - abs(turns))
    after = np.float32(0.0)
    last = np.float32(0.0)
    for k in range(7, 1, -1):
        number = np.float32(k)
        here = weight(number, cycles) * (np.float32(1.0) / number) + twice * after - last
        last = after
        after = here
    return -0.6366197723675814 * wave(turns) * (1.0 + twice * after - last)


@helper
def sum_of_triangle(turns, steps):
    """A triangle with its lowest point at 0; `turns` within +-0.5."""
    cycles = STEP * steps
    once = wave(0.25 - abs(turns))
    twice = 4.0 * once * once - 2.0
    after = np.float32(0.0)
    last = np.float32(0.0)
    for k in range(11, 1, -2):
        number = np.float32(k)
        here = weight(number, cycles) * (np.float32(1.0) / (number * number)) + twice * after - last
        last = after
        after = here
    return -0.8105694691387022 * once * (1.0 + twice * after - last - after)


@helper
def sum_of_impulses(turns, steps):
    """Impulses at 0 as high as `spike`; `turns` within +-0.5."""
    cycles = STEP * steps
    once = wave(0.25 - abs(turns))
    twice = 2.0 * once
    after = np.float32(0.0)
    last = np.float32(0.0)
    for k in range(7, 1, -1):
        here = weight(np.float32(k), cycles) + twice * after - last
        last = after
        after = here
    return 1.2088914 * cycles * (1.0 + 2.0 * (once + twice * once * after - after - once * last))


@helper
def low_saw(turn, steps):
    """A saw of less than 1/16 turn a frame; it falls at phase 0."""
    since = signed(turn)
    return 2.0 * STEP * since - step(since / steps)


@helper
def saw(turn, steps):
    """A saw of any pitch; below 1/16 turn a frame it is the other to the last bit."""
    return lerp(low_saw(turn, steps), sum_of_saw(STEP * signed(turn), steps), share(steps, EDGES))


@helper
def low_triangle(turn, steps):
    """A triangle of less than 1/26 turn a frame; its lowest point is at phase 0."""
    height = abs(signed(turn)) - QUARTER
    peak = QUARTER - steps * corner((QUARTER - abs(height)) / steps)
    return 4.0 * STEP * (peak if height > 0.0 else -peak)


@helper
def triangle(turn, steps):
    """A triangle of any pitch; below 1/26 turn a frame it is the other to the last bit."""
    return lerp(low_triangle(turn, steps), sum_of_triangle(STEP * signed(turn), steps), share(steps, CORNERS))


@helper
def low_impulses(turn, steps):
    """Impulses of less than 1/16 turn a frame, at phase 0."""
    return spike(signed(turn) / steps)


@helper
def impulses(turn, steps):
    """Impulses of any pitch; below 1/16 turn a frame they are the others to the last bit."""
    return lerp(low_impulses(turn, steps), sum_of_impulses(STEP * signed(turn), steps), share(steps, EDGES))
