"""Measurements of reverberation: decay time, and ringing modes."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt


def ideal_paths(count: int, seconds: float, rate: float, decay: float) -> Any:
    """Noise that decays by 60 dB in `decay`, as a reference for the spread of the measurements."""
    noise = np.random.default_rng(5).standard_normal((count, int(seconds * rate)))
    return noise * 10 ** (-3 * np.arange(noise.shape[1]) / rate / decay)


def decay_time(response: Any, rate: float, band: tuple[float, float] | None = None) -> float:
    """Decay time (T60) in seconds, from backward integration between -5 and -35 dB (Schroeder 1965; ISO 3382)."""
    if band is not None:
        response = sosfiltfilt(butter(3, band, "band", fs=rate, output="sos"), response)
    energy = np.cumsum(response[::-1] ** 2)[::-1]
    decibels = 10 * np.log10(energy / energy[0] + 1e-30)
    part = np.arange(np.argmax(decibels < -5), np.argmax(decibels < -35))
    return float(-60 / np.polyfit(part / rate, decibels[part], 1)[0])


def ringing(paths: Any, rate: float, decay: float, late: float = 0.8) -> float:
    """Level of a room's strongest mode above its neighbors in the late tail, in dB.

    A mode that rings falls slower than the room, so late in the tail it stands out. From `late` times the decay
    on, the room's own fall undone, bands of 20 Hz are compared with the 400 Hz around; in short rooms wider
    bands, as a mode is 2.2 / decay wide and a window as short as the tail tells no finer. A mode belongs to the
    room, the dips and peaks of one response to a place in it: `paths`, rows of equal decay from several places
    to several others, are averaged. Up to 12 kHz. Four paths of noise that
    decays ideally read 2 to 3 dB, two 3 to 4.6.
    """
    paths = np.atleast_2d(paths)
    flat = paths * 10 ** (3 * np.arange(paths.shape[1]) / rate / decay)
    tail = flat[:, int(late * decay * rate) :][:, : int(0.4 * decay * rate)]
    power = (np.abs(np.fft.rfft(tail * np.hanning(tail.shape[1]))) ** 2).mean(axis=0)
    bins = tail.shape[1] / rate
    band = max(20.0, 20.0 / decay)
    around = max(400.0, 10 * band)
    narrow, wide = (uniform_filter1d(power, round(width * bins), mode="constant") for width in (band, around))
    heard = slice(round(0.5 * around * bins), round(min(12_000, 0.4 * rate) * bins))
    return float(10 * np.log10((narrow / wide)[heard].max()))
