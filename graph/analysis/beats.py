"""Tempo and beats: autocorrelation of the onset strength, then the best chain of beats through it.

Ellis, "Beat Tracking by Dynamic Programming", Journal of New Music Research 36 (2007).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.attacks import EARLY, PER_SECOND, OnsetStrength
from graph.analysis.spectra import at_analysis_rate

SLOWEST, FASTEST = 40.0, 240.0
"""Beats per minute."""
LIKELY, SPREAD = 120.0, 0.9
"""The tempo preferred among multiples of one another, and the width of that preference in octaves."""
SMOOTHING = 4.0
"""Windows, 20 ms: how far from its place a beat may be played."""
MULTIPLES = (0.5, 1, 2, 4, 8)
"""Times after which the onsets repeat, in beats: halves, and bars and phrases. Three quarters of a beat do not add up
to a bar, so a dotted rhythm is not taken for the beat."""
TIGHTNESS = 400.0
"""Weight of an even beat against a strong onset, Ellis's alpha for strengths of variance 1."""
FEWEST = 4.0
"""Seconds of sound below which no tempo is given."""


class Tempo(NamedTuple):
    """What `tempo` found.

    bpm          beats per minute; NaN if the sound is too short or has no onsets
    beats        times of the beats in seconds
    confidence   0 to 1: how much of the onset strength repeats after one beat
    """

    bpm: float
    beats: NDArray[np.float64]
    confidence: float


NONE = Tempo(float("nan"), np.zeros(0), 0.0)


def tempo(audio: ArrayLike, rate: float) -> Tempo:
    """Tempo and beats; half or twice the notated tempo may be found, as by a listener.

    audio   (frames,) or (frames, channels) at `rate` Hz
    """
    strength = OnsetStrength()
    strength.hear(at_analysis_rate(audio, rate))
    return tempo_of(strength.flux())


def tempo_of(flux: NDArray[np.float64]) -> Tempo:
    """Tempo and beats of an onset strength with `PER_SECOND` values per second."""
    from scipy.ndimage import gaussian_filter1d

    if len(flux) < FEWEST * PER_SECOND or flux.std() < 1e-6:
        return NONE
    strength = gaussian_filter1d(flux - flux.mean(), SMOOTHING)
    strength /= strength.std()
    period, confidence = _period(strength)
    if not period:
        return NONE
    found = _chain(strength, period)
    if len(found) < 3:
        return NONE
    times = found / PER_SECOND + EARLY / 1000
    return Tempo(_bpm(found, period), times, confidence)


def _period(strength: NDArray[np.float64]) -> tuple[float, float]:
    """The likeliest time between beats, in windows, and how strongly the onsets repeat after it."""
    from scipy.signal import fftconvolve

    longest = min(len(strength) * 4 // 5, round(8 * 60 / SLOWEST * PER_SECOND))  # later ones overlap too little
    same = fftconvolve(strength, strength[::-1])[len(strength) - 1 :][: longest + 1]
    same = same / np.arange(len(strength), len(strength) - longest - 1, -1)
    lags = np.arange(60 / FASTEST * PER_SECOND, 60 / SLOWEST * PER_SECOND, 0.25)
    score = np.zeros(len(lags))
    count = np.zeros(len(lags))
    for multiple in MULTIPLES:
        inside = lags * multiple <= longest
        score[inside] += np.interp(lags[inside] * multiple, np.arange(longest + 1), same)
        count += inside
    score /= np.maximum(count, 1)
    preferred = np.exp(-0.5 * (np.log2(60 * PER_SECOND / lags / LIKELY) / SPREAD) ** 2)
    best = int(np.argmax(score * preferred))
    if score[best] <= 0:
        return 0.0, 0.0
    return float(lags[best]), float(np.clip(score[best] / same[0], 0, 1))


def _chain(strength: NDArray[np.float64], period: float) -> NDArray[np.int64]:
    """The windows of the beats: the chain with the strongest onsets at the most even distances."""
    reach = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -TIGHTNESS * np.log(-reach / period) ** 2
    lead = -int(reach[0])  # room for a beat before the first onset
    total = np.concatenate((np.zeros(lead), strength))
    last = np.full(len(total), -1)
    for now in range(lead, len(total)):
        before = total[now + reach] + cost
        best = int(np.argmax(before))
        if before[best] > 0:
            total[now] += before[best]
            last[now] = now + reach[best]
    end = max(0, len(total) - round(period))
    now = end + int(np.argmax(total[end:]))
    found = []
    while now >= 0:
        found.append(now)
        now = int(last[now])
    heard = np.array(found[::-1]) - lead
    return heard[heard >= 0]


def _bpm(found: NDArray[np.int64], period: float) -> float:
    """Beats per minute: the slope of the beats' times, robust against single beats that are off."""
    steps = np.diff(found)
    even = steps[np.abs(steps / np.median(steps) - 1) < 0.2]
    mean = float(even.mean()) if len(even) else period
    return 60 * PER_SECOND / mean
