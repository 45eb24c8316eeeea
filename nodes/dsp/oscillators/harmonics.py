"""Waveforms as sums of harmonics, for high notes: few harmonics, no aliases.

Edges closer than 10.6 frames leave no room for a band-limited step. From 1/14 of the sample rate up (3.4 kHz at 48
kHz) a waveform has at most 7 harmonics. Clenshaw's recurrence (C. W. Clenshaw, "A note on the summation of
Chebyshev series", 1955) adds each for two multiplications and no sine. Harmonics fade out between 3/8 and 1/2 of
the sample rate, so glides do not click, and the sum replaces the steps over the range of a whole tone.
"""

from __future__ import annotations

import numpy as np

from graph import float_to_bits, inline
from graph.native import load
from nodes.dsp.math.functions import clamp, lerp, wave
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.blep import corner, spike, step

EDGES = 268435456.0
"""Phase increment, 1/16 cycle, where waveforms with one edge per cycle start fading to the sum, complete at 1/14."""

CORNERS = 165191049.0
"""The same for two corners per cycle, half a cycle apart: 1/26, complete at 1/24."""


QUARTER = 1073741824.0


@inline
def any_above(freq, count, limit):
    """Whether one of `count` frequencies is above `limit`, 0 or more, forward or backward; asked once per block."""
    top = np.int32(0)
    for i in range(count):
        # As integers, because LLVM does not vectorize the maximum of floats.
        bits = np.int32(np.uint32(float_to_bits(load(freq, i))) & np.uint32(0x7FFFFFFF))
        top = bits if bits > top else top
    return top > np.int32(float_to_bits(limit))


@inline
def share(steps, least):
    """Crossfade to the sum, 0 .. 1; `least` is EDGES or CORNERS."""
    slope = 7.0 / EDGES if least == EDGES else 12.0 / CORNERS
    return clamp(slope * (steps - least), 0.0, 1.0)


@inline
def weight(number, cycles):
    """Level of a harmonic; `cycles` is the fundamental in cycles per frame."""
    return clamp(4.0 - 8.0 * number * cycles, 0.0, 1.0)


@inline
def sum_of_saw(turns, steps):
    """Saw that falls at 0 and rises through 0 at half a cycle; `turns` within +-0.5."""
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


@inline
def sum_of_triangle(turns, steps):
    """Triangle with its lowest point at 0; `turns` within +-0.5."""
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


@inline
def sum_of_impulses(turns, steps):
    """Impulses at 0, as high as `spike`; `turns` within +-0.5."""
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


@inline
def low_saw(turn, steps):
    """Saw below 1/16 cycle per frame; it falls at phase 0."""
    since = signed(turn)
    return 2.0 * STEP * since - step(since / steps)


@inline
def saw(turn, steps):
    """Saw at any pitch; below 1/16 cycle per frame bit-identical to `low_saw`."""
    return lerp(low_saw(turn, steps), sum_of_saw(STEP * signed(turn), steps), share(steps, EDGES))


@inline
def low_triangle(turn, steps):
    """Triangle below 1/26 cycle per frame; its lowest point is at phase 0."""
    height = abs(signed(turn)) - QUARTER
    peak = QUARTER - steps * corner((QUARTER - abs(height)) / steps)
    return 4.0 * STEP * (peak if height > 0.0 else -peak)


@inline
def triangle(turn, steps):
    """Triangle at any pitch; below 1/26 cycle per frame bit-identical to `low_triangle`."""
    return lerp(low_triangle(turn, steps), sum_of_triangle(STEP * signed(turn), steps), share(steps, CORNERS))


@inline
def low_impulses(turn, steps):
    """Impulses below 1/16 cycle per frame, at phase 0."""
    return spike(signed(turn) / steps)


@inline
def impulses(turn, steps):
    """Impulses at any pitch; below 1/16 cycle per frame bit-identical to `low_impulses`."""
    return lerp(low_impulses(turn, steps), sum_of_impulses(STEP * signed(turn), steps), share(steps, EDGES))
