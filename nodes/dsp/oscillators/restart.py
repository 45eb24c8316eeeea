"""Band-limited restarts of an oscillator by a trigger or another oscillator, at unpredictable times.

The steps of blep.py start 5.3 frames before their edge, so the edge must be known in advance. A restart is not,
so its jump passes a causal low-pass filter: a continuous-time Chebyshev type II of order 8, -3 dB at
0.33 of the sample rate and -78 dB at 0.67, from where aliases fold into the audible range. The output is the waveform
after the jump plus the filter's transient: four damped complex oscillations. They are linear, so jumps
may be arbitrarily close, and each starts at its exact time between frames.
Martin Holters and Julian Parker use the same sum of exponentials in "A combined model for a bucket brigade device and
its input and output filters", DAFx 2018.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp, cosine, exp, sine

LEFT, WAITS, WAS_TRIGGER, WAS_SYNC, WENT, RINGING = range(6)
"""Rows of `jumps`: frames until the transient has decayed; 1 until the first frame; the last value of `trigger` and of
`sync`; the last phase step. Then the real and imaginary parts of the filter state."""
POLES = 4
ROWS = RINGING + 2 * POLES

RATES = (-2.2545923803281678, -1.774848859704979, -1.0771279228169817, -0.3551970490148112)
TURNS = (0.0809831187416086, 0.21415027649640524, 0.29109810233576644, 0.3224573194983755)
"""Poles of the filter: nepers and cycles per frame."""
STEP_RE = (0.09162488826981065, 0.03785993460301978, -0.0869708282511075, -0.30824404715233283)
STEP_IM = (0.05111076265007083, 0.1652267629499894, 0.329280348048735, 0.629631707445739)
"""Factor of each oscillation per frame."""
AREA_RE = (13.274893364283455, -15.024855707565305, 0.6052258276819775, 1.1443910831743287)
AREA_IM = (-20.351034540511247, -3.040939429254978, 5.977722114945276, -0.408840578042829)
"""Contribution of an impulse of area 1 to each: the impulse response."""
VALUE_RE = (-7.540995935477857, 4.550902248030487, 2.281970274801929, -0.2918449645779554)
VALUE_IM = (7.324576752583879, 5.163474685432632, -1.674773468975377, -0.513671401324147)
"""Contribution of a jump by 1: the step response minus the step."""
SLOPE_RE = (-12.752897911865817, 9.81023987137803, 3.807922565496637, -0.8651947746219254)
SLOPE_IM = (13.782818119691825, 8.307217727915631, -4.220032117949193, -0.9501326285546523)
"""Contribution of a slope change of 1 per frame, with a step that compensates the filter's delay of 2.2 frames."""

CATCHES_UP = 48.0
"""Frames until the transient of a jump is below -140 dB."""
FOREVER = 1e9
"""The same for a lane whose edges all pass the filter; in float32, subtracting 1 does not change it."""


@inline
def add_jump(jumps, lane, lanes, area, value, slope, since):
    """Adds an impulse of `area`, a jump by `value` and a slope change of `slope` per frame, `since` frames ago."""
    since = clamp(since, 0.0, 1.0)  # broken inputs must not make the oscillations grow
    for k in range(POLES):
        re = area * np.float32(AREA_RE[k]) + value * np.float32(VALUE_RE[k]) + slope * np.float32(SLOPE_RE[k])
        im = area * np.float32(AREA_IM[k]) + value * np.float32(VALUE_IM[k]) + slope * np.float32(SLOPE_IM[k])
        size = exp(np.float32(RATES[k]) * since)
        cos, sin = size * cosine(np.float32(TURNS[k]) * since), size * sine(np.float32(TURNS[k]) * since)
        at = (RINGING + k) * lanes + lane
        store(jumps, at, load(jumps, at) + re * cos - im * sin)
        at += POLES * lanes
        store(jumps, at, load(jumps, at) + re * sin + im * cos)
    left = load(jumps, LEFT * lanes + lane)
    store(jumps, LEFT * lanes + lane, left if left > CATCHES_UP else CATCHES_UP)


@inline
def ringing(jumps, lane, lanes):
    """The sum of all transients at this frame; advances by one frame."""
    left = load(jumps, LEFT * lanes + lane)
    goes = np.float32(1.0) if left > 0.0 else np.float32(0.0)  # leaves exactly 0 at the end
    total = np.float32(0.0)
    for k in range(POLES):
        at = (RINGING + k) * lanes + lane
        re, im = load(jumps, at), load(jumps, at + POLES * lanes)
        total += re
        store(jumps, at, goes * (re * np.float32(STEP_RE[k]) - im * np.float32(STEP_IM[k])))
        store(jumps, at + POLES * lanes, goes * (re * np.float32(STEP_IM[k]) + im * np.float32(STEP_RE[k])))
    store(jumps, LEFT * lanes + lane, left - goes)
    return total
