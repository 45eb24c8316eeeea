"""Finds the least audible splice between a sound and its own past: the point of greatest similarity."""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.delays.fractional import GUARD

POINTS = 128


@inline
def likeness(line, one, other, stride):
    """Normalized correlation, -1 .. 1, of `POINTS` samples up to index `one` with those up to `other`."""
    mask = line.shape[1] - GUARD - 1
    both = np.float32(0.0)
    power = np.float32(1e-9)
    own = np.float32(1e-9)
    for k in range(POINTS):
        here = np.uint64((one - k * stride) & mask)
        there = np.uint64((other - k * stride) & mask)
        a = line[0, here] + line[1, here]
        b = line[0, there] + line[1, there]
        both += a * b
        power += b * b
        own += a * a
    return both / np.sqrt(power * own)


@inline
def best_jump(line, at, way, low, high, stride):
    """Distance from index `at`, `low` to `high` samples, at which the sound is most similar to itself.

    `way` is 1 for later and -1 for earlier sound. The search runs in steps of `stride`, then in single samples
    around the best, then between them by a parabola. Silence is spliced at `high`.
    """
    best = np.int64(high)
    most = np.float32(0.0)
    for jump in range(low, high, stride):
        found = likeness(line, at, at + way * jump, stride)
        if found > most:
            most = found
            best = np.int64(jump)
    middle = best
    for jump in range(middle - stride, middle + stride + 1):
        found = likeness(line, at, at + way * jump, stride)
        if found > most:
            most = found
            best = np.int64(jump)
    before = likeness(line, at, at + way * (best - 1), stride)
    after = likeness(line, at, at + way * (best + 1), stride)
    bend = 2.0 * most - before - after
    between = 0.5 * (after - before) / bend if bend > 1e-6 else np.float32(0.0)
    between = between if between > -0.5 else np.float32(-0.5)
    return np.float32(best) + (between if between < 0.5 else np.float32(0.5))
