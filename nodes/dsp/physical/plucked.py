"""The finger that plucks a string, and the damper that stops it."""

from __future__ import annotations

import numpy as np

from graph import helper
from graph.native import load, store
from nodes.dsp.physical.percussion import settled

UPDATE = 32
"""Frames from one look at the controls to the next."""


@helper
def damp(damper, gain, slope, lane, whole, rest, silent, looks, part):
    """Brings the gain of a round trip nearer to what a damper leaves of it, without a corner; at once in silence.

    damper    (2, lanes): what it leaves, and half-way to where that glides
    whole     gain without the damper
    rest      where it glides to, by `part` at each look
    """
    if silent:
        damper[0, lane], damper[1, lane], gain[lane] = rest, rest, whole * rest
    if looks:
        damper[1, lane] += part * (rest - damper[1, lane])
        damper[0, lane] += part * (damper[1, lane] - damper[0, lane])
        slope[lane] = (whole * damper[0, lane] - gain[lane]) / np.float32(UPDATE)


@helper
def damped(gain, slope, lane, wave):
    """A wave after the gain of a round trip, which goes on along its slope."""
    now = load(gain, lane)
    store(gain, lane, now + load(slope, lane))
    return wave * now


@helper
def pushed(pulse, finger, narrow, mean, ease, lane):
    """What a finger adds to a string in a frame: a pulse, twice filtered, without its mean.

    No filter of the string would let go of that; it would sound when the damper falls.
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
