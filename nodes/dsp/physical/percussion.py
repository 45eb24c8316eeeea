"""Building blocks of struck instruments: strikes, ringing modes, noise bursts.

A mode is a point that rotates at its frequency while its radius decays; the output is its height. A strike changes the
other coordinate, the momentum, as a stick does. The output stays continuous, so strikes do not click however dense
they are.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.math.functions import clamp, exp2, wave
from nodes.dsp.math.random import uniform

SILENCE = 1e-8
"""Level (-160 dB) below which a mode is set to 0."""


@inline
def struck(trigger, last):
    """True where the trigger rises above 0.5, so that a gate strikes once."""
    return (trigger > 0.5) & (last <= 0.5)


@inline
def fall(seconds, sample_rate):
    """Gain per frame for a decay time (T60) of `seconds`."""
    return exp2(-9.965784284662087 / (seconds * sample_rate))


@inline
def rotation(freq, sample_rate):
    """Cosine and sine of a mode's phase increment per frame; the frequency is limited to below half the sample rate.

    From the half angle: 1 - 2 sin^2 keeps the radius within half a bit of 1, where the polynomial's
    own cosine would make low modes grow.
    """
    half = 0.5 * freq / sample_rate
    half = half if half < 0.245 else 0.245
    s = wave(half)
    return 1.0 - 2.0 * s * s, 2.0 * s * wave(0.25 - half)


@inline
def turned(x, y, cos, sin, factor):
    """Next momentum and height of a mode; very small modes become 0."""
    radius = factor if x * x + y * y > SILENCE * SILENCE else 0.0
    return radius * (cos * x - sin * y), radius * (cos * y + sin * x)


@inline
def momentum(x, y, strength, limit):
    """Momentum after a strike: its energy is added to that of the mode, up to `limit`.

    Energies are added because the phase of a strike relative to the ringing is random: a roll swells and never cancels,
    and the mode stays bounded.
    """
    energy = x * x + strength * strength
    room = limit * limit - y * y
    energy = energy if energy < room else room
    return np.sqrt(energy if energy > 0.0 else 0.0)


@inline
def audible(freq, sample_rate):
    """1 for a mode below 0.42 of the sample rate, 0 above 0.47, so that none aliases."""
    return clamp((0.47 - freq / sample_rate) * 20.0, 0.0, 1.0)


@inline
def density(sample_rate):
    """Gain for white noise that gives filtered noise the same level at every sample rate."""
    return np.sqrt(np.float32(sample_rate) * 2.0833333333333333e-05)


@inline
def burst(random, level):
    """Noise at `level`; exactly 0 below -160 dB."""
    return uniform(random) * level if level > SILENCE else np.float32(0.0)


@inline
def settled(value):
    """`value`, or 0 where it is inaudible: keeps denormals out of filters and envelopes."""
    return value if abs(value) > SILENCE else np.float32(0.0)


@inline
def one_pole(freq, sample_rate):
    """Coefficient of a one-pole low-pass with this cutoff."""
    return 1.0 - exp2(-9.064720283654388 * clamp(freq, 0.0, 0.45 * sample_rate) / sample_rate)
