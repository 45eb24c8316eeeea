"""Trapezoidal state-variable filter (Andrew Simper, "Solving the continuous SVF equations", 2013).

Its two states are the capacitor charges of the analog filter and mean the same at every cutoff. The filter can be
modulated at audio rate at any q and stays stable; the states of a biquad do not have this property.

Each state is its old value plus the charge that flowed. The textbook form `2 * out - charge` is equivalent, but a
sharp low filter loses a hundred-thousandth of its charge per sample, less than the rounding error.
"""

from __future__ import annotations

from graph import inline
from nodes.dsp.math.functions import prewarp


@inline
def svf(audio, cutoff, q, charge1, charge2, sample_rate):
    """Band-pass with gain q at the cutoff, low-pass, and the two next states.

    With the warped cutoff as a fraction n / d the filter needs one division, which depends only on the controls.
    The processor can compute it ahead of the state recursion, which is the bottleneck of a filter with few lanes.
    """
    n, d = prewarp(cutoff, sample_rate)
    qn, qd = q * n, q * d
    damping = qn + d
    step = n / (qd * d + n * damping)
    rest = audio - charge2
    flow1 = qd * rest - damping * charge1
    flow2 = qn * rest + qd * charge1
    twice = step + step
    return charge1 + step * flow1, charge2 + step * flow2, charge1 + twice * flow1, charge2 + twice * flow2


@inline
def svf_band(audio, cutoff, q, charge1, charge2, sample_rate):
    """Band-pass with gain 1 at the cutoff, and the two next states: `svf` of audio / q without that division."""
    n, d = prewarp(cutoff, sample_rate)
    return band(audio, n, d, q, charge1, charge2)


@inline
def band(audio, n, d, q, charge1, charge2):
    """`svf_band` with the warped cutoff given as n / d."""
    qd = q * d
    damping = q * n + d
    step = n / (qd * d + n * damping)
    rest = audio - q * charge2
    flow1 = d * rest - damping * charge1
    flow2 = n * rest + qd * charge1
    twice = step + step
    return charge1 + step * flow1, charge1 + twice * flow1, charge2 + twice * flow2


@inline
def svf_high(audio, cutoff, q, charge1, charge2, sample_rate):
    """High-pass and the two next states.

    It is computed directly: the input minus the outputs of `svf` would be a small difference of large values.
    """
    n, d = prewarp(cutoff, sample_rate)
    qn, qd = q * n, q * d
    damping = qn + d
    share = 1.0 / (qd * d + n * damping)
    rest = audio - charge2
    flow1 = qd * rest - damping * charge1
    flow2 = qn * rest + qd * charge1
    twice = (n + n) * share
    return d * share * flow1, charge1 + twice * flow1, charge2 + twice * flow2
