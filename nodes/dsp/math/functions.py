"""Math functions for audio loops: float32 and branchless, so loops over lanes vectorize.

NumPy's and libm's functions are called for one lane at a time and cost ten to forty times as much. Each polynomial
is the minimax polynomial of its degree (Remez). "Measured" is the largest error against float64 over a dense grid,
asserted in tests/nodes_all/test_dsp.py.
"""

from __future__ import annotations

import numpy as np

from graph import bits_to_float, float_to_bits, inline


@inline
def clamp(value, low, high):
    """`value` limited to `low` .. `high`; NaN becomes `low`."""
    value = value if value > low else low
    return value if value < high else high


@inline
def lerp(a, b, amount):
    """Linear interpolation: the point `amount` (0 .. 1) of the way from `a` to `b`."""
    return a + amount * (b - a)


@inline
def wave(turns):
    """sin(2 pi turns) for phases already wrapped to -0.5 .. 0.5. Measured: 2.6e-7.

    The zeros at 0 and half a cycle are factored out. They are exact, and the remaining polynomial needs no folding
    to a quarter cycle.
    """
    square = turns * turns
    even = 67.04385375976562 + square * (-38.12279510498047 + 12.232243537902832 * square)
    even = 25.13273048400879 + square * (-64.83467864990234 + square * even)
    return turns * (0.25 - square) * even


@inline
def sine(turns):
    """sin(2 pi turns) for any finite phase in cycles. Measured: 2.6e-7."""
    return wave(turns - np.rint(turns))


@inline
def cosine(turns):
    """cos(2 pi turns) for any finite phase in cycles. Measured: 2.6e-7."""
    return wave(0.25 - abs(turns - np.rint(turns)))


@inline
def exp2(x):
    """2 ** x, with x clamped to -126 .. 127.49, where the result is a normal float32. Measured: 8e-8 relative.

    The integer part sets the exponent bits and a polynomial gives the rest; integer x are exact.
    """
    x = clamp(x, -126.0, 127.49)
    whole = np.rint(x)
    x = x - whole
    scale = bits_to_float(np.uint32((np.int32(whole) + 127) << 23))
    high = 0.05550328642129898 + x * (0.009618489071726799 + x * (0.0013399930903688073 + 0.0001534581242594868 * x))
    return scale * (1.0 + x * (0.6931471824645996 + x * (0.24022646248340607 + x * high)))


@inline
def exp(x):
    """e ** x, with x clamped to -87 .. 88.3. Measured: 1.2e-7 relative between -1 and 1, 4e-6 at the ends."""
    return exp2(1.4426950408889634 * x)


@inline
def log2(x):
    """Logarithm to base 2; -126 below the smallest normal float32. Measured: 7e-8 (relative for results above 1).

    The mantissa is taken between the square roots of 1/2 and 2, which avoids cancellation around 1.
    """
    bits = np.int32(float_to_bits(clamp(x, 1.1754944e-38, 3.4028235e38)))
    whole = np.int32(bits - np.int32(0x3F3504F3)) >> 23
    x = bits_to_float(np.uint32(bits - np.int32(whole << 23))) - 1.0
    high = 0.2173658013343811 + x * (-0.21028976142406464 + 0.12542767822742462 * x)
    high = -0.3607211410999298 + x * (0.2876587510108948 + x * (-0.23852118849754333 + x * high))
    return np.float32(whole) + x * (1.442694902420044 + x * (-0.7213471531867981 + x * (0.4809224307537079 + x * high)))


@inline
def tanh(x):
    """Hyperbolic tangent, within -1 .. 1 for every x. Measured: 3.3e-7 relative.

    Rational minimax function of degree 9 over 8 up to 8.5, where tanh is 1 to the last bit but one.
    """
    x = -8.5 if x < -8.5 else x  # not `clamp`, which would hide NaN from the guard
    x = 8.5 if x > 8.5 else x
    y = x * x
    over = 1.0 + y * (0.1341324625 + y * (0.003534026068 + y * (2.125103221e-05 + 1.426921332e-08 * y)))
    under = 1.0 + y * (0.4674656899 + y * (0.02602274831 + y * (0.0003348863546 + 8.145116963e-07 * y)))
    y = x * over / under
    y = -1.0 if y < -1.0 else y
    return 1.0 if y > 1.0 else y


@inline
def prewarp(freq, sample_rate):
    """tan(pi freq / sample_rate) as (numerator, denominator). Measured: 5e-7 relative up to 0.42 of the sample rate.

    Rational minimax function whose denominator is exactly zero at half the sample rate; above 0.42 the rounding of
    `freq / sample_rate` grows to 4e-6. Returned as a pair so that the filter's one division covers this one too.
    `freq` must be at least 0 and is held below 0.49 of the sample rate.
    """
    cycles = freq / sample_rate
    cycles = cycles if cycles < 0.49 else 0.49
    square = cycles * cycles
    n = cycles * (0.3681553900241852 + square * (-0.4078593850135803 + 0.040874648839235306 * square))
    return n, 0.1171875 + square * (-0.5153560638427734 + 0.18642425537109375 * square)


@inline(double=True)
def prewarp_exactly(freq, sample_rate):
    """`prewarp` in float64, within 6e-10 relative, for small differences between two filters.

    The diagonal Pade approximant of degree 7 over 8.
    """
    turn = 3.141592653589793 * np.float64(freq) / np.float64(sample_rate)
    turn = turn if turn < 1.5393804002589986 else 1.5393804002589986
    y = turn * turn
    n = turn * (2027025.0 + y * (-270270.0 + y * (6930.0 - 36.0 * y)))
    return n, 2027025.0 + y * (-945945.0 + y * (51975.0 + y * (-630.0 + y)))


@inline
def decibels(ratio):
    """20 log10 of a ratio: 0 for 1; -758 for 0. Measured: 1.1e-5 between 1e-6 and 1e6."""
    return 6.020599913279624 * log2(ratio)


@inline
def ratio(decibels):
    """10 ** (decibels / 20): 1 for 0, 0.5012 for -6."""
    return exp2(0.16609640474436813 * decibels)
