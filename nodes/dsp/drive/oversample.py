"""Running a curve at a multiple of the sample rate, so that the harmonics it makes do not fold back as aliases.

One steep low-pass each way, from 20 kHz to 24.5 kHz at 48 kHz and 60 dB deep, in minimum phase: what is
audible is late by three to seven samples instead of the forty-eight of a symmetrical filter. A whole block is filtered
at once, tap by tap: a processor then computes sixteen samples side by side, in one lane or in many, where a
recursive half-band waits for itself. Sample j of each frame lies in plane j, frames behind one another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, designed, helper
from graph.native import load, store

TAPS = 48
"""Samples at the outer rate that the filters look back. Kernels read it from the shapes of their states: a
constant would have LLVM write every turn of the loops out, and compile for six seconds."""

PAST = TAPS - 1

TREBLE = 0.48
"""Of the sample rate: from here up `interpolating` measures what no two interpolations agree on."""


@designed
def phases(factor: int, taps: int, *, means: bool) -> Any:
    """[control] The low-pass as `factor` rows of `taps`, the latest sample last."""
    from scipy import signal

    treble = [-0.125, 1.25, -0.125] if means else [0, 1, 0]
    even = np.convolve(signal.firwin(factor * taps - 3, 0.463, window=("kaiser", 5.6), fs=float(factor)), treble)
    found = np.append(signal.minimum_phase(even, n_fft=1 << 15, half=False), 0.0)
    return (found / found.sum()).reshape(taps, factor).T[:, ::-1].astype(np.float32)


def oversampling(
    factor: int, setup: Setup, *, means: bool = False, rising: int = TAPS, falling: int = TAPS
) -> dict[str, Any]:
    """[control] The states `up`, `down`, `heard` and `planes` of a node that oversamples.

    means             what falls are means between neighbours, whose loss of treble the filter makes good
    rising, falling   taps of either filter, multiples of four up to TAPS
    """
    shape = (PAST + setup.frames, setup.lanes)
    return {
        "up": factor * phases(factor, rising, means=False),
        "down": phases(factor, falling, means=means)[::-1].copy(),
        "heard": np.zeros(shape, np.float32),
        "planes": np.zeros((factor, *shape), np.float32),
    }


@helper
def rise(audio, heard, up, planes, frames, lanes):
    """Takes a block of `audio`, of which it makes several samples a frame in `planes`, PAST frames in."""
    past = up.shape[1] - 1
    past = past if past > PAST else PAST
    for i in range(frames * lanes):
        store(heard, past * lanes + i, load(audio, i, 0, 16), 1, 16)
    lift(heard, up, planes, frames, lanes)


@helper
def lift(heard, up, planes, frames, lanes):
    """What `rise` does, of a block that lies PAST frames into `heard` already, or as many as the taps look back."""
    count = frames * lanes
    past = up.shape[1] - 1
    past = (past if past > PAST else PAST) * lanes
    first_tap = past // lanes + 1 - up.shape[1]
    for plane in range(planes.shape[0]):
        at = (plane * planes.shape[1] + PAST) * lanes
        for i in range(count):
            store(planes, at + i, 0.0, 3, 16)
        for tap in range(0, up.shape[1], 4):
            first = plane * up.shape[1] + tap
            a, b = load(up, first, 2, 16), load(up, first + 1, 2, 16)
            c, d = load(up, first + 2, 2, 16), load(up, first + 3, 2, 16)
            for i in range(count):
                x = (first_tap + tap) * lanes + i
                total = a * load(heard, x, 1, 16) + b * load(heard, x + lanes, 1, 16)
                total += c * load(heard, x + 2 * lanes, 1, 16) + d * load(heard, x + 3 * lanes, 1, 16)
                store(planes, at + i, load(planes, at + i, 3, 16) + total, 3, 16)
    for i in range(past):
        store(heard, i, load(heard, count + i, 1, 16), 1, 16)


@helper
def fall(planes, down, out, frames, lanes):
    """Takes what is in `planes`, of which it makes a block of `out`."""
    count = frames * lanes
    past = PAST * lanes
    first_tap = PAST + 1 - down.shape[1]
    for i in range(count):
        store(out, i, 0.0, 5, 16)
    for plane in range(planes.shape[0]):
        at = plane * planes.shape[1] * lanes
        for tap in range(0, down.shape[1], 4):
            first = plane * down.shape[1] + tap
            a, b = load(down, first, 4, 16), load(down, first + 1, 4, 16)
            c, d = load(down, first + 2, 4, 16), load(down, first + 3, 4, 16)
            for i in range(count):
                x = at + (first_tap + tap) * lanes + i
                total = a * load(planes, x, 3, 16) + b * load(planes, x + lanes, 3, 16)
                total += c * load(planes, x + 2 * lanes, 3, 16) + d * load(planes, x + 3 * lanes, 3, 16)
                store(out, i, load(out, i, 5, 16) + total, 5, 16)
        for i in range(past):
            store(planes, at + i, load(planes, at + count + i, 3, 16), 3, 16)


def interpolating(factor: int, setup: Setup, taps: int) -> dict[str, Any]:
    """[control] The states `up`, `heard` and `planes` for `rise` to give the signal between its samples.

    Symmetrical, as what is looked for is the shape itself: plane j holds the signal (j + 1) / factor frames after
    the sample taps / 2 frames ago. The window is low: noise up to half the rate is to be seen, and a tenth of
    a decibel of ripple does not matter. The last plane holds what the signal has above 0.48 of the rate, half as late:
    where that is much, one interpolation differs from another, and from itself under a moving gain.
    """
    place = np.arange(taps) - (taps // 2 - 1) - np.arange(1, factor)[:, None] / factor
    found = np.sinc(place) * np.i0(2.5 * np.sqrt(np.maximum(1 - (place / (taps // 2)) ** 2, 0)))
    half = taps // 2
    low = np.sinc(2 * TREBLE * np.arange(1 - half // 2, half // 2)) * np.kaiser(half - 1, 3.0)
    treble = np.zeros(taps)
    treble[half:-1] = -low / low.sum()
    treble[half + half // 2 - 1] += 1
    return {
        "up": np.vstack([found / found.sum(1, keepdims=True), treble]).astype(np.float32),
        "heard": np.zeros((max(PAST, taps - 1) + setup.frames, setup.lanes), np.float32),
        "planes": np.zeros((factor, PAST + setup.frames, setup.lanes), np.float32),
    }
