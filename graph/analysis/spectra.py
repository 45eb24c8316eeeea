"""Spectra: the long-term spectrum, chroma and MFCC, from overlapping windows of mono sound at one analysis rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.levels import frames_of

RATE = 22_050
"""Sample rate in Hz at which onsets, tempo, pitch and key are found; what lies above 11 kHz tells nothing more."""


class Spectrum(NamedTuple):
    """frequencies in Hz, and the mean level of each in dB: a full-scale sine reads 0 dB at its frequency."""

    frequencies: NDArray[np.float64]
    levels: NDArray[np.float64]


def at_analysis_rate(audio: ArrayLike, rate: float) -> NDArray[np.float32]:
    """The mean of all channels at `RATE`; ValueError for shapes other than (frames,) and (frames, channels)."""
    mono = np.asarray(frames_of(audio).mean(axis=1), np.float32)
    if rate == RATE or not len(mono):
        return mono
    import soxr

    return np.asarray(soxr.resample(mono, rate, RATE, quality="HQ"), np.float32)


class Frames:
    """Cuts a stream into overlapping windows: `hear` returns the complete ones as (windows, size).

    size, hop   in samples
    lead        samples of silence before the stream; by default half a window, so that window i is centered at sample
                i * hop
    """

    def __init__(self, size: int, hop: int, lead: int | None = None) -> None:
        self.size, self.hop = size, hop
        self._rest = np.zeros(size // 2 if lead is None else lead, np.float32)

    def hear(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """Adds (samples,) and returns the windows that it completes."""
        joined = np.concatenate((self._rest, mono))
        count = max(0, (len(joined) - self.size) // self.hop + 1)
        self._rest = joined[count * self.hop :]
        if not count:
            return np.zeros((0, self.size), np.float32)
        return np.lib.stride_tricks.sliding_window_view(joined, self.size)[:: self.hop][:count]

    def end(self) -> NDArray[np.float32]:
        """The windows centered at the remaining samples, filled with silence."""
        return self.hear(np.zeros(self.size // 2, np.float32))


def magnitudes(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Magnitude spectra (windows, size // 2 + 1) with a Hann window; a full-scale sine reads 1."""
    size = windows.shape[1]
    return np.abs(np.fft.rfft(windows * _hann(size), axis=1)).astype(np.float32)


@cache
def _hann(size: int) -> NDArray[np.float32]:
    window = np.hanning(size + 1)[:size]
    return np.asarray(window * 2 / window.sum(), np.float32)


def in_pieces(
    make: Callable[[NDArray[np.float32]], NDArray[np.float32]], windows: NDArray[np.float32], at_once: int = 512
) -> Iterator[NDArray[np.float32]]:
    """`make` of up to `at_once` windows at a time, which bounds memory."""
    for start in range(0, len(windows), at_once):
        yield make(windows[start : start + at_once])


