"""Equalizer curves that match their analog prototypes up to 16 kHz, without the bilinear transform's cramping.

On the warped axis t = tan(w / 2)**2 the squared gain of a two-pole filter is a quotient of two parabolas, (n0 + n1
t + n2 t**2) / (d0 + d1 t + t**2). It is matched to the analog gain at DC, at the corner, beside it, and at the top.
The resulting linear system has a closed solution of about a dozen operations, so the curve may move every sample.
The parabolas give the coefficients of a trapezoidal state-variable filter, which stays stable under that
modulation. After Martin Vicanek, "Matched second order digital filters", 2016, who matches biquads this way, and
Sophocles Orfanidis, "Digital parametric equalizer design with prescribed Nyquist-frequency gain", 1997.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.functions import exp2, prewarp

HIGHEST = 0.49
"""Highest corner, as a fraction of the sample rate."""

UPPER = 0.7
"""Fractions of Nyquist where a peak's upper side is matched; the other one is for peaks at that frequency."""
UPPER_WARPED = float(np.tan(UPPER * np.pi / 2) ** 2)
OTHER = 0.77
OTHER_WARPED = float(np.tan(OTHER * np.pi / 2) ** 2)


@inline
def warped(freq, sample_rate):
    """tan(pi freq / sample_rate) ** 2"""
    n, d = prewarp(freq, sample_rate)
    return (n / d) * (n / d)


@inline
def half_root(decibels):
    """Fourth root of a power gain given in decibels, the textbooks' A."""
    return exp2(0.08304820237218405 * decibels)


@inline
def parts(d0, d1, n1, high, low):
    """(g, k, high, band, low) of the filter with these parabolas: its coefficients and its output mix."""
    square = np.sqrt(d0)
    k = np.sqrt(max(d1 / square + 2.0, np.float32(1e-6)))
    band = np.sqrt(max(n1 / square + 2.0 * high * low, np.float32(0.0)))
    return np.sqrt(square), k, high, band, low


@inline
def peak(freq, decibels, q, sample_rate):
    """Bell: (s**2 + s A / q + 1) / (s**2 + s / (A q) + 1), exact at DC, at its center and on either side."""
    a = half_root(decibels)
    power = a * a * a * a
    top = min(freq, HIGHEST * sample_rate)
    nyquist = 0.5 * sample_rate / top
    wide = 1.0 / (q * q)
    lower = 1.0 + wide - np.sqrt(2.0 * wide + wide * wide)
    taken = abs(1.0 - UPPER * nyquist) < 0.04
    upper = OTHER * nyquist if taken else UPPER * nyquist
    upper = upper * upper
    t0 = warped(top, sample_rate)
    t1 = warped(top * np.sqrt(lower), sample_rate)
    t2 = OTHER_WARPED if taken else UPPER_WARPED
    share = wide / (a * a)
    s1 = (t1 - t0) * (t1 - t0) * (1.0 + 0.5 / (a * a)) - t0 * t0
    s2 = (t2 - t0) * (t2 - t0) * (1.0 + upper * share / ((1.0 - upper) * (1.0 - upper))) - t0 * t0
    e = t1 * t2 * (t1 - t2) / (s1 * t2 - s2 * t1)
    d0 = e * t0 * t0
    d1 = (e * s1 - t1 * t1) / t1
    n2 = power - (power - 1.0) * e
    n1 = power * d1 + 2.0 * t0 * (power - 1.0) * e
    return parts(d0, d1, n1, np.sqrt(max(n2, np.float32(0.0))), np.float32(1.0))


@inline
def shelf(freq, decibels, sample_rate):
    """Maximally flat two-pole low shelf: (s**2 + s sqrt(2 A) + A) / (s**2 + s sqrt(2 / A) + 1 / A).

    Both ends are flat, so the slopes at DC match too and two points beside the corner are enough.
    """
    a = half_root(decibels)
    above = a * a
    below = 1.0 / above
    corner = min(freq, HIGHEST * sample_rate)
    top = 0.5 * sample_rate / corner
    first = min(np.float32(0.8), 0.4 * top)
    second = min(np.float32(1.2), 0.75 * top)
    top = top * top * top * top
    x1 = first * first * first * first
    x2 = second * second * second * second
    t1 = warped(first * corner, sample_rate)
    t2 = warped(second * corner, sample_rate)
    scale = 1.0 / (top * above + 1.0)
    r1 = t1 * t1 * (top - x1) * scale / x1
    r2 = t2 * t2 * (top - x2) * scale / x2
    d1 = (r2 - r1) / (t2 - t1)
    d0 = r1 - d1 * t1
    high = np.sqrt((top + above) / (top + below))
    return parts(d0, d1, above * above * d1, high, above)


@inline
def tilt(freq, decibels, sample_rate):
    """(g, high, low) of a one-pole tilt that lifts the highs as much as it lowers the lows: (A s + 1) / (s + A)."""
    a = exp2(0.16609640474436813 * decibels)
    a = a * a
    pivot = min(freq, HIGHEST * sample_rate)
    nyquist = 0.5 * sample_rate / pivot
    first = min(np.float32(1.0), 0.3 * nyquist)
    t1 = warped(first * pivot, sample_rate)
    x1 = first * first
    x2 = UPPER * UPPER * nyquist * nyquist
    d0 = a * (x2 - x1) / (x1 * (x2 + a) / t1 - x2 * (x1 + a) / UPPER_WARPED)
    t0 = 1.0 / a
    n1 = (a * x1 + 1.0) / (x1 + a)
    n1 = n1 + d0 * (n1 - t0) / t1
    return np.sqrt(d0), np.sqrt(n1), np.sqrt(t0)


@inline
def equalize(audio, g, k, high, band, low, charge1, charge2):
    """Output and two next states, with the mix at the input, where the integrators smooth a moving mix.

    For bells and low shelves, whose gain is small in `high`, the part that bypasses the integrators.
    """
    lows = high - low
    drive = audio * (band - high * k - g * lows) - charge2
    middle = (charge1 + g * drive) / (1.0 + g * (k + g))
    under = charge2 + g * (middle + lows * audio)
    return high * audio + middle, 2.0 * middle - charge1, 2.0 * under - charge2


@inline
def equalize_highs(audio, g, k, high, band, low, charge1, charge2):
    """`equalize` with the mix at the output, so that a moving high shelf leaves the lows alone."""
    rest = (audio - (k + g) * charge1 - charge2) / (1.0 + g * (k + g))
    flow1 = g * rest
    middle = flow1 + charge1
    flow2 = g * middle
    under = flow2 + charge2
    return high * rest + band * middle + low * under, middle + flow1, under + flow2
