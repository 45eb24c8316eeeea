"""Low-cost six-times oversampling: a steep filter doubles the rate, a short one triples it.

Inaudible harmonics need no steep filtering where they cannot alias into the audible range. The two samples per
frame from nodes/dsp/drive/oversample.py are joined by cubics, and the six output samples are reduced to two by
eleven taps before the steep filter. This takes a quarter of the work of six phases of steep filters, all of it
vectorized. Latency is four frames.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, designed, helper
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, oversampling

SIX = 6

THIRD = np.array([-5, 60, 30, -4]) / 81
"""Weights of a cubic through four samples, a third of the way from the second to the third."""

BACK = 2
"""History of the short filters in frames."""


@designed
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


@helper
def treble_rate(raised, short, six, frames, lanes):
    """Six samples per frame from the two in `raised`: each of those, and two on the cubic to the next."""
    count = frames * lanes
    a, b, c, d = load(short, 0, 8, 16), load(short, 1, 8, 16), load(short, 2, 8, 16), load(short, 3, 8, 16)
    size = six.shape[1] * lanes
    one = raised.shape[1] * lanes
    for i in range(count):
        at = PAST * lanes + i
        p, q = load(raised, one + at - 2 * lanes, 3, 16), load(raised, at - lanes, 3, 16)
        r, s = load(raised, one + at - lanes, 3, 16), load(raised, at, 3, 16)
        t = load(raised, one + at, 3, 16)
        to = BACK * lanes + i
        store(six, to, q, 7, 16)
        store(six, size + to, a * p + b * q + c * r + d * s, 7, 16)
        store(six, 2 * size + to, d * p + c * q + b * r + a * s, 7, 16)
        store(six, 3 * size + to, r, 7, 16)
        store(six, 4 * size + to, a * q + b * r + c * s + d * t, 7, 16)
        store(six, 5 * size + to, d * q + c * r + b * s + a * t, 7, 16)
    for i in range(BACK * lanes):
        at = (PAST - BACK) * lanes + i
        store(raised, at, load(raised, at + count, 3, 16), 3, 16)
        store(raised, one + at, load(raised, one + at + count, 3, 16), 3, 16)


@helper
def fold(six, short, planes, frames, lanes):
    """Reduces six samples per frame to two in `planes`, starting at frame PAST."""
    count = frames * lanes
    size = six.shape[1] * lanes
    e, f, g = load(short, 4, 8, 16), load(short, 5, 8, 16), load(short, 6, 8, 16)
    h, k, m = load(short, 7, 8, 16), load(short, 8, 8, 16), load(short, 9, 8, 16)
    for i in range(count):
        at = BACK * lanes + i
        old = at - lanes
        one, two, three, four, five = at + size, at + 2 * size, at + 3 * size, at + 4 * size, at + 5 * size
        y1, y2, y3 = load(six, one - lanes, 7, 16), load(six, two - lanes, 7, 16), load(six, three - lanes, 7, 16)
        y4, y5, y6 = load(six, four - lanes, 7, 16), load(six, five - lanes, 7, 16), load(six, at, 7, 16)
        y7, y8 = load(six, one, 7, 16), load(six, two, 7, 16)
        low = e * (load(six, four - 2 * lanes, 7, 16) + y8) + f * (load(six, five - 2 * lanes, 7, 16) + y7)
        low += g * (load(six, old, 7, 16) + y6) + h * (y1 + y5) + k * (y2 + y4) + m * y3
        high = e * (y1 + load(six, five, 7, 16)) + f * (y2 + load(six, four, 7, 16))
        high += g * (y3 + load(six, three, 7, 16)) + h * (y4 + y8) + k * (y5 + y7) + m * y6
        store(planes, PAST * lanes + i, low, 3, 16)
        store(planes, (planes.shape[1] + PAST) * lanes + i, high, 3, 16)
    for plane in range(six.shape[0]):
        at = plane * size
        for i in range(BACK * lanes):
            store(six, at + i, load(six, at + count + i, 7, 16), 7, 16)
