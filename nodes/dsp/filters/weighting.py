"""Loudness weighting: the filter, unit and gates of ITU-R BS.1770-5. Coefficients: `graph.analysis.k_weighting`."""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.functions import decibels

FLOOR = -70.0
"""Absolute gate in LUFS; silence reads this value."""

STEP = 0.05
"""Width of a histogram bin in loudness units, from FLOOR up."""


@inline(double=True)
def weighted(weighting, memory, lane, x):
    """One sample of one lane through both sections; `memory` has two rows per section."""
    for i in range(2):
        y = weighting[i, 0] * x + memory[2 * i, lane]
        memory[2 * i, lane] = weighting[i, 1] * x - weighting[i, 3] * y + memory[2 * i + 1, lane]
        memory[2 * i + 1, lane] = weighting[i, 2] * x - weighting[i, 4] * y
        x = y
    return x


@inline
def lufs(power):
    """Loudness of a mean K-weighted power; at least FLOOR."""
    found = 0.5 * decibels(np.float32(power)) - 0.691
    return found if found > FLOOR else np.float32(FLOOR)


@inline(double=True)
def mean_of(tenths, count):
    """Mean of the latest `count` tenths."""
    total = 0.0
    for i in range(count):
        total += tenths[tenths.shape[0] - 1 - i]
    return total / count


@inline(double=True)
def gated(classes, power, loudness):
    """Adds one moment to the histogram and returns the gated loudness."""
    if loudness > FLOOR:
        place = min(np.int64((loudness - FLOOR) / STEP), classes.shape[0] - 1)
        classes[place, 0] += 1.0
        classes[place, 1] += power
    first, mean = 0, 0.0
    for gate in range(2):
        count, total = 0.0, 0.0
        for i in range(first, classes.shape[0]):
            count += classes[i, 0]
            total += classes[i, 1]
        if count > 0.0:
            mean = total / count
        if gate == 0:
            first = max(np.int64((lufs(mean) - 10.0 - FLOOR) / STEP + 0.5), 0)
    return lufs(mean)
