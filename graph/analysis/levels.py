"""Levels: peak, true peak, RMS, DC, clipping, stereo correlation, noise floor and silence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.lufs import Loudness, k_weighting, loudness_of
from graph.analysis.measure import CHANNEL, JOB, TAPS, measure, true_peak_taps
from graph.native.cache import addresses, callable_at, function_unit

WINDOW = 0.05
"""Seconds per level reading for noise floor and silence; loudness is read every second one."""
QUIET = 1e-9
"""Smallest amplitude shown as a level: -180 dB."""


def decibels(amplitude: float) -> float:
    """Amplitude as dB relative to full scale; at least -180."""
    return float(20 * np.log10(max(float(amplitude), QUIET)))


def frames_of(audio: ArrayLike) -> NDArray[np.float32]:
    """`audio` as float32 (frames, channels): a one-dimensional array is one channel. ValueError for other shapes."""
    array = np.asarray(audio, np.float32)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"audio must have the shape (frames,) or (frames, channels), not {array.shape}")
    return array


class Levels:
    """[control] Accumulates (frames, channels) piece by piece; all readings are of everything heard so far.

    rate, channels   of the sound; rate in Hz
    frames           heard so far
    """

    def __init__(self, rate: float, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self.frames = 0
        self._call = callable_at(addresses([function_unit(measure)])[0])
        self._taps, self._weighting = true_peak_taps(), k_weighting(rate)
        self._state = np.zeros(channels, CHANNEL)
        self._last = np.zeros((channels, TAPS), np.float32)
        self._length = max(1, round(WINDOW * rate))
        self._power: list[NDArray[np.float64]] = []
        self._open = np.zeros((1, 2))

    def hear(self, audio: NDArray[np.float32]) -> None:
        """Adds (frames, channels)."""
        count = len(audio)
        if not count:
            return
        planar = np.empty((self.channels, TAPS + count), np.float32)
        planar[:, :TAPS] = self._last
        planar[:, TAPS:] = audio.T
        start = self.frames % self._length
        power = np.zeros((-(-(start + count) // self._length), 2))
        power[0] = self._open[0]
        job = np.zeros(1, JOB)
        job[0] = (
            planar.ctypes.data,
            count,
            self.channels,
            self._taps.ctypes.data,
            self._weighting.ctypes.data,
            self._state.ctypes.data,
            power.ctypes.data,
            len(power),
            start,
            self._length,
        )
        self._call(job.ctypes.data)
        self.frames += count
        self._last = planar[:, count:].copy()
        whole = (start + count) // self._length
        self._power.append(power[:whole])
        self._open = power[whole:] if whole < len(power) else np.zeros((1, 2))

    @property
    def peak(self) -> float:
        """Largest amplitude of a sample."""
        return float(self._state["peak"].max())

    @property
    def true_peak(self) -> float:
        """Largest amplitude of the waveform between the samples, by 4x oversampling (ITU-R BS.1770-5, Annex 2)."""
        rest = Levels(self.rate, self.channels)  # what follows the last sample is silence
        rest._last = self._last
        rest._state["true_peak"] = self._state["true_peak"]
        rest.hear(np.zeros((TAPS, self.channels), np.float32))
        return float(rest._state["true_peak"].max())

    @property
    def rms(self) -> float:
        """Root of the mean square over all channels."""
        return float(np.sqrt(self._state["square"].sum() / max(1, self.frames * self.channels)))

    @property
    def dc(self) -> float:
        """Mean of the channel that is furthest from zero, with its sign."""
        means = self._state["total"] / max(1, self.frames)
        return float(means[np.argmax(np.abs(means))])

    @property
    def clipped(self) -> int:
        """Samples in runs of three or more at full scale."""
        return int(self._state["clipped"].sum())

    @property
    def correlation(self) -> float:
        """Of the first two channels, -1 to 1; 1 for mono and for silence."""
        if self.channels < 2 or not self._state["square"][:2].all():
            return 1.0
        return float(np.clip(self._state["product"][0] / np.sqrt(self._state["square"][:2].prod()), -1, 1))

    @property
    def windows(self) -> NDArray[np.float64]:
        """RMS of each whole window of 0.05 s, as an amplitude."""
        return np.sqrt(self._powers()[:, 0] / (self._length * self.channels))

    @property
    def noise_floor(self) -> float:
        """Level of the quietest tenth of the windows that are not digital silence, as an amplitude; 0 if all are."""
        heard = self.windows
        heard = heard[heard > QUIET]
        return float(np.quantile(heard, 0.1)) if len(heard) else 0.0

    @property
    def tenths(self) -> NDArray[np.float64]:
        """Mean K-weighted power of each whole tenth of a second, summed over the channels."""
        halves = self._powers()[:, 1] / self._length
        whole = len(halves) // 2 * 2
        if not whole and self.frames:  # shorter than a tenth: one moment
            return np.array([(self._powers()[:, 1].sum() + self._open[0, 1]) / self.frames])
        return (halves[:whole:2] + halves[1:whole:2]) / 2

    def loudness(self) -> Loudness:
        """Loudness and its range."""
        return loudness_of(self.tenths)

    def _powers(self) -> NDArray[np.float64]:
        return np.concatenate(self._power) if self._power else np.zeros((0, 2))


def true_peak(audio: ArrayLike) -> float:
    """Largest amplitude of the waveform between the samples, by 4x oversampling (ITU-R BS.1770-5, Annex 2).

    audio   (frames,) or (frames, channels)
    """
    return levels_of(audio, 48_000).true_peak


def loudness(audio: ArrayLike, rate: float) -> Loudness:
    """Loudness of (frames,) or (frames, channels) at `rate` Hz; all channels have equal weight."""
    return levels_of(audio, rate).loudness()


def silences(audio: ArrayLike, rate: float, below: float = -60.0, seconds: float = 0.3) -> list[tuple[float, float]]:
    """Silent passages as (start, end) in seconds.

    audio     (frames,) or (frames, channels) at `rate` Hz
    below     level in dB of full scale, by RMS over 0.05 s; `seconds`: shortest passage that counts
    """
    return list(silent(levels_of(audio, rate).windows, below, seconds))


def levels_of(audio: ArrayLike, rate: float) -> Levels:
    """The levels of a whole sound."""
    array = frames_of(audio)
    levels = Levels(rate, array.shape[1])
    levels.hear(array)
    return levels


def silent(windows: NDArray[np.float64], below: float, seconds: float) -> Iterator[tuple[float, float]]:
    """Passages of windows below a level in dB that last at least `seconds`."""
    quiet = windows < 10 ** (below / 20)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (end - start) * WINDOW >= seconds - 1e-9:
            yield round(start * WINDOW, 6), round(end * WINDOW, 6)
