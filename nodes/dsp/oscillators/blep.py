"""Band-limited steps and corners: one polynomial each, in the distance from the edge in frames.

The kernel is a single even polynomial 10.6 frames wide, with coefficients found by linear programming. It is within
0.35 dB up to a third of the sample rate (16 kHz at 48 kHz), and aliases that fold below that frequency are 91 dB
under the tone. A single polynomial, unlike a spline, needs no test for the segment: it costs as much as the cubic
B-spline of six frames, whose aliases are 40 dB louder. The integral of the kernel is the step, and the integral of
the step is the corner. Both are expanded around the middle of the square, where their terms do not cancel.

After Valimaki, Pekonen, Nam: "Perceptually informed synthesis of bandlimited classical waveforms using integrated
polynomial interpolation", JASA 2012, with a wider kernel than theirs.
"""

from __future__ import annotations

from graph import inline
from nodes.dsp.math.functions import clamp

REACH = 5.3
MIDDLE = 14.045  # REACH ** 2 / 2


@inline
def step(distance):
    """Band-limited step from -1 to 1, `distance` frames after its middle; exact beyond 5.3 frames on either side."""
    x = clamp(distance, -REACH, REACH)
    u = x * x - MIDDLE
    p = -6.15900513e-12 + 1.09372032e-13 * u
    p = -3.56156027e-09 + u * (1.76182089e-10 + u * p)
    p = -3.34938250e-07 + u * (4.94902515e-08 + u * p)
    p = 3.88866205e-05 + u * (-1.46727397e-06 + u * p)
    return x * (2.78163008e-01 + u * (-1.01533598e-02 + u * (1.07244386e-04 + u * p)))


@inline
def corner(distance):
    """Absolute value of `distance` (0 or more, in frames), rounded at 0 so that its slope is `step`."""
    x = clamp(distance, 0.0, REACH)
    u = x * x - MIDDLE
    p = -3.07950257e-13 + 4.97145601e-15 * u
    p = -2.22597517e-10 + u * (9.78789386e-12 + u * p)
    p = -2.79115208e-08 + u * (3.53501796e-09 + u * p)
    p = 4.86082756e-06 + u * (-1.46727397e-07 + u * p)
    p = -2.53833996e-03 + u * (1.78740643e-05 + u * p)
    return distance - x + 3.72200495 + u * (1.39081504e-01 + u * p)


@inline
def spike(distance):
    """Kernel, the slope of `step`: 1 in the middle and 0 beyond 5.3 frames on either side."""
    x = clamp(distance, -REACH, REACH)
    u = x * x - MIDDLE
    p = -5.21627546e-11 + 1.38829858e-12 * u
    p = -8.36055100e-09 + u * (8.69215564e-10 + u * p)
    p = 2.81476239e-06 + u * (-3.44149186e-08 + u * p)
    p = 6.48832820e-05 + u * (-3.64163692e-05 + u * p)
    return -4.25824123e-03 + u * (-1.47696854e-02 + u * (2.30487085e-03 + u * p))
