"""A bank of modes: bars, bells, plates and skins as what they do, ringing at many frequencies at once.

Each mode is a point that turns (nodes/dsp/physical/percussion.py). A bank holds five numbers a mode, MOMENTUM,
HEIGHT, COS, SIN and GAIN: for each all modes of one lane, then those of the next. The loop over the
modes of a lane is the one that vectorises, so ninety modes of a single drum cost little, and a lane
that is silent costs nothing.
Bilbao: "Numerical Sound Synthesis", 2009, chapter 1; the rotation is Mathews and Smith's phasor
filter, 2003, whose radius and frequency may change while it rings.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, helper
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.physical.percussion import audible, fall, momentum, rotation

MOMENTUM, HEIGHT, COS, SIN, GAIN = 0, 1, 2, 3, 4

UPDATE = 32
"""Frames from one look at the controls to the next."""

SILENT = 1e-15
"""Energy of a bank that nobody hears."""


def bank(setup: Setup, modes: int) -> Any:
    """[control] A bank at rest."""
    return np.zeros((5, modes, setup.lanes), np.float32)


@helper
def at(bank, section, lane):
    """Where in the bank a lane's modes begin."""
    return (section * bank.shape[2] + lane) * bank.shape[1]


@helper
def tune(bank, ratios, first, lane, modes, freq, loss, damping, sample_rate):
    """Sets the first modes of a lane to `ratios` of `freq`.

    first     where in `ratios` this body's begin
    loss      decay of the first mode, in 60 dB a second
    damping   how much faster the others decay: by this part for each time its frequency
    """
    for k in range(modes):
        multiple = load(ratios, first + k)
        c, s = rotation(freq * multiple, sample_rate)
        lost = loss * clamp(1.0 + damping * (multiple - 1.0), 0.2, 1e3)
        radius = fall(1.0 / lost if lost > 1e-6 else 1e6, sample_rate)
        store(bank, at(bank, COS, lane) + k, radius * c)
        store(bank, at(bank, SIN, lane) + k, radius * s)


@helper
def weigh(bank, ratios, shapes, lane, freq, position, bright, sample_rate):
    """Sets what a blow gives each mode of a lane: by where it falls, and by how hard the mallet is.

    shapes    (places, modes): amplitude of each mode at places from the first to the last, `position` 0 .. 1
    bright    Hz above which a soft mallet, longer in contact than a period, moves nothing
    """
    modes = ratios.shape[0]
    place = position * np.float32(shapes.shape[0] - 1)
    first = min(np.int64(place), shapes.shape[0] - 2)
    part = place - np.float32(first)
    for k in range(bank.shape[1]):
        here = load(shapes, first * modes + k)
        there = load(shapes, (first + 1) * modes + k)
        multiple = load(ratios, k)
        over = freq * multiple / bright
        soft = 1.0 / (1.0 + over * over)
        value = (here + part * (there - here)) * soft * audible(freq * multiple, sample_rate)
        store(bank, at(bank, GAIN, lane) + k, value)


@helper
def strike(bank, lane, velocity):
    """A blow on a lane's modes; a roll swells to twice one blow and no more."""
    for k in range(bank.shape[1]):
        blow = velocity * load(bank, at(bank, GAIN, lane) + k)
        most = 2.0 * abs(load(bank, at(bank, GAIN, lane) + k))
        now = momentum(load(bank, at(bank, MOMENTUM, lane) + k), load(bank, at(bank, HEIGHT, lane) + k), blow, most)
        store(bank, at(bank, MOMENTUM, lane) + k, now if blow >= 0.0 else -now)


@helper
def ring(bank, lane, modes, force, radius):
    """One frame of a lane: its first modes move, pushed by `force` and damped by `radius`. Sum and energy."""
    total = np.float32(0.0)
    energy = np.float32(0.0)
    for k in range(modes):
        push = load(bank, at(bank, MOMENTUM, lane) + k) + load(bank, at(bank, GAIN, lane) + k) * force
        height = load(bank, at(bank, HEIGHT, lane) + k)
        c = load(bank, at(bank, COS, lane) + k)
        s = load(bank, at(bank, SIN, lane) + k)
        across = radius * (c * push - s * height)
        height = radius * (c * height + s * push)
        store(bank, at(bank, MOMENTUM, lane) + k, across)
        store(bank, at(bank, HEIGHT, lane) + k, height)
        total += height
        energy += across * across + height * height
    return total, energy


@helper
def hush(bank, lane):
    """Sets a lane's modes to nothing."""
    for k in range(bank.shape[1]):
        store(bank, at(bank, MOMENTUM, lane) + k, np.float32(0.0))
        store(bank, at(bank, HEIGHT, lane) + k, np.float32(0.0))
