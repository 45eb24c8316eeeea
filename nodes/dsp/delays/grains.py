"""Grains: short windowed pieces of a recording, each with a place, a speed and a pan.

A grain that plays faster than recorded reads a copy with less treble to avoid aliasing. A file has a copy every
half octave; a live buffer has one every octave, made as it is written. Copies are circular and stored one after
another in one array, each with its first samples repeated at its end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import inline
from graph.media import resampled
from nodes.dsp.delays.fractional import GUARD, weigh
from nodes.dsp.math.functions import cosine

GRAINS = 32
"""Most grains per voice; a new one replaces the oldest."""

FASTEST = 16.0
SHORTEST = 64
"""Samples; shorter files are stored several times in a row, so that the fastest grain stays within one turn."""
SHORT = 120.0
"""Seconds; shorter files are stored at twice their rate, because interpolation is accurate in the lower half."""

HALF = 31
LATE = HALF + 1
LOWPASS = (0.45 * np.sinc(0.45 * np.arange(-HALF, HALF + 1)) * np.kaiser(2 * HALF + 1, 5.65)).astype(np.float32)
"""Decimation filter for halving the rate: -60 dB above the new Nyquist frequency."""


def file_copies(audio: Any, rate: float) -> dict[str, Any]:
    """[control] The states `sound`, `starts`, `lengths` and `length` of a recording, (frames,)."""
    audio = np.tile(audio, -(-SHORTEST // len(audio)))
    kept = rate * (2 if len(audio) <= SHORT * rate else 1)
    copies = []
    for shrink in 2.0 ** (-0.5 * np.arange(2 * np.log2(FASTEST) + 1)):
        if shrink < 1 and len(audio) * shrink < SHORTEST:
            break
        low = resampled(audio[:, None], rate, rate * shrink)
        copies.append(resampled(low, rate * shrink, kept * shrink))
    return _states(copies, len(audio))


def live_copies(frames: int, voices: int) -> dict[str, Any]:
    """[control] The same states for a buffer of at least `frames` per voice."""
    frames = -(-max(frames, SHORTEST) // 8) * 8
    return _states([np.zeros((frames >> k, voices), np.float32) for k in range(4)], frames)


def _states(copies: list[Any], length: int) -> dict[str, Any]:
    lengths = np.array([len(copy) for copy in copies])
    whole = np.concatenate([np.take(copy, np.arange(len(copy) + GUARD), axis=0, mode="wrap") for copy in copies])
    starts = np.concatenate([[0], np.cumsum(lengths + GUARD)[:-1]])
    return {"sound": whole, "starts": starts, "lengths": lengths, "length": [length]}


@inline
def write(sound, start, length, row, at, value):
    """Writes a sample into a copy, and also behind its end if it is one of the first."""
    sound[np.uint64(start + at), row] = value
    sound[np.uint64(start + at + (length if at < GUARD else 0)), row] = value


@inline
def record(sound, starts, lengths, row, head, value, kept):
    """Writes a sample into a buffer and, when due, into its copies, each with half as many samples.

    `kept` is the part of the old sample that stays: 1 in a frozen buffer, a crossfade where it freezes and thaws.
    """
    old = sound[np.uint64(starts[0] + head), row]
    value = value + kept * (old - value) if kept < 1.0 else old
    write(sound, starts[0], lengths[0], row, head, value)
    copy, at = 0, head
    while copy + 1 < starts.shape[0] and at & 1 == 0:
        length = lengths[copy]
        at = at - LATE if at >= LATE else at - LATE + length
        first = at - HALF if at >= HALF else at - HALF + length
        total = np.float32(0.0)
        for k in range(2 * HALF + 1):
            place = first + k
            place = place - length if place >= length else place
            total += LOWPASS[k] * sound[np.uint64(starts[copy] + place), row]
        copy += 1
        at //= 2
        write(sound, starts[copy], lengths[copy], row, at, total)


@inline(double=True)
def copy_for(speed, live, copies):
    """Copy with no aliases below five sixths of the range at this speed."""
    most = 1.18
    copy = 0
    while copy < copies - 1 and speed > most:
        most *= 2.0 if live else 1.4142135623730951
        copy += 1
    return copy


@inline(double=True)
def lateness(copy):
    """Latency of a buffer's copy behind the newest sample, in frames."""
    return float(LATE * ((1 << copy) - 1) + 5 * (1 << copy))


@inline(double=True)
def live_start(head, back, size, speed, copy, length, moves):
    """Start of a grain `back` behind the write head, such that the grain stays within the stored samples until its end.

    The head `moves` by 1 per frame, or by 0 in a frozen buffer, whose oldest samples are a crossfade.
    """
    late = lateness(copy)
    nearest = late + max(0.0, (speed - moves) * size)
    farthest = length - late - max(0.0, (moves - speed) * size) - (1.0 - moves) * 0.02 * length
    return around(head - min(max(back, nearest), max(farthest, late)), length)


@inline
def begin(grain, size, speed, level, aside):
    """Sets a grain's age, step, speed and level on either side; `aside` is -1 left to 1 right."""
    grain[0] = 0.0
    grain[1] = 1.0 / size
    grain[2] = speed
    grain[3] = level * (1.0 - aside)
    grain[4] = level * (1.0 + aside)


@inline
def play(sound, starts, lengths, row, grains, places, copies):
    """Next frame of a voice's grains, left and right."""
    left = right = np.float32(0.0)
    for g in range(GRAINS):
        age = grains[g, 0]
        if age < 1.0:
            length = lengths[copies[g]]
            grain = window(age) * between(sound, starts[copies[g]], length, row, places[g])
            left += grains[g, 3] * grain
            right += grains[g, 4] * grain
            grains[g, 0] = age + grains[g, 1]
            moved = places[g] + np.float64(grains[g, 2])
            places[g] = moved - np.float64(length) if moved >= np.float64(length) else moved
    return left, right


@inline
def between(sound, start, length, row, place):
    """Interpolated value of a copy at a place."""
    at = np.int64(place)
    x = np.float32(place - np.float64(at))
    first = at - 3 if at >= 3 else at - 3 + length
    return weigh(sound, row, np.uint64(start + first), np.float32(1.0) - x)


@inline
def window(age):
    """Raised cosine over 0 .. 1."""
    return 0.5 - 0.5 * cosine(age)


@inline
def around(place, length):
    """Place wrapped into 0 .. length; float64 in and out."""
    return place - np.float64(length) * np.floor(place / np.float64(length))
