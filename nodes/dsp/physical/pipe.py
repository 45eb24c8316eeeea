"""Bore of a wind instrument: a wave travels to the open end and is reflected with inverted sign.

Half a period is divided between the delay line and the loss filter at the open end, whose phase at the pitch is known
exactly. Julius O. Smith: "Efficient simulation of the reed-bore and bow-string mechanisms", ICMC 1986.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import shuffle
from nodes.dsp.physical.percussion import one_pole, settled
from nodes.dsp.physical.string import lagrange


@inline(double=True)
def pipe(freq, corner, sample_rate):
    """Delay in samples, gain and pole of the bilinear low-pass at the open end, tuned so that it does not shift the
    pitch.

    freq      pitch of the note; its wavelength is four times the length of the bore
    corner    cutoff in Hz, at least the eighth partial; above it the open end radiates instead of reflecting
    """
    freq = float(freq)
    sample_rate = float(sample_rate)
    turn = 2.0 * np.pi * freq / sample_rate
    half = np.tan(0.5 * turn)
    bound = np.tan(np.pi * min(max(float(corner), 8.0 * freq), 0.45 * sample_rate) / sample_rate)
    first = np.arctan(half / bound)
    third = np.arctan(np.tan(min(1.5 * turn, 1.5)) / bound)
    delay = (np.pi - first) / turn
    for _ in range(4):
        whole = np.floor(delay)
        lag, _ = lagrange(delay - whole, turn)
        late, _ = lagrange(delay - whole, 3.0 * turn)
        # The third partial returns early or late and pulls the first with it; 0.6 is measured.
        early = 0.6 * (first + lag - (third + late) / 3.0)
        delay += (np.pi - first + early - whole * turn - lag) / turn
    # Soft tones have so little loop gain that the loss of the low-pass at the pitch would silence them.
    even = np.sqrt(1.0 + half * half / (bound * bound))
    return np.float32(delay), np.float32(even * bound / (1.0 + bound)), np.float32((bound - 1.0) / (1.0 + bound))


@inline(double=True)
def period(freq, corner, sample_rate):
    """Delay in samples, gain and pole as in `pipe`, for a loop without sign inversion.

    corner    cutoff in Hz, at least the fourth partial
    """
    freq = float(freq)
    sample_rate = float(sample_rate)
    turn = 2.0 * np.pi * freq / sample_rate
    bound = np.tan(np.pi * min(max(float(corner), 4.0 * freq), 0.45 * sample_rate) / sample_rate)
    phase = 2.0 * np.pi - np.arctan(np.tan(0.5 * turn) / bound)
    return np.float32(phase / turn), np.float32(bound / (1.0 + bound)), np.float32((bound - 1.0) / (1.0 + bound))


@inline
def retune(known, target, gain, pole, lane, freq, corner, sample_rate):
    """Updates the outputs of `period` for a lane whose controls have changed."""
    if (freq != known[0, lane]) | (corner != known[1, lane]):
        known[0, lane], known[1, lane] = freq, corner
        target[lane], gain[lane], pole[lane] = period(freq, corner, sample_rate)


@inline
def effort(velocity, pressure):
    """Playing effort, 0 .. 1."""
    return min(clamp(velocity, 0.0, 1.0) + clamp(pressure, 0.0, 1.0), np.float32(1.0))


@inline
def blown(breath, gate, aim, attack, release, sample_rate):
    """Next breath value: approaches `aim` while the gate is above 0.5, else 0."""
    on = gate > 0.5
    corner = 0.15915494 / clamp(attack if on else release, 0.001, 5.0)
    return settled(breath + one_pole(corner, sample_rate) * ((aim if on else np.float32(0.0)) - breath))


@inline
def breathed(breath, lane, gate, aim, attack, release, sample_rate):
    """`blown` applied to a lane's state."""
    now = blown(load(breath, lane), gate, aim, attack, release, sample_rate)
    store(breath, lane, now)
    return now


@inline
def drawn_anew(random, lane):
    """Next random state of a lane."""
    now = shuffle(load(random, lane))
    store(random, lane, now)
    return now


@inline
def reflected(low, gain, pole, lane, wave):
    """Reflection of a wave at the end of a pipe or string: the bilinear one-pole in transposed form."""
    wave *= load(gain, lane)
    back = wave + load(low, lane)
    store(low, lane, settled(wave - load(pole, lane) * back))
    return back


@inline
def averaged(mean, lane, part, value):
    """Running mean of a lane, moved toward `value` by the fraction `part`."""
    now = load(mean, lane)
    now = settled(now + part * (value - now))
    store(mean, lane, now)
    return now
