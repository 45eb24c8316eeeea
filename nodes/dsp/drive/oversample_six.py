"""Low-cost six-times oversampling: a steep filter doubles the rate, a short one triples it.

Inaudible harmonics need no steep filtering where they cannot alias into the audible range. The two samples per
frame from nodes/dsp/drive/oversample.py are joined by cubics, and the six output samples are reduced to two by
eleven taps before the steep filter. This takes a quarter of the work of six phases of steep filters, all of it
vectorized. Latency is four frames.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, cached_design, inline
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, oversampling

SIX = 6

THIRD = np.array([-5, 60, 30, -4]) / 81
"""Weights of a cubic through four samples, a third of the way from the second to the third."""

BACK = 2
"""History of the short filters in frames."""


@cached_design
def folding() -> Any:
    """[control] Half of the eleven taps that reduce six samples per frame to two."""
    from scipy import signal

    taps = signal.firls(11, [0, 20, 70, 122], [1, 1, 0, 0], weight=[20, 1], fs=288)
    return (taps / taps.sum())[:6]


def sixfold(setup: Setup) -> dict[str, Any]:
    """[control] The states `up`, `down`, `heard`, `raised`, `planes`, `six` and `short` of an oversampled curve."""
    made = oversampling(2, setup, rising=24, falling=40)
    return {
        **made,
        "raised": made["planes"].copy(),
        "six": np.zeros((SIX, BACK + setup.frames, setup.lanes), np.float32),
        "short": np.concatenate([THIRD, folding()]),
    }


@inline
def treble_rate(raised, short, six, frames, lanes):
    """Six samples per frame from the two in `raised`: each of those, and two on the cubic to the next."""
    count = frames * lanes
    a, b, c, d = load(short, 0), load(short, 1), load(short, 2), load(short, 3)
    size = six.shape[1] * lanes
    one = raised.shape[1] * lanes
    for i in range(count):
        at = PAST * lanes + i
        p, q = load(raised, one + at - 2 * lanes), load(raised, at - lanes)
        r, s = load(raised, one + at - lanes), load(raised, at)
        t = load(raised, one + at)
        to = BACK * lanes + i
        store(six, to, q)
        store(six, size + to, a * p + b * q + c * r + d * s)
        store(six, 2 * size + to, d * p + c * q + b * r + a * s)
        store(six, 3 * size + to, r)
        store(six, 4 * size + to, a * q + b * r + c * s + d * t)
        store(six, 5 * size + to, d * q + c * r + b * s + a * t)
    for i in range(BACK * lanes):
        at = (PAST - BACK) * lanes + i
        store(raised, at, load(raised, at + count))
        store(raised, one + at, load(raised, one + at + count))


@inline
def fold(six, short, planes, frames, lanes):
    """Reduces six samples per frame to two in `planes`, starting at frame PAST."""
    count = frames * lanes
    size = six.shape[1] * lanes
    e, f, g = load(short, 4), load(short, 5), load(short, 6)
    h, k, m = load(short, 7), load(short, 8), load(short, 9)
    for i in range(count):
        at = BACK * lanes + i
        old = at - lanes
        one, two, three, four, five = at + size, at + 2 * size, at + 3 * size, at + 4 * size, at + 5 * size
        y1, y2, y3 = load(six, one - lanes), load(six, two - lanes), load(six, three - lanes)
        y4, y5, y6 = load(six, four - lanes), load(six, five - lanes), load(six, at)
        y7, y8 = load(six, one), load(six, two)
        low = e * (load(six, four - 2 * lanes) + y8) + f * (load(six, five - 2 * lanes) + y7)
        low += g * (load(six, old) + y6) + h * (y1 + y5) + k * (y2 + y4) + m * y3
        high = e * (y1 + load(six, five)) + f * (y2 + load(six, four))
        high += g * (y3 + load(six, three)) + h * (y4 + y8) + k * (y5 + y7) + m * y6
        store(planes, PAST * lanes + i, low)
        store(planes, (planes.shape[1] + PAST) * lanes + i, high)
    for plane in range(six.shape[0]):
        at = plane * size
        for i in range(BACK * lanes):
            store(six, at + i, load(six, at + count + i))
