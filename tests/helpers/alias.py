"""Measures aliasing: the power of a tone's harmonics against the rest."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from graph.native.functions import PLAIN

compiled = pytest.mark.skipif(PLAIN, reason="seconds of sound take minutes in plain Python")
Floats: TypeAlias = "npt.NDArray[np.float64]"

C8 = float(np.float32(4_186.009))


def spectrum(
    x: Floats, freq: float, sample_rate: float = 48_000.0
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Floats]:
    """Power and frequency of every bin, the mask of harmonic bins, and each harmonic's power."""
    power = np.abs(np.fft.rfft((x - x.mean()) * np.kaiser(len(x), 26))) ** 2
    hertz: Floats = np.fft.rfftfreq(len(x), 1 / sample_rate).astype(np.float64)
    tone = np.zeros(len(power), np.bool_)
    harmonics = []
    for at in np.arange(freq, sample_rate / 2, freq) * len(x) / sample_rate:
        part = slice(max(0, round(at) - 16), round(at) + 17)
        tone[part] = True
        harmonics.append(power[part].sum())
    power[hertz < min(200, freq / 2)] = 0
    return power, hertz, tone, np.array(harmonics)


def alias(x: Floats, freq: float, below: float = 1e9, sample_rate: float = 48_000.0) -> float:
    """Non-harmonic power below a frequency, relative to all harmonics, in dB."""
    power, hertz, tone, _ = spectrum(x, freq, sample_rate)
    return float(10 * np.log10(power[~tone & (hertz < below)].sum() / power[tone].sum() + 1e-30))


def levels(x: Floats, freq: float, sample_rate: float = 48_000.0) -> Floats:
    """Levels of the harmonics from the first up, in dB relative to the first."""
    _, _, _, harmonics = spectrum(x, freq, sample_rate)
    found: Floats = 10 * np.log10(harmonics / harmonics[0] + 1e-30)
    return found


def alias_of_a_glide(x: Floats, freq: Floats, sample_rate: float = 48_000.0) -> tuple[float, float]:
    """The same while `freq`, a value a sample, glides, in all and below 16 kHz.

    What is harmonic is found as the sum of the harmonics of the running phase, each at a level that
    may bend with the pitch; what this leaves over is not.
    """
    turns = np.concatenate([[0.0], np.cumsum(np.float32(freq).astype(np.float64) / sample_rate)[:-1]])
    count = int(sample_rate / 2 / freq.min())
    bend = np.polynomial.legendre.legvander(np.interp(freq, (freq.min(), freq.max()), (-1, 1)), 5)
    parts = [bend]
    for k in range(1, count + 1):
        # As nodes/dsp/oscillators/harmonics.py fades them out.
        fade = np.clip(4 - 8 * k * freq / sample_rate, 0, 1)[:, None]
        level = np.concatenate([bend, fade * bend], axis=1) if 0 < fade.mean() < 1 else bend
        parts += [f(2 * np.pi * k * turns)[:, None] * level for f in (np.cos, np.sin)]
    basis = np.concatenate(parts, axis=1)
    tone = basis @ np.linalg.lstsq(basis, x, rcond=None)[0]
    window = np.kaiser(len(x), 14)
    rest = np.abs(np.fft.rfft((x - tone) * window)) ** 2
    total = np.sum(np.abs(np.fft.rfft(tone * window)) ** 2)
    low = np.fft.rfftfreq(len(x), 1 / sample_rate) < 16_000
    return 10 * np.log10(rest.sum() / total), 10 * np.log10(rest[low].sum() / total)
