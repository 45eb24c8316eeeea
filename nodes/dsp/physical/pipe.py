"""The bore of a wind instrument: a wave goes to the open end and comes back upside down.

Half a period is shared out between the line and the loss at the open end, whose phase at the pitch is
known exactly. Julius O. Smith: "Efficient simulation of the reed-bore and bow-string mechanisms", ICMC 1986.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import shuffle
from nodes.dsp.physical.percussion import one_pole, settled
from nodes.dsp.physical.string import lagrange


@helper(double=True)
def pipe(freq, corner, sample_rate):
    """Delay in samples, gain and pole of the bilinear low-pass at the open end, which takes nothing from the pitch.

    freq      the note: four times the length of the bore goes into its wave
    corner    Hz; above it, and not below the eighth partial, the open end radiates instead of reflecting
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
        # The third partial comes back early or late and pulls the first along; 0.6 is measured.
        early = 0.6 * (first + lag - (third + late) / 3.0)
        delay += (np.pi - first + early - whole * turn - lag) / turn
    # A soft tone lives on so little gain that what the low-pass takes from the pitch would silence it.
    even = np.sqrt(1.0 + half * half / (bound * bound))
    return np.float32(delay), np.float32(even * bound / (1.0 + bound)), np.float32((bound - 1.0) / (1.0 + bound))


@helper(double=True)
def period(freq, corner, sample_rate):
    """Delay in samples, gain and pole as of `pipe`, for a loop that turns nothing upside down.

    corner    Hz, and not below the fourth partial
    """
    freq = float(freq)
    sample_rate = float(sample_rate)
    turn = 2.0 * np.pi * freq / sample_rate
    bound = np.tan(np.pi * min(max(float(corner), 4.0 * freq), 0.45 * sample_rate) / sample_rate)
    phase = 2.0 * np.pi - np.arctan(np.tan(0.5 * turn) / bound)
    return np.float32(phase / turn), np.float32(bound / (1.0 + bound)), np.float32((bound - 1.0) / (1.0 + bound))


@helper
def retune(known, target, gain, pole, lane, freq, corner, sample_rate):
    """Sets what `period` gives for a lane where its controls have moved."""
    if (freq != known[0, lane]) | (corner != known[1, lane]):
        known[0, lane], known[1, lane] = freq, corner
        target[lane], gain[lane], pole[lane] = period(freq, corner, sample_rate)


@helper
def effort(velocity, pressure):
    """How hard it is played, 0 .. 1."""
    return min(clamp(velocity, 0.0, 1.0) + clamp(pressure, 0.0, 1.0), np.float32(1.0))


@helper
def blown(breath, gate, aim, attack, release, sample_rate):
    """The next breath: it nears `aim` while the gate is above 0.5, and 0 else."""
    on = gate > 0.5
    corner = 0.15915494 / clamp(attack if on else release, 0.001, 5.0)
    return settled(breath + one_pole(corner, sample_rate) * ((aim if on else np.float32(0.0)) - breath))


@helper
def breathed(breath, lane, gate, aim, attack, release, sample_rate):
    """`blown`, of a lane's state."""
    now = blown(load(breath, lane), gate, aim, attack, release, sample_rate)
    store(breath, lane, now)
    return now


@helper
def drawn_anew(random, lane):
    """The lane's next random state."""
    now = shuffle(load(random, lane))
    store(random, lane, now)
    return now


@helper
def reflected(low, gain, pole, lane, wave):
    """What the end of a pipe or a string gives back of a wave: the bilinear one-pole, transposed."""
    wave *= load(gain, lane)
    back = wave + load(low, lane)
    store(low, lane, settled(wave - load(pole, lane) * back))
    return back


@helper
def averaged(mean, lane, part, value):
    """The lane's mean, a part of the way nearer to a value."""
    now = load(mean, lane)
    now = settled(now + part * (value - now))
    store(mean, lane, now)
    return now
