"""Single cycles as wavetables: kept as spectra, and written out once for every quarter octave of pitch.

A level holds the harmonics that are safe up to its pitch, in a table eight times as fine as they
need, so that a cubic between its points adds nothing. The two levels that are safe are blended;
what is below 17 kHz (of 48) is in both, so a glide is heard to lose nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import AudioFileError, helper
from graph.media.sound_reader import read_recording
from graph.native import load

HARMONICS = 512
LEVELS = 39
FINEST = 12
"""Bits of the longest table; a table is half as long from one octave to the next, 2**5 at least."""

TABLES = ("basic", "pulse", "harmonics", "vowels")
MOST = 256
"""Cycles in a file."""

VOWELS = ((800, 1150, 2900), (400, 1700, 2600), (350, 2000, 2800), (450, 800, 2830), (325, 700, 2700))


def built_in(name: str) -> Any:
    """[control] Spectra (cycles, harmonics from the first up) as amplitudes of sines."""
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
    # A male voice of 110 Hz that says a e i o u.
    hertz = 110.0 * k
    peaks = [sum(10 ** (-0.3 * i) / (1 + ((hertz - f) / 90) ** 2) for i, f in enumerate(v)) for v in VOWELS]
    return (np.array(peaks) + 0.01) / np.sqrt(k) * 1j


def from_file(path: str, size: int) -> Any:
    """[control] The same, complex, from a recording of one cycle of `size` samples after the other."""
    audio, _ = read_recording(path, channels=8)
    count = len(audio) // size
    if not 1 <= count <= MOST:
        raise AudioFileError(f"{path} holds {count} cycles of {size} samples; 1 to {MOST} make a wavetable")
    return 2 / size * np.conj(np.fft.rfft(audio[: count * size, 0].reshape(count, size)))[:, 1 : HARMONICS + 1]


def written(spectra: Any) -> dict[str, Any]:
    """[control] The states `table`, `starts` and `bits` of the levels of `spectra`."""
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


@helper
def cubic(table, at, x, ports):
    """Between the second and the third of four points from `at` on, by Lagrange's cubic; the table is port 10."""
    a, b = load(table, at, 10, ports), load(table, at + 1, 10, ports)
    c, d = load(table, at + 2, 10, ports), load(table, at + 3, 10, ports)
    outer = 0.16666667 * x * (x - 1.0)
    inner = 0.5 * (x + 1.0) * (x - 2.0)
    return outer * ((x + 1.0) * d - (x - 2.0) * a) + inner * ((x - 1.0) * b - x * c)


@helper
def reading(table, start, bits, turn, cycle, blend, ports):
    """One level at phase `turn`, `blend` of the way from `cycle` to the next."""
    whole = np.int64(turn) >> (32 - bits)
    rest = (np.int64(turn) << bits) & 0xFFFFFFFF
    x = 2.3283064365386963e-10 * np.float32(rest)
    length = (np.int64(1) << bits) + 3
    at = start + cycle * length + whole
    here = cubic(table, at, x, ports)
    return here + blend * (cubic(table, at + length, x, ports) - here)
