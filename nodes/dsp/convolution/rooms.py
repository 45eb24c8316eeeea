"""Impulse responses of rooms, plates and springs, synthesized when a patch is loaded.

Early reflections are those of a shoebox of the room's size (the image sources of Allen and Berkley, 1979). The tail
is noise, independent on each side, with a decay time per octave (Moorer, "About this reverberation business",
1979), exactly exponential. Plates and springs smear each echo by dispersion: bending waves travel faster at higher
frequencies, waves in a spring slower up to its cutoff.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from graph.media import resampled

SOUND = 343.0
"""Speed of sound in meters per second."""

DESIGNED = 48_000.0
"""Sample rate in Hz at which rooms are synthesized; reverberation above its Nyquist frequency is inaudible."""

OCTAVES = 62.5 * 2.0 ** np.arange(9)


@dataclass(frozen=True)
class Room:
    """decay: seconds at 1 kHz; falls: decay of the octaves from 62.5 Hz to 16 kHz relative to it; box: meters;
    early: level of the reflections relative to the tail; build: rise time of the tail in seconds; echo: seconds
    between far walls, which return the sound as if from a field of rocks.
    """

    decay: float
    falls: tuple[float, ...]
    box: tuple[float, float, float] = (0.0, 0.0, 0.0)
    early: float = 0.0
    build: float = 0.0
    echo: float = 0.0


ROOMS = {
    "hall": Room(2.2, (1.2, 1.2, 1.15, 1.05, 1, 0.9, 0.75, 0.5, 0.3), (24, 42, 16), 0.5, 0.03),
    "cathedral": Room(6.5, (1.2, 1.2, 1.15, 1.1, 1, 0.85, 0.6, 0.35, 0.2), (28, 80, 26), 0.25, 0.12),
    "plate": Room(1.8, (1.6, 1.5, 1.3, 1.1, 1, 0.9, 0.8, 0.65, 0.5)),
    "spring": Room(2.2, (1.1, 1.1, 1.05, 1.0, 1, 0.8, 0.6, 0.5, 0.5)),
    "cave": Room(3.2, (1.5, 1.5, 1.35, 1.2, 1, 0.8, 0.55, 0.35, 0.25), (9, 17, 6), 0.8, 0.01),
    "parking_garage": Room(3.5, (0.9, 1.0, 1.1, 1.1, 1, 0.9, 0.7, 0.45, 0.25), (46, 70, 2.7), 0.9, 0.02),
    "canyon": Room(4.5, (0.9, 1.0, 1.0, 1.0, 1, 0.85, 0.65, 0.4, 0.2), echo=0.32),
}


@lru_cache(maxsize=16)
def room_response(name: str, decay: float, rate: float) -> Any:
    """[control] Room response at a sample rate: (taps, 2), about unity gain for noise; decay 0 is the room's default.

    A room affects a tone the same way at every sample rate, so it is always synthesized at one rate and resampled.
    """
    response = resampled(_designed(name, decay), DESIGNED, rate)
    return (response * (DESIGNED / rate)).astype(np.float32)


@lru_cache(maxsize=16)
def _designed(name: str, decay: float) -> Any:
    rate = DESIGNED
    room = ROOMS[name]
    size = decay / room.decay if decay else 1.0
    # By Sabine's formula, a room of the same materials with half the decay time is half as large.
    width, length, height = room.box
    room = replace(room, decay=size * room.decay, box=(size * width, size * length, size * height))
    room = replace(room, build=size * room.build, echo=size * room.echo)
    random = np.random.default_rng(zlib.crc32(name.encode()))
    frames = int(1.15 * room.decay * max(room.falls[3:6]) * rate)
    if name == "spring":
        response = _spring(room, rate, frames, random)
    else:
        response = _tail(room, rate, frames, random)
        if name == "plate":
            response = _disperse(response, rate, 0.02)
        if room.early:
            response += room.early * _reflections(room, rate, frames, random)
    fade = int(0.05 * room.decay * rate)
    response[len(response) - fade :] *= (0.5 + 0.5 * np.cos(np.pi * np.arange(fade) / fade))[:, None]
    response /= np.sqrt((response**2).sum(axis=0))
    return response


def _bands(freq: Any) -> Any:
    """Weight of each octave at `freq`: rows that add up to 1, each a raised cosine of the logarithm."""
    place = np.clip(np.log2(np.maximum(freq, 1.0) / OCTAVES[0]), 0, len(OCTAVES) - 1)
    distance = np.abs(place - np.arange(len(OCTAVES))[:, None])
    return np.where(distance < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(distance, 1)), 0)


def _fall(room: Room, freq: Any) -> Any:
    """Decay time (T60) at `freq` in seconds."""
    return room.decay * (np.array(room.falls)[:, None] * _bands(freq)).sum(axis=0)


def _tail(room: Room, rate: float, frames: int, random: Any) -> Any:
    spectrum = np.fft.rfft(random.standard_normal((frames, 2)), axis=0)
    shares = _bands(np.fft.rfftfreq(frames, 1 / rate))
    time = np.arange(frames) / rate
    rise = 1 - np.exp(-time / room.build) if room.build else np.ones(frames)
    if room.echo:
        rise = np.exp(-3 * (time % room.echo) / room.echo) * (time >= room.echo)
    tail = np.zeros((frames, 2))
    for share, fall in zip(shares, room.falls, strict=True):
        tail += (
            np.fft.irfft(spectrum * share[:, None], frames, axis=0)
            * (rise * _exponential(time, room.decay * fall))[:, None]
        )
    return tail / np.sqrt((tail**2).sum(axis=0))


def _exponential(time: Any, fall: Any) -> Any:
    return 10.0 ** (-3 * time / fall)


def _reflections(room: Room, rate: float, frames: int, random: Any) -> Any:
    """Image sources up to the sixth order, at two ears 20 cm apart."""
    box = np.array(room.box)
    order = np.stack(np.meshgrid(*[np.arange(-6, 7)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    order = order[(np.abs(order).sum(axis=1) <= 6) & (np.abs(order).sum(axis=1) > 0)]
    source = box * (0.37, 0.21, 0.45)
    image = np.where(order % 2 == 0, order * box + source, (order + 1) * box - source)
    early = np.zeros((frames + 8, 2))
    sign = random.choice([-1.0, 1.0], len(order))
    for ear in range(2):
        away = np.sqrt(((image - box * (0.55, 0.66, 0.5) - (0.2 * ear, 0, 0)) ** 2).sum(axis=1))
        time = away / SOUND
        level = sign * away.min() / away * _exponential(time, room.decay)
        place = time * rate
        near = place < frames
        whole = place[near].astype(int)
        for k in range(2):
            np.add.at(early[:, ear], whole + k, level[near] * (1 - np.abs(place[near] - whole - k)))
    return early[:frames] / np.sqrt((early**2).sum(axis=0) + 1e-30)


def _disperse(response: Any, rate: float, seconds: float) -> Any:
    """Delays each frequency like a bending wave: by `seconds` at 100 Hz, less by the square root above."""
    size = 2 * len(response)
    freq = np.fft.rfftfreq(size, 1 / rate)
    delay = seconds * np.sqrt(100 / np.maximum(freq, 100))
    phase = 2 * np.pi * np.cumsum(delay) * freq[1]
    turned = np.fft.rfft(response, size, axis=0) * np.exp(-1j * phase)[:, None]
    return np.fft.irfft(turned, size, axis=0)[: len(response)]


def _spring(room: Room, rate: float, frames: int, random: Any) -> Any:
    """Two springs per side, of 33 to 45 ms: repeated chirps that lengthen each time."""
    size = 2 * frames
    freq = np.fft.rfftfreq(size, 1 / rate)
    freq = freq[freq < 16_000]  # above this a spring is 88 dB down
    fall = _fall(room, freq)
    response = np.zeros((frames + 1, 2), complex)
    for ear in range(2):
        for seconds in random.uniform(0.033, 0.045, 2):
            cutoff = 4_500.0
            delay = seconds / np.sqrt(np.maximum(1 - (freq / cutoff) ** 2, 0.04))
            phase = 2 * np.pi * np.cumsum(delay) * freq[1]
            turned = np.exp(-1j * phase) * _exponential(delay, fall)
            again = turned * turned
            total = np.zeros(len(freq), complex)
            echoes = max(60, int(frames / rate / seconds / 2))  # enough for the longest decay
            for wobble in random.uniform(-0.0004, 0.0004, (echoes, 2)) @ np.stack([freq, 40 * np.sqrt(freq)]):
                total += turned * np.exp(-2j * np.pi * wobble)
                turned *= again
            response[: len(freq), ear] += total / (1 + (freq / cutoff) ** 8) * np.minimum(freq / 80, 1)
    return np.fft.irfft(response, size, axis=0)[:frames]
