"""The trapezoidal state-variable filter (Andrew Simper, "Solving the continuous SVF equations", 2013).

Its two states are the charges of the analog filter's capacitors, so they mean the same at every
cutoff: it can be modulated at audio rate with any q and stays stable. A biquad's states do not.

Each state is what it was plus what has flown. The textbook's `2 * out - charge` is the same, but a
sharp low filter loses a hundred-thousandth of its charge a sample, and that is lost in a rounding.
"""

from __future__ import annotations

from graph import helper
from nodes.dsp.math.functions import prewarp


@helper
def svf(audio, cutoff, q, charge1, charge2, sample_rate):
    """Band-pass with a gain of q at the cutoff, low-pass, and the two next states.

    With the warped cutoff as a fraction n / d the filter needs one division, and it depends on the
    controls alone: so the processor does it ahead of the states, whose round trip is what limits a
    filter of few lanes.
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


@helper
def svf_band(audio, cutoff, q, charge1, charge2, sample_rate):
    """Band-pass with a gain of 1 at the cutoff, and the two next states: `svf` of audio / q without that division."""
    n, d = prewarp(cutoff, sample_rate)
    return band(audio, n, d, q, charge1, charge2)


@helper
def band(audio, n, d, q, charge1, charge2):
    """`svf_band` with its warped cutoff given, n / d."""
    qd = q * d
    damping = q * n + d
    step = n / (qd * d + n * damping)
    rest = audio - q * charge2
    flow1 = d * rest - damping * charge1
    flow2 = n * rest + qd * charge1
    twice = step + step
    return charge1 + step * flow1, charge1 + twice * flow1, charge2 + twice * flow2


@helper
def svf_high(audio, cutoff, q, charge1, charge2, sample_rate):
    """High-pass, and the two next states: not what `svf` leaves of its input, a small difference of large numbers."""
    n, d = prewarp(cutoff, sample_rate)
    qn, qd = q * n, q * d
    damping = qn + d
    share = 1.0 / (qd * d + n * damping)
    rest = audio - charge2
    flow1 = qd * rest - damping * charge1
    flow2 = qn * rest + qd * charge1
    twice = (n + n) * share
    return d * share * flow1, charge1 + twice * flow1, charge2 + twice * flow2
