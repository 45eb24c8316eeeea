"""Pitch: the fundamental frequency of a single voice over time.

YIN (de Cheveigné and Kawahara, J. Acoust. Soc. Am. 111, 2002) with the difference function computed by FFT, candidates
weighted against octave errors by a Viterbi search as in pYIN (Mauch and Dixon, ICASSP 2014).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.spectra import RATE, Frames, at_analysis_rate

SIZE, HOP = 2_048, 220
"""93 ms windows, 100 per second."""
PER_SECOND = RATE / HOP
LONGEST, SHORTEST = 850, 5
"""Periods in samples: 26 Hz to 4.4 kHz."""
CANDIDATES = 6
OCTAVE = 0.02
"""Cost per octave of a longer period."""
GOOD = 0.5
"""Confidence from which a window counts as pitched."""
QUIET = 1e-4
"""RMS below which a window has no pitch, -80 dB."""
JUMP = 1.2
"""Cost per octave of a change from one window to the next, against aperiodicities of 0 to 1."""


class Pitch(NamedTuple):
    """The pitch over time, one value per 10 ms.

    times        centers of the windows in seconds
    hertz        fundamental frequency, 26 to 4,400 Hz; NaN where there is none
    confidence   0 to 1: how much of the sound repeats after that period
    """

    times: NDArray[np.float64]
    hertz: NDArray[np.float64]
    confidence: NDArray[np.float64]

    @property
    def median(self) -> float:
        """Median frequency in Hz of all pitched windows; NaN if there are none."""
        known = self.hertz[np.isfinite(self.hertz)]
        return float(np.median(known)) if len(known) else float("nan")

    @property
    def key(self) -> float:
        """The median as a MIDI key number with cents as fraction: 69 is A4 at 440 Hz."""
        return float(69 + 12 * np.log2(self.median / 440))


def pitch(audio: ArrayLike, rate: float) -> Pitch:
    """Pitch of a single voice; of a chord, one of its notes or a common period.

    audio   (frames,) or (frames, channels) at `rate` Hz; channels are averaged
    """
    track = PitchTrack()
    track.hear(at_analysis_rate(audio, rate))
    return track.pitch()


class PitchTrack:
    """Accumulates mono sound at `RATE`: candidates of each window, joined into a track by `pitch`."""

    def __init__(self) -> None:
        self._cut = Frames(SIZE, HOP)
        self._found: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []

    def hear(self, mono: NDArray[np.float32]) -> None:
        """Adds (samples,)."""
        self._add(self._cut.hear(mono))

    def _add(self, windows: NDArray[np.float32]) -> None:
        for start in range(0, len(windows), 256):
            self._found.append(candidates(windows[start : start + 256]))

    def pitch(self) -> Pitch:
        """The track so far; ends the stream."""
        self._add(self._cut.end())
        if not self._found:
            return Pitch(np.zeros(0), np.zeros(0), np.zeros(0))
        periods, costs = (np.concatenate(each) for each in zip(*self._found, strict=True))
        chosen = smoothest(periods, costs)
        rows = np.arange(len(periods))
        confidence = np.clip(1 - costs[rows, chosen], 0, 1)
        hertz = np.where(confidence >= GOOD, RATE / periods[rows, chosen], np.nan)
        return Pitch(rows * HOP / RATE, hertz, confidence)


def differences(windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """YIN's cumulative mean normalized difference (windows, LONGEST + 2): near 0 at a period, else near 1."""
    length = SIZE - LONGEST - 2  # summed over as many samples at every lag
    size = 4_096
    whole = np.fft.rfft(windows.astype(np.float64), size, axis=1)
    start = np.fft.rfft(windows[:, :length].astype(np.float64), size, axis=1)
    same = np.fft.irfft(whole * start.conj(), size, axis=1)[:, : LONGEST + 2]
    power = np.zeros((len(windows), SIZE + 1))
    np.cumsum(np.square(windows, dtype=np.float64), axis=1, out=power[:, 1:])
    lags = np.arange(LONGEST + 2)
    moved = power[:, lags + length] - power[:, lags]
    difference = np.maximum(moved[:, :1] + moved - 2 * same, 0)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags[1:]
    normalized = np.ones_like(difference)
    normalized[:, 1:] = difference[:, 1:] / np.maximum(mean, 1e-12)
    loud = moved[:, 0] / length > QUIET**2
    normalized[~loud] = 1.0
    return np.asarray(normalized, np.float64)


def candidates(windows: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Periods in samples and their aperiodicity, (windows, CANDIDATES) each, from the minima of the difference."""
    found = differences(windows)
    left, center, right = found[:, :-2], found[:, 1:-1], found[:, 2:]
    minima = (center < left) & (center <= right)
    minima[:, : SHORTEST - 1] = False
    bend = np.where(minima, left - 2 * center + right, 1.0)  # the parabola through three lags, positive at a minimum
    offset = 0.5 * (left - right) / bend
    # A multiple of the period is as good a minimum: prefer the shortest by a small cost per octave.
    depth = np.maximum(center - 0.25 * (left - right) * offset, 0.0)
    costs = np.where(minima, depth + OCTAVE * np.log2(np.arange(1, center.shape[1] + 1)), 1.0)
    best = np.argpartition(costs, CANDIDATES, axis=1)[:, :CANDIDATES]
    rows = np.arange(len(found))[:, None]
    periods = best + 1 + np.clip(np.where(minima, offset, 0.0)[rows, best], -0.5, 0.5)
    costs = costs[rows, best]
    return periods, np.minimum(costs, 1.0)


def smoothest(periods: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """The candidate of each window on the path with the least aperiodicity and the fewest jumps (Viterbi)."""
    octaves = np.log2(periods)
    total = costs[0].copy()
    back = np.zeros(costs.shape, np.int64)
    for now in range(1, len(costs)):
        # A window without a pitch costs nothing to enter or leave: notes may be any interval apart.
        weight = (1 - np.minimum(costs[now][:, None], 1)) * (1 - np.minimum(costs[now - 1][None, :], 1))
        step = JUMP * weight * np.minimum(np.abs(octaves[now][:, None] - octaves[now - 1][None, :]), 1)
        ways = total[None, :] + step
        back[now] = np.argmin(ways, axis=1)
        total = ways.min(axis=1) + costs[now]
    path = np.empty(len(costs), np.int64)
    path[-1] = int(np.argmin(total))
    for now in range(len(costs) - 1, 0, -1):
        path[now - 1] = back[now, path[now]]
    return path
