"""Onsets: the moments at which notes and drums begin.

Spectral flux over logarithmic bands with a maximum filter along frequency, which ignores vibrato (Böck and Widmer,
"Maximum filter vibrato suppression for onset detection", DAFx 2013). Each onset is then moved to the steepest rise of
the level in steps of a millisecond.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.spectra import RATE, Frames, at_analysis_rate, in_pieces, magnitudes, triangles

SIZE, HOP = 1_024, 110
"""46 ms windows, 200 per second."""
PER_SECOND = RATE / HOP
BANDS = 24
"""Bands per octave from 30 Hz to 10.5 kHz; those narrower than a bin coincide and are left out."""
LAG = 3
"""Windows between the two spectra that are compared, 15 ms."""
FINE = 22
"""Samples per reading of the level: one millisecond."""

EARLY, REACH = 4, 12
"""Milliseconds: how much the flux leads an onset, and how far the search for the steepest rise goes from there."""

THRESHOLD = 0.045
"""Flux that counts as an onset, in nepers averaged over the bands, above half of the mean of the 200 ms around it."""
FLOOR = 1e-3
"""Amplitude below which a band is silent, -60 dB, so that noise does not trigger."""
NEAREST = 0.030
"""Seconds between two onsets; closer ones are one."""


class OnsetStrength:
    """Accumulates mono sound at `RATE`: flux per window, and the level per millisecond.

    The last 23 ms have no window of their own: a cut-off end would look like an onset.
    """

    def __init__(self) -> None:
        self._cut = Frames(SIZE, HOP)
        self._last = np.full((LAG, bands().shape[1]), np.log(FLOOR), np.float32)
        self._flux: list[NDArray[np.float64]] = []
        self._rest = np.zeros(0, np.float32)
        self._level: list[NDArray[np.float32]] = []

    def hear(self, mono: NDArray[np.float32]) -> None:
        """Adds (samples,)."""
        joined = np.concatenate((self._rest, mono))
        whole = len(joined) // FINE * FINE
        self._level.append(np.square(joined[:whole].reshape(-1, FINE)).mean(axis=1))
        self._rest = joined[whole:]
        self._add(self._cut.hear(mono))

    def _add(self, windows: NDArray[np.float32]) -> None:
        for heard in in_pieces(log_bands, windows):
            both = np.concatenate((self._last, heard))
            before = both[:-LAG]
            widest = np.maximum(np.maximum(before[:, :-2], before[:, 1:-1]), before[:, 2:])
            rise = np.maximum(both[LAG:, 1:-1] - widest, 0.0)
            self._flux.append(rise.mean(axis=1, dtype=np.float64))
            self._last = both[-LAG:]

    def flux(self) -> NDArray[np.float64]:
        """Mean rise per band and window so far, 200 per second."""
        return np.concatenate(self._flux) if self._flux else np.zeros(0)

    def level(self) -> NDArray[np.float32]:
        """Power per millisecond so far."""
        return np.concatenate(self._level) if self._level else np.zeros(0, np.float32)

    def onsets(self) -> NDArray[np.float64]:
        """Times of the onsets so far, in seconds."""
        flux = self.flux()
        return refined(picked(flux), self.level()) if len(flux) else flux


def onsets(audio: ArrayLike, rate: float) -> NDArray[np.float64]:
    """Times in seconds at which notes and drums begin.

    audio   (frames,) or (frames, channels) at `rate` Hz
    """
    strength = OnsetStrength()
    strength.hear(at_analysis_rate(audio, rate))
    return strength.onsets()


def log_bands(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log magnitude (windows, bands)."""
    made: NDArray[np.float32] = np.log(magnitudes(windows) @ bands() + np.float32(FLOOR))
    return made


@cache
def bands() -> NDArray[np.float32]:
    """Weights (bins, bands) of overlapping triangles, each with a sum of at least 1 bin."""
    edges = 30.0 * 2 ** (np.arange(round(BANDS * np.log2(10_500 / 30.0)) + 1) / BANDS)
    bins = np.unique(np.round(edges * SIZE / RATE))
    return triangles(bins[bins >= 1] * RATE / SIZE, SIZE)


def picked(flux: NDArray[np.float64]) -> NDArray[np.int64]:
    """Windows of local maxima that stand out from their surroundings."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    near = round(0.03 * PER_SECOND)
    peaks = flux >= maximum_filter1d(flux, 2 * near + 1)
    stands_out = flux > 0.5 * uniform_filter1d(flux, round(0.2 * PER_SECOND) | 1) + THRESHOLD
    found = np.flatnonzero(peaks & stands_out)
    if not len(found):
        return found
    apart = np.concatenate(([True], np.diff(found) > NEAREST * PER_SECOND))
    return found[apart]


def refined(found: NDArray[np.int64], level: NDArray[np.float32]) -> NDArray[np.float64]:
    """Moves each onset to the steepest rise of the level within the window that found it, and returns seconds."""
    if not len(level):
        return found / PER_SECOND
    smooth = np.convolve(level, np.ones(3) / 3, "same")
    log = np.log(smooth + 1e-7)
    rise = np.concatenate(([log[0] - np.log(1e-7)], np.diff(log)))
    rise = np.convolve(rise, np.ones(4), "same")
    times = []
    for window in found.tolist():
        center = round(window * HOP / FINE) + EARLY
        start = max(0, center - REACH)
        part = rise[start : center + REACH + 1]
        times.append((start + int(np.argmax(part))) * FINE / RATE if len(part) else window / PER_SECOND)
    return np.unique(np.array(times))
