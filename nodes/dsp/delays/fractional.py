"""Fractional delays, accurate to the top of the audible band: eight-point interpolation instead of four-point.

Each fraction has an eight-tap filter, designed by least squares up to a quarter of the sample rate and exact at 0
Hz and at integer delays. A table holds 256 filters, with linear interpolation between them. At 48 kHz: loss at 15
kHz 0.34 dB (cubic Lagrange 2.5), error below 10 kHz -67 dB (-20), delay within 0.0075 of a sample. The gain is at
most 1.0005 anywhere, so loops stay stable and a reverb keeps its treble. Laakso, Valimaki, Karjalainen, Laine,
"Splitting the unit delay" (1996).

Lines are (lanes, length + GUARD): time innermost, with the first samples repeated at the end, so that eight points
are always contiguous and one vector of `dot8`. Lanes innermost, as signals are, made them eight scalar loads.
Recordings keep their channels innermost; `weigh` reads those.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from graph.native import dot8

PHASES = 256
TAPS = 8
GUARD = 8

NEAREST = 4.0
"""Shortest delay in samples; below it the first point would not be written yet."""


def _design(edge: float, rest: float) -> Any:
    """Filters of all fractions; frequencies below `edge` of the sample rate have weight 1, above it only `rest`."""
    place = np.arange(TAPS) - (TAPS // 2 - 1)

    def product(distance: Any) -> Any:
        low = 2 * edge * np.sinc(2 * edge * distance)
        return low + rest * (np.sinc(distance) - low)

    system = np.ones((TAPS + 1, TAPS + 1))
    system[:TAPS, :TAPS] = product(place[:, None] - place)
    system[TAPS, TAPS] = 0
    wanted = np.ones((TAPS + 1, PHASES + 1))
    wanted[:TAPS] = product(place[:, None] - np.arange(PHASES + 1) / PHASES)
    table = np.linalg.solve(system, wanted)[:TAPS].T[:, ::-1]
    table[0] = place[::-1] == 0
    table[PHASES] = place[::-1] == 1
    return np.ascontiguousarray(table, np.float32)


FILTERS = _design(0.25, 1e-5)
SLOPES = np.diff(FILTERS, axis=0)
"""Differences between adjacent filters."""


def new_line(lanes: int, samples: float) -> Any:
    """[control] Silent line for delays of up to `samples`."""
    return np.zeros((lanes, (1 << int(np.ceil(np.log2(samples + TAPS)))) + GUARD), np.float32)


@inline
def longest(line):
    """Longest delay of a line."""
    return np.float32(line.shape[1] - GUARD - TAPS)


@inline
def put(line, lane, write, value):
    """Writes at the running index `write`."""
    size = line.shape[1] - GUARD
    at = np.uint64(write) & np.uint64(size - 1)
    line[lane, at] = value
    line[lane, at + np.uint64(size if at < np.uint64(GUARD) else 0)] = value


@inline
def neighbors(fraction):
    """The filter below a fraction of a sample, and the share of the way to the next one."""
    place = fraction * np.float32(PHASES)
    row = np.int32(place)
    row = row if row < np.int32(PHASES - 1) else np.int32(PHASES - 1)
    return np.uint64(row), place - np.float32(row)


@inline
def weigh(line, lane, first, fraction):
    """Eight points of a recording (frames, channels) from `first`, weighted for `fraction` back from the fifth."""
    row, between = neighbors(fraction)
    total = np.float32(0.0)
    for k in range(np.uint64(TAPS)):
        total += (FILTERS[row, k] + between * SLOPES[row, k]) * line[first + k, lane]
    return total


@inline
def listen(line, lane, write, delay):
    """Sample `delay` before the running index `write`, which is about to be written; at least `NEAREST`."""
    whole = np.int32(delay)
    size = line.shape[1] - GUARD
    first = np.uint64(write - np.int64(whole) - 4 + size) & np.uint64(size - 1)
    row, between = neighbors(delay - np.float32(whole))
    first += np.uint64(lane) * np.uint64(line.shape[1])
    return dot8(FILTERS, SLOPES, row * np.uint64(TAPS), between, line, first)


@inline
def past(line, lane, write, frames):
    """The sample written a whole number of `frames` before the running index `write`, exactly."""
    size = line.shape[1] - GUARD
    return line[lane, np.uint64(write - frames + size) & np.uint64(size - 1)]
