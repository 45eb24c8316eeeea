"""Bank of modes: bars, bells, plates and membranes as sums of decaying resonances.

Each mode is a rotating point (nodes/dsp/physical/percussion.py). A bank holds five values per mode, MOMENTUM, HEIGHT,
COS, SIN and GAIN: for each of them all modes of one lane, then those of the next. The loop over the modes of a lane is
the one that vectorizes, so ninety modes of a single drum cost little, and a silent lane costs nothing.
Bilbao: "Numerical Sound Synthesis", 2009, chapter 1; the rotation is Mathews and Smith's phasor
filter, 2003, whose radius and frequency may change while it rings.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import Setup, inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.physical.percussion import audible, fall, momentum, rotation

MOMENTUM, HEIGHT, COS, SIN, GAIN = 0, 1, 2, 3, 4

UPDATE = 32
"""Frames between control updates."""

SILENT = 1e-15
"""Energy below which a bank is inaudible."""


def bank(setup: Setup, modes: int) -> Any:
    """[control] A bank at rest."""
    return np.zeros((5, modes, setup.lanes), np.float32)


@inline
def at(bank, section, lane):
    """Index in the bank at which a lane's modes begin."""
    return (section * bank.shape[2] + lane) * bank.shape[1]


@inline
def tune(bank, ratios, first, lane, modes, freq, loss, damping, sample_rate):
    """Tunes the first `modes` modes of a lane to `ratios` of `freq`.

    first     index in `ratios` at which this body's begin
    loss      decay rate of the first mode, in units of 60 dB per second
    damping   relative increase of the decay rate per multiple of `freq`
    """
    for k in range(modes):
        multiple = load(ratios, first + k)
        c, s = rotation(freq * multiple, sample_rate)
        lost = loss * clamp(1.0 + damping * (multiple - 1.0), 0.2, 1e3)
        radius = fall(1.0 / lost if lost > 1e-6 else 1e6, sample_rate)
        store(bank, at(bank, COS, lane) + k, radius * c)
        store(bank, at(bank, SIN, lane) + k, radius * s)


@inline
def weigh(bank, ratios, shapes, lane, freq, position, bright, sample_rate):
    """Sets the gain of each mode of a lane from the strike position and the hardness of the mallet.

    shapes    (places, modes): amplitude of each mode at places along the body, `position` 0 .. 1
    bright    Hz; above it a soft mallet, in contact for longer than a period, excites nothing
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


@inline
def strike(bank, lane, velocity):
    """Strikes a lane's modes; a roll swells to at most twice a single strike."""
    for k in range(bank.shape[1]):
        blow = velocity * load(bank, at(bank, GAIN, lane) + k)
        most = 2.0 * abs(load(bank, at(bank, GAIN, lane) + k))
        now = momentum(load(bank, at(bank, MOMENTUM, lane) + k), load(bank, at(bank, HEIGHT, lane) + k), blow, most)
        store(bank, at(bank, MOMENTUM, lane) + k, now if blow >= 0.0 else -now)


@inline
def ring(bank, lane, modes, force, radius):
    """One frame of a lane's first `modes` modes, driven by `force` and damped by `radius`. Returns sum and energy."""
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


@inline
def hush(bank, lane):
    """Sets a lane's modes to 0."""
    for k in range(bank.shape[1]):
        store(bank, at(bank, MOMENTUM, lane) + k, np.float32(0.0))
        store(bank, at(bank, HEIGHT, lane) + k, np.float32(0.0))
