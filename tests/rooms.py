"""What is measured of rooms: how long they sound, and whether something in them rings."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import butter, sosfiltfilt


def decay_time(response: Any, rate: float, band: tuple[float, float] | None = None) -> float:
    """Seconds to fall by 60 dB, from the energy still to come between -5 and -35 dB (Schroeder 1965; ISO 3382)."""
    if band is not None:
        response = sosfiltfilt(butter(3, band, "band", fs=rate, output="sos"), response)
    energy = np.cumsum(response[::-1] ** 2)[::-1]
    decibels = 10 * np.log10(energy / energy[0] + 1e-30)
    part = np.arange(np.argmax(decibels < -5), np.argmax(decibels < -35))
    return float(-60 / np.polyfit(part / rate, decibels[part], 1)[0])


def ringing(response: Any, rate: float, decay: float) -> float:
    """How far the longest ringing mode is above its neighbours, in dB.

    A mode that rings falls slower than the room, so late in the tail it stands out. Between an early and a
    late part of the tail, the room's own fall undone, bands of 20 Hz are compared with the 400 Hz around.
    """
    flat = response * 10 ** (3 * np.arange(len(response)) / rate / decay)
    size = int(0.4 * decay * rate)
    late = flat[int(0.8 * decay * rate) :][:size]
    power = np.abs(np.fft.rfft(late * np.hanning(len(late)))) ** 2
    bins = len(late) / rate
    narrow = np.convolve(power, np.ones(max(3, round(20 * bins))), "same") / max(3, round(20 * bins))
    wide = np.convolve(power, np.ones(round(400 * bins)), "same") / round(400 * bins)
    heard = slice(round(200 * bins), round(0.45 * rate * bins))
    return float(10 * np.log10((narrow / wide)[heard].max()))
