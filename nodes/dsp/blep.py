"""Band-limited steps and corners: what to add to a naive waveform around an edge so that it aliases less.

The step is the integral of the cubic B-spline (four zeros at every multiple of the sample rate, the
best alias suppression for its length) sharpened by the symmetric filter (-1, 8, -1) / 6, which
undoes the B-spline's droop: 0.26 dB are left at a sixth of the sample rate instead of 1.6. Written
with truncated powers it needs no branch. Valimaki, Pekonen, Nam: "Perceptually informed synthesis
of bandlimited classical waveforms using integrated polynomial interpolation", JASA 2012.
"""

from __future__ import annotations

import numpy as np

from graph import bits_float, float_bits, helper

# Fourth roots of the coefficients 1/72, 1/6 and 13/24: a square of a square then needs no factor.
OUTER = 0.3432945239845197
MIDDLE = 0.6389431042462724
INNER = 0.8578928092681438


@helper
def step(distance):
    """Half a band-limited step of -1 .. 1, `distance` >= 0 frames after its middle: 0 there, 1 beyond 3 frames."""
    outer = 3.0 * OUTER - OUTER * distance
    middle = 2.0 * MIDDLE - MIDDLE * distance
    inner = INNER - INNER * distance
    outer = outer if outer > 0.0 else 0.0
    middle = middle if middle > 0.0 else 0.0
    inner = inner if inner > 0.0 else 0.0
    outer *= outer
    middle *= middle
    inner *= inner
    return 1.0 + outer * outer - middle * middle + inner * inner


@helper
def corner(distance):
    """What is missing of a band-limited corner whose slope changes by 1 a frame, `distance` >= 0 frames away."""
    outer = 3.0 - distance
    middle = 2.0 - distance
    inner = 1.0 - distance
    outer = outer if outer > 0.0 else 0.0
    middle = middle if middle > 0.0 else 0.0
    inner = inner if inner > 0.0 else 0.0
    outer2 = outer * outer
    middle2 = middle * middle
    inner2 = inner * inner
    return (
        middle2 * middle2 * middle * 0.016666666666666666
        - outer2 * outer2 * outer * 0.001388888888888889
        - inner2 * inner2 * inner * 0.05416666666666667
    )


@helper
def signed_as(magnitude, phase):
    """`magnitude` with the sign of `phase` read as a signed number."""
    return bits_float(np.uint32(float_bits(magnitude) ^ (np.uint32(phase) & np.uint32(0x80000000))))
