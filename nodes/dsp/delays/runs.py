"""Delay lines a run of frames at a time: loops over time that compile to vectors.

A delay that is longer than a run reads nothing the run writes. So a filter around such a delay is no recurrence
within the run: eight frames are computed at once, and only a one-pole low-pass in the loop goes frame by frame. Frame
by frame, with a masked index per access, a reverb costs four times as much.

A run's samples are a row of a State (rows, frames), given by its flat index `at`. Every loop stops where a line wraps,
so its addresses are contiguous. `load` and `store` say that line and row are different memory.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.delays.fractional import FILTERS, GUARD, SLOPES, TAPS, listen, neighbors


@inline
def all_pass(line, row, write, length, x, at, frames, amount, keep):
    """Schroeder all-pass over a run, in place: flat magnitude, turns one echo into many; its line has no guard.

    `keep` is the gain of its delay. Within a loop every delay must lose its share, or the all-pass would ring on
    after the room is silent.
    """
    size = line.shape[1]
    start, done = row * size, np.int64(0)
    while done < frames:
        here, there = (write + done) & (size - 1), (write + done - length) & (size - 1)
        run = min(min(frames - done, length), size - max(here, there))
        for j in range(run):
            held = keep * load(line, start + there + j)
            passed = load(x, at + done + j) - amount * held
            store(line, start + here + j, passed)
            store(x, at + done + j, held + amount * passed)
        done += run


@inline
def put_run(line, row, write, x, at, frames):
    """`fractional.put` over a run."""
    start, size = row * line.shape[1], line.shape[1] - GUARD
    here = write & (size - 1)
    run = min(frames, size - here)
    for j in range(run):
        store(line, start + here + j, load(x, at + j))
    for j in range(run, frames):
        store(line, start + j - run, load(x, at + j))
    for k in range(GUARD):
        store(line, start + size + k, load(line, start + k))


@inline
def past_run(line, row, write, delay, x, at, frames):
    """`fractional.past` over a run: the samples `delay` before, at least `frames`."""
    start, size = row * line.shape[1], line.shape[1] - GUARD
    there = (write - delay) & (size - 1)
    run = min(frames, size - there)
    for j in range(run):
        store(x, at + j, load(line, start + there + j))
    for j in range(run, frames):
        store(x, at + j, load(line, start + j - run))


@inline
def listen_run(line, row, write, delay, sway, weights, x, at, frames):
    """`fractional.listen` over a run at `delay` plus `sway`, which is given at the run's start, middle and end.

    The delay must exceed the run by four frames and move slowly, by less than a twentieth of a frame in a run. Then a
    parabola over time through three filters is each of the eight weights to 2e-5, as near as the table itself, and
    one set of 24 numbers, `weights`, serves the run. Where the delay passes a whole frame each frame looks up its own.
    """
    first, middle, last = delay + sway[0], delay + sway[1], delay + sway[2]
    step = 2.0 / np.float32(max(frames - 1, 1))
    whole = np.int32(first)
    if frames < TAPS or whole != np.int32(middle) or whole != np.int32(last):
        for j in range(frames):
            t = step * np.float32(np.int32(j)) - 1.0
            here = middle + t * (0.5 * (last - first) + t * (0.5 * (first + last) - middle))
            store(x, at + j, listen(line, row, write + j, here))
        return
    a, a_more = neighbors(first - np.float32(whole))
    b, b_more = neighbors(middle - np.float32(whole))
    c, c_more = neighbors(last - np.float32(whole))
    for k in range(np.uint64(TAPS)):
        early = FILTERS[a, k] + a_more * SLOPES[a, k]
        center = FILTERS[b, k] + b_more * SLOPES[b, k]
        late = FILTERS[c, k] + c_more * SLOPES[c, k]
        store(weights, k, center)
        store(weights, TAPS + k, 0.5 * (late - early))
        store(weights, 2 * TAPS + k, 0.5 * (early + late) - center)
    start, size = row * line.shape[1], line.shape[1] - GUARD
    done = np.int64(0)
    while done < frames:
        there = (write + done - np.int64(whole) - 4) & (size - 1)
        run = min(frames - done, size - there)
        for j in range(run):
            t = step * np.float32(np.int32(done + j)) - 1.0  # from int32, as vectors have no conversion from int64
            total = np.float32(0.0)
            for k in range(TAPS):
                weight = load(weights, k) + t * (load(weights, TAPS + k) + t * load(weights, 2 * TAPS + k))
                total += weight * load(line, start + there + j + k)
            store(x, at + done + j, total)
        done += run


@inline
def dampen(x, stride, frames, low, gain, pole, scale, least):
    """One-pole low-passes of rows `stride` apart, four side by side: the recurrence of a reverb's loops.

    The coefficients are `scale` gain + `least` and `scale` pole.
    """
    for group in range(low.shape[0] // 4):
        i = 4 * group
        g0, g1, g2, g3 = (
            scale * gain[i] + least,
            scale * gain[i + 1] + least,
            scale * gain[i + 2] + least,
            scale * gain[i + 3] + least,
        )
        p0, p1, p2, p3 = scale * pole[i], scale * pole[i + 1], scale * pole[i + 2], scale * pole[i + 3]
        a, b, c, d = low[i], low[i + 1], low[i + 2], low[i + 3]
        at = i * stride
        for j in range(at, at + frames):
            a = g0 * load(x, j) + p0 * a
            b = g1 * load(x, j + stride) + p1 * b
            c = g2 * load(x, j + 2 * stride) + p2 * c
            d = g3 * load(x, j + 3 * stride) + p3 * d
            store(x, j, a)
            store(x, j + stride, b)
            store(x, j + 2 * stride, c)
            store(x, j + 3 * stride, d)
        low[i], low[i + 1], low[i + 2], low[i + 3] = a, b, c, d


@inline
def hadamard_run(x, stride, frames, sides, share):
    """Hadamard mix of eight rows over a run, in place, plus a share of `sides`: left in even rows, right in odd."""
    for j in range(frames):
        a, b = load(x, j), load(x, j + stride)
        c, d = load(x, j + 2 * stride), load(x, j + 3 * stride)
        e, f = load(x, j + 4 * stride), load(x, j + 5 * stride)
        g, h = load(x, j + 6 * stride), load(x, j + 7 * stride)
        left, right = share * load(sides, j), share * load(sides, j + stride)
        a, b, c, d = a + b, a - b, c + d, c - d
        e, f, g, h = e + f, e - f, g + h, g - h
        a, b, c, d = a + c + left, b + d + right, a - c + left, b - d + right
        e, f, g, h = e + g, f + h, e - g, f - h
        store(x, j, a + e)
        store(x, j + stride, b + f)
        store(x, j + 2 * stride, c + g)
        store(x, j + 3 * stride, d + h)
        store(x, j + 4 * stride, a - e)
        store(x, j + 5 * stride, b - f)
        store(x, j + 6 * stride, c - g)
        store(x, j + 7 * stride, d - h)
