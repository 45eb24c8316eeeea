"""Fast Fourier transform for kernels: radix 4, self-sorting (Stockham), with separate real and imaginary parts.

Each pass reads and writes whole rows, which LLVM vectorizes, and there is no bit reversal. Sizes are powers of 16,
so the number of passes is even and the result ends where the data began. The first two passes of each transform
have short rows and cost half as much as the rest. Van Loan, "Computational frameworks for the FFT" (1992), 1.7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline


def twiddles(size: int) -> Any:
    """[control] cos and -sin of one cycle in `size` steps: (2, size)."""
    turns = 2 * np.pi * np.arange(size) / size
    return np.array([np.cos(turns), -np.sin(turns)], np.float32)


@inline
def quarter(re, im, to_re, to_im, table, size, stride):
    """One radix-4 pass over `stride` adjacent transforms of length `size`."""
    part = size // 4
    for p in range(part):
        c1, s1 = table[0, p * stride], table[1, p * stride]
        c2, s2 = table[0, 2 * p * stride], table[1, 2 * p * stride]
        c3, s3 = table[0, 3 * p * stride], table[1, 3 * p * stride]
        first, second, third, fourth = p * stride, (p + part) * stride, (p + 2 * part) * stride, (p + 3 * part) * stride
        target = 4 * p * stride
        for q in range(stride):
            ar, ai = re[first + q] + re[third + q], im[first + q] + im[third + q]
            br, bi = re[first + q] - re[third + q], im[first + q] - im[third + q]
            cr, ci = re[second + q] + re[fourth + q], im[second + q] + im[fourth + q]
            dr, di = im[second + q] - im[fourth + q], re[fourth + q] - re[second + q]
            to_re[target + q], to_im[target + q] = ar + cr, ai + ci
            xr, xi = br + dr, bi + di
            to_re[target + stride + q], to_im[target + stride + q] = c1 * xr - s1 * xi, c1 * xi + s1 * xr
            xr, xi = ar - cr, ai - ci
            to_re[target + 2 * stride + q], to_im[target + 2 * stride + q] = c2 * xr - s2 * xi, c2 * xi + s2 * xr
            xr, xi = br - dr, bi - di
            to_re[target + 3 * stride + q], to_im[target + 3 * stride + q] = c3 * xr - s3 * xi, c3 * xi + s3 * xr


@inline
def transform(work, table):
    """In-place transform of `work`: rows 0 (real) and 1 (imaginary) hold the data, rows 2 and 3 are scratch.

    Not scaled. With real and imaginary rows swapped it is the inverse, `size` times too large.
    """
    size = work.shape[1]
    stride = 1
    here = 0
    while size > 1:
        quarter(work[here], work[here + 1], work[2 - here], work[3 - here], table, size, stride)
        size //= 4
        stride *= 4
        here = 2 - here
