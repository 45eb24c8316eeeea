"""The finger that plucks a string, and the damper that stops it."""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.physical.percussion import settled

UPDATE = 32
"""Frames between control updates."""


@inline
def damp(damper, gain, slope, lane, whole, rest, silent, looks, part):
    """Moves the loop gain smoothly toward the value set by the damper; at once if the string is silent.

    damper    (2, lanes): gain of the damper, and the intermediate value of its two-stage smoothing
    whole     loop gain without the damper
    rest      damper gain to glide to, by the fraction `part` per update
    """
    if silent:
        damper[0, lane], damper[1, lane], gain[lane] = rest, rest, whole * rest
    if looks:
        damper[1, lane] += part * (rest - damper[1, lane])
        damper[0, lane] += part * (damper[1, lane] - damper[0, lane])
        slope[lane] = (whole * damper[0, lane] - gain[lane]) / np.float32(UPDATE)


@inline
def damped(gain, slope, lane, wave):
    """Wave after the loop gain, which moves along its slope."""
    now = load(gain, lane)
    store(gain, lane, now + load(slope, lane))
    return wave * now


@inline
def pushed(pulse, finger, narrow, mean, ease, lane):
    """Force of the finger on the string in one frame: a pulse through two filters, without its mean.

    The string's filters would not remove the mean; it would become audible when the damper falls.
    """
    soft = load(narrow, lane)
    force = load(pulse, lane)
    touch = load(finger, lane)
    touch = settled(touch + soft * (soft * force - touch))
    store(finger, lane, touch)
    store(pulse, lane, settled(force - soft * force))
    steady = load(mean, lane)
    steady = settled(steady + load(ease, lane) * (touch - steady))
    store(mean, lane, steady)
    return touch - steady
