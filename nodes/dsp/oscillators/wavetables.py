"""Single-cycle wavetables: stored as spectra and rendered once per quarter octave of pitch.

A level holds the harmonics that do not alias up to its pitch, in a table eight times as fine as they need, so cubic
interpolation adds no artifacts. The two alias-free levels nearest the pitch are blended. Harmonics below 17 kHz (at
48 kHz) are in both, so nothing drops out during a glide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import AudioFileError, inline
from graph.media import read_recording
from graph.native import load

HARMONICS = 512
LEVELS = 39
FINEST = 12
"""Bits of the longest table; tables halve in length per octave, down to 2**5."""

TABLES = ("basic", "pulse", "harmonics", "vowels")
MOST = 256
"""Most cycles in a file."""

VOWELS = ((800, 1150, 2900), (400, 1700, 2600), (350, 2000, 2800), (450, 800, 2830), (325, 700, 2700))


def built_in(name: str) -> Any:
    """[control] Spectra (cycles, harmonics from the first up) as sine amplitudes."""
    k = np.arange(1, HARMONICS + 1)
    odd = k % 2
    if name == "basic":
        triangle = odd * (-1.0) ** (k // 2) * 8 / np.pi**2 / k**2
        return np.array([k == 1, triangle, 2 / np.pi / k, odd * 4 / np.pi / k]) * 1j
    if name == "pulse":
        width = np.linspace(0.5, 0.03, 16)[:, None]
        return (2 / np.pi / k * (1 - np.exp(-2j * np.pi * k * width))) * 1j
    if name == "harmonics":
        middle = np.arange(1, 33)[:, None]
        return np.exp(-(((k - middle) / (0.3 + 0.1 * middle)) ** 2)) * 1j
    # A male voice at 110 Hz: a e i o u.
    hertz = 110.0 * k
    peaks = [sum(10 ** (-0.3 * i) / (1 + ((hertz - f) / 90) ** 2) for i, f in enumerate(v)) for v in VOWELS]
    return (np.array(peaks) + 0.01) / np.sqrt(k) * 1j


def from_file(path: str, size: int) -> Any:
    """[control] Complex spectra of a recording of consecutive cycles of `size` samples."""
    audio, _ = read_recording(path, channels=8)
    count = len(audio) // size
    if not 1 <= count <= MOST:
        raise AudioFileError(f"{path} has {count} cycles of {size} samples; a wavetable needs 1 to {MOST}")
    return 2 / size * np.conj(np.fft.rfft(audio[: count * size, 0].reshape(count, size)))[:, 1 : HARMONICS + 1]


def written(spectra: Any) -> dict[str, Any]:
    """[control] The states `table`, `starts` and `bits` for all levels of `spectra`."""
    levels, starts, bits, at = [], [], [], 0
    for level in range(LEVELS):
        count = min(max(1, int(HARMONICS * 2 ** (-level / 4) + 1e-9)), spectra.shape[1])
        size = 1 << max(FINEST - level // 4, 5)
        spectrum = np.zeros((len(spectra), size // 2 + 1), complex)
        spectrum[:, 1 : count + 1] = np.conj(spectra[:, :count]) * size / 2
        wave = np.fft.irfft(spectrum)
        levels.append(np.concatenate([wave[:, -1:], wave, wave[:, :2]], axis=1).ravel())
        starts.append(at)
        bits.append(size.bit_length() - 1)
        at += levels[-1].size
    table = np.concatenate(levels)
    peak = np.abs(levels[0]).max()
    return {"table": table / (peak if peak > 1e-9 else 1.0), "starts": starts, "bits": bits}


@inline
def cubic(table, at, x):
    """Between the second and the third of four points from `at` on, by Lagrange's cubic; the table is port 10."""
    a, b = load(table, at), load(table, at + 1)
    c, d = load(table, at + 2), load(table, at + 3)
    outer = 0.16666667 * x * (x - 1.0)
    inner = 0.5 * (x + 1.0) * (x - 2.0)
    return outer * ((x + 1.0) * d - (x - 2.0) * a) + inner * ((x - 1.0) * b - x * c)


@inline
def reading(table, start, bits, turn, cycle, blend):
    """One level at phase `turn`, `blend` of the way from `cycle` to the next."""
    whole = np.int64(turn) >> (32 - bits)
    rest = (np.int64(turn) << bits) & 0xFFFFFFFF
    x = 2.3283064365386963e-10 * np.float32(rest)
    length = (np.int64(1) << bits) + 3
    at = start + cycle * length + whole
    here = cubic(table, at, x)
    return here + blend * (cubic(table, at + length, x) - here)
