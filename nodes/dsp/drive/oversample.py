"""Oversampling for nonlinear curves, so that the harmonics they generate do not alias.

One steep minimum-phase low-pass each way, from 20 kHz to 24.5 kHz at 48 kHz and 60 dB deep. Audible frequencies are
delayed by three to seven samples, where a linear-phase filter would take forty-eight. A whole block is filtered at
once, tap by tap, so the processor computes sixteen samples in parallel, in one lane or in many; a recursive
half-band filter would wait for itself. Sample j of each frame is in plane j, with frames contiguous.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, cached_design, inline
from graph.native import load, store

TAPS = 48
"""Filter length in samples at the outer rate. Kernels read it from the shapes of their states: with a constant,
LLVM would unroll the loops completely and compile for six seconds."""

PAST = TAPS - 1

TREBLE = 0.48
"""Of the sample rate: from here up `interpolating` measures what no two interpolations agree on."""


@cached_design
def phases(factor: int, taps: int, *, means: bool) -> Any:
    """[control] The low-pass as `factor` rows of `taps`, latest sample last."""
    from scipy import signal

    treble = [-0.125, 1.25, -0.125] if means else [0, 1, 0]
    even = np.convolve(signal.firwin(factor * taps - 3, 0.463, window=("kaiser", 5.6), fs=float(factor)), treble)
    found = np.append(signal.minimum_phase(even, n_fft=1 << 15, half=False), 0.0)
    return (found / found.sum()).reshape(taps, factor).T[:, ::-1].astype(np.float32)


def oversampling(
    factor: int, setup: Setup, *, means: bool = False, rising: int = TAPS, falling: int = TAPS
) -> dict[str, Any]:
    """[control] The states `up`, `down`, `heard` and `planes` of an oversampling node.

    means             the samples to fall are means of neighbors; the filter restores their treble
    rising, falling   taps of each filter, multiples of four up to TAPS
    """
    shape = (PAST + setup.frames, setup.lanes)
    return {
        "up": factor * phases(factor, rising, means=False),
        "down": phases(factor, falling, means=means)[::-1].copy(),
        "heard": np.zeros(shape, np.float32),
        "planes": np.zeros((factor, *shape), np.float32),
    }


@inline
def rise(audio, heard, up, planes, frames, lanes):
    """Upsamples a block of `audio` into `planes`, several samples per frame, starting at frame PAST."""
    past = up.shape[1] - 1
    past = past if past > PAST else PAST
    for i in range(frames * lanes):
        store(heard, past * lanes + i, load(audio, i))
    lift(heard, up, planes, frames, lanes)


@inline
def lift(heard, up, planes, frames, lanes):
    """`rise` for a block already in `heard`, starting at frame PAST or at as many frames as the filter has taps."""
    count = frames * lanes
    past = up.shape[1] - 1
    past = (past if past > PAST else PAST) * lanes
    first_tap = past // lanes + 1 - up.shape[1]
    for plane in range(planes.shape[0]):
        at = (plane * planes.shape[1] + PAST) * lanes
        for i in range(count):
            store(planes, at + i, 0.0)
        for tap in range(0, up.shape[1], 4):
            first = plane * up.shape[1] + tap
            a, b = load(up, first), load(up, first + 1)
            c, d = load(up, first + 2), load(up, first + 3)
            for i in range(count):
                x = (first_tap + tap) * lanes + i
                total = a * load(heard, x) + b * load(heard, x + lanes)
                total += c * load(heard, x + 2 * lanes) + d * load(heard, x + 3 * lanes)
                store(planes, at + i, load(planes, at + i) + total)
    for i in range(past):
        store(heard, i, load(heard, count + i))


@inline
def fall(planes, down, out, frames, lanes):
    """Downsamples `planes` into the block `out`."""
    count = frames * lanes
    past = PAST * lanes
    first_tap = PAST + 1 - down.shape[1]
    for i in range(count):
        store(out, i, 0.0)
    for plane in range(planes.shape[0]):
        at = plane * planes.shape[1] * lanes
        for tap in range(0, down.shape[1], 4):
            first = plane * down.shape[1] + tap
            a, b = load(down, first), load(down, first + 1)
            c, d = load(down, first + 2), load(down, first + 3)
            for i in range(count):
                x = at + (first_tap + tap) * lanes + i
                total = a * load(planes, x) + b * load(planes, x + lanes)
                total += c * load(planes, x + 2 * lanes) + d * load(planes, x + 3 * lanes)
                store(out, i, load(out, i) + total)
        for i in range(past):
            store(planes, at + i, load(planes, at + count + i))


def interpolating(factor: int, setup: Setup, taps: int) -> dict[str, Any]:
    """[control] The states `up`, `heard` and `planes` for `rise` to interpolate between samples.

    Linear phase, because the waveform's shape matters: plane j holds the signal (j + 1) / factor frames after the
    sample taps / 2 frames ago. The window is mild: noise must be visible up to Nyquist, and 0.1 dB of ripple does
    not matter. The last plane holds the signal above 0.48 of the rate, half as late. Where that is strong, no two
    interpolations agree.
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
