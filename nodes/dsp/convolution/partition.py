"""Partitioned convolution: the head of a response in the time domain, the rest in blocks in the frequency domain.

Two block sizes (Gardner, "Efficient convolution without input-output delay", 1995). The output of a block of
spectra is due one block after its input, so a partition must start at least a block into the response: 128 taps are
computed directly, blocks of 128 cover the taps up to 4096, and blocks of 2048 the rest, with their work spread over
the sixteen small blocks of a large one. Left and right are one complex transform.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from nodes.dsp.math.fft import twiddles

SMALL, LARGE = 128, 2048
STEPS = LARGE // SMALL
HISTORY = 2 * LARGE


def spectra(response: Any, start: int, stop: int, size: int) -> Any:
    """[control] Spectra of blocks of `size` from tap `start` to `stop`: real and imaginary rows of left, then right."""
    part = response[start:stop]
    count = max(1, -(-len(part) // size))
    padded = np.zeros((count * size, 2))
    padded[: len(part)] = part
    blocks = np.fft.rfft(padded.reshape(count, size, 2), 2 * size, axis=1) / (2 * size)
    rows = np.stack([blocks[:, :, 0].real, blocks[:, :, 0].imag, blocks[:, :, 1].real, blocks[:, :, 1].imag], axis=1)
    return rows.reshape(4 * count, size + 1).astype(np.float32)


def partitions(response: Any) -> dict[str, Any]:
    """[control] States of a convolution with `response`, (taps, 2)."""
    head = np.zeros((2, SMALL), np.float32)
    head[:, SMALL - min(SMALL, len(response)) :] = response[:SMALL][::-1].T
    small, large = spectra(response, SMALL, HISTORY, SMALL), spectra(response, HISTORY, len(response), LARGE)
    return {
        "head": head,
        "small": small,
        "small_heard": np.zeros_like(small),
        "large": large,
        "large_heard": np.zeros_like(large),
        "small_table": twiddles(2 * SMALL),
        "large_table": twiddles(2 * LARGE),
    }


@inline
def listen(line, end, work):
    """Copies the last frames before `end` to rows 0 and 1 of `work`, left and right."""
    start = (end - work.shape[1]) & (HISTORY - 1)
    for i in range(work.shape[1]):
        work[0, i] = line[0, start + i]
        work[1, i] = line[1, start + i]


@inline
def part_sides(work, heard, row):
    """Separates the transform of left + i right into the spectra of both sides: four rows of `heard`."""
    size = work.shape[1]
    for k in range(heard.shape[1]):
        other = (size - k) & (size - 1)
        re, im, back_re, back_im = work[0, k], work[1, k], work[0, other], work[1, other]
        heard[row, k] = 0.5 * (re + back_re)
        heard[row + 1, k] = 0.5 * (im - back_im)
        heard[row + 2, k] = 0.5 * (im + back_im)
        heard[row + 3, k] = 0.5 * (back_re - re)


@inline
def gather(total, heard, spectrum, newest, first, last):
    """Adds to `total` the products of partitions `first` up to `last` with the input spectra of their age."""
    count = heard.shape[0] // 4
    for part in range(first, last):
        row = 4 * part
        past = 4 * ((newest - part) % count)
        for side in range(0, 4, 2):
            for k in range(heard.shape[1]):
                xr, xi = heard[past + side, k], heard[past + side + 1, k]
                hr, hi = spectrum[row + side, k], spectrum[row + side + 1, k]
                total[side, k] += xr * hr - xi * hi
                total[side + 1, k] += xr * hi + xi * hr


@inline
def join_sides(total, work):
    """Combines `total` as left + i right in `work`, with rows swapped for the inverse transform; clears `total`."""
    size = work.shape[1]
    half = size // 2
    for k in range(half + 1):
        other = (size - k) & (size - 1)
        lr, li, rr, ri = total[0, k], total[1, k], total[2, k], total[3, k]
        # At DC and Nyquist, each its own mirror bin, the second pair equals the first.
        work[0, other] = rr - li
        work[1, other] = lr + ri
        work[0, k] = li + rr
        work[1, k] = lr - ri
        for row in range(4):
            total[row, k] = 0.0


@inline
def play(work, out, row):
    """Copies the half that is due to two rows of `out`."""
    half = work.shape[1] // 2
    for i in range(half):
        out[row, i] = work[1, half + i]
        out[row + 1, i] = work[0, half + i]