def spectrum(audio: ArrayLike, rate: float, size: int = 8_192) -> Spectrum:
    """Long-term average spectrum of the mean of all channels.

    audio   (frames,) or (frames, channels) at `rate` Hz
    size    window length in frames; windows overlap by half (Welch's method)
    """
    mono = frames_of(audio).mean(axis=1)
    mono = np.pad(mono, (0, max(0, size - len(mono))))
    power, count = np.zeros(size // 2 + 1), 0
    for made in in_pieces(magnitudes, Frames(size, size // 2, lead=0).hear(mono)):
        power += np.square(made, dtype=np.float64).sum(axis=0)
        count += len(made)
    levels = 10 * np.log10(np.maximum(power / max(1, count), 1e-18))
    return Spectrum(np.asarray(np.fft.rfftfreq(size, 1 / rate), np.float64), levels)


MEL_SIZE, MEL_HOP = 1_024, 256
MEL_BANDS = 40


def mfcc(audio: ArrayLike, rate: float, count: int = 13) -> NDArray[np.float64]:
    """Mel-frequency cepstral coefficients: (windows, count), one row per 11.6 ms, the first being the level.

    Davis and Mermelstein, IEEE Trans. ASSP 28 (1980): 40 triangular bands on the mel scale, logarithm, DCT.
    """
    if not 1 <= count <= MEL_BANDS:
        raise ValueError(f"count must be 1 to {MEL_BANDS}, not {count}")
    from scipy.fft import dct

    cut = Frames(MEL_SIZE, MEL_HOP)
    mono = at_analysis_rate(audio, rate)
    rows = [
        np.log(np.maximum(made @ mel_filters(), 1e-9))
        for windows in (cut.hear(mono), cut.end())
        for made in in_pieces(magnitudes, windows)
    ]
    levels = np.concatenate(rows) if rows else np.zeros((0, MEL_BANDS))
    return np.asarray(dct(levels, axis=1, norm="ortho")[:, :count], np.float64)


@cache
def mel_filters() -> NDArray[np.float32]:
    """Triangular bands from 20 Hz to 11 kHz, evenly spaced in mel: (bins, bands)."""
    edges = np.linspace(_mel(20.0), _mel(RATE / 2), MEL_BANDS + 2)
    return triangles(700 * (10 ** (edges / 2595) - 1), MEL_SIZE)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def triangles(edges: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """Overlapping triangles between edges in Hz, as weights (bins, len(edges) - 2) of a spectrum of `size` samples."""
    hertz = np.fft.rfftfreq(size, 1 / RATE)[:, None]
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, 1), np.float32)


CHROMA_SIZE, CHROMA_HOP = 8_192, 2_048
CHROMA_LOW, CHROMA_HIGH = 65.0, 2_100.0
"""Hz: from C2, below which neighboring semitones share a bin, to C7."""


def chroma(audio: ArrayLike, rate: float) -> NDArray[np.float64]:
    """Energy of each pitch class from C: (windows, 12), one row per 93 ms, the largest value of a row being 1."""
    profile = ChromaProfile()
    profile.hear(at_analysis_rate(audio, rate))
    rows = profile.rows()
    return np.asarray(rows / np.maximum(rows.max(axis=1, keepdims=True), 1e-12), np.float64)


class ChromaProfile:
    """Accumulates pitch-class energy of mono sound at `RATE`, from spectral peaks and their exact frequencies."""

    def __init__(self) -> None:
        self._cut = Frames(CHROMA_SIZE, CHROMA_HOP)
        self._rows: list[NDArray[np.float64]] = []

    def hear(self, mono: NDArray[np.float32]) -> None:
        """Adds (samples,)."""
        self._add(self._cut.hear(mono))

    def rows(self) -> NDArray[np.float64]:
        """Energy (windows, 12) so far; ends the stream."""
        self._add(self._cut.end())
        return np.concatenate(self._rows) if self._rows else np.zeros((0, 12))

    def _add(self, windows: NDArray[np.float32]) -> None:
        self._rows += [pitch_classes(made) for made in in_pieces(magnitudes, windows, 64)]


def pitch_classes(made: NDArray[np.float32]) -> NDArray[np.float64]:
    """Energy per pitch class (windows, 12) from the spectral peaks of magnitude spectra."""
    first, last = (round(each * CHROMA_SIZE / RATE) for each in (CHROMA_LOW, CHROMA_HIGH))
    log = np.log(np.maximum(made[:, first - 1 : last + 2], 1e-9)).astype(np.float64)
    left, center, right = log[:, :-2], log[:, 1:-1], log[:, 2:]
    peaks = (center > left) & (center >= right) & (center > log.max(axis=1, keepdims=True) - np.log(100.0))
    window, place = np.nonzero(peaks)
    a, b, c = left[peaks], center[peaks], right[peaks]
    offset = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)  # vertex of the parabola through three bins
    key = 69 + 12 * np.log2((first + place + offset) * RATE / CHROMA_SIZE / 440)
    found = np.zeros((len(made), 12))
    near = np.abs(key - np.round(key))
    weight = np.exp(b) * np.cos(np.pi * near)  # 1 in tune, 0 half-way between two keys
    np.add.at(found, (window, np.round(key).astype(int) % 12), weight)
    return found
