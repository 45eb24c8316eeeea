"""Drumhead: a bank of modes whose pitch sweeps down after a strike, and the noise of the stick."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graph import Node, Setup, State, inline, kernel
from nodes.dsp.math.functions import clamp, exp2
from nodes.dsp.math.random import seeds, shuffle
from nodes.dsp.physical.bank import SILENT, bank, hush, ring, strike, tune, weigh
from nodes.dsp.physical.percussion import burst, density, fall, one_pole, settled, struck

UPDATE = 8
"""Frames between tunings of the modes during the sweep."""


class Skin(NamedTuple):
    """States of a drumhead: bank of modes, remaining sweep, and the stick's noise."""

    bank: Any
    ratios: Any
    shapes: Any
    pitch: Any
    stick: Any
    low: Any
    random: Any
    awake: Any
    last: Any


def at_rest(setup: Setup, ratios: Any, shapes: Any) -> dict[str, Any]:
    """[control] The states that a node must prepare."""
    random = seeds(setup.name, 0, setup.lanes)
    return {"bank": bank(setup, len(ratios)), "ratios": ratios, "shapes": shapes, "random": random}


class StruckBody(Node):
    """Base class of drums that are one bank of modes; subclasses prepare it with `at_rest`."""

    bank = State(ndim=3)
    ratios = State(ndim=1)
    shapes = State(ndim=2)
    pitch = State()
    noise = State()
    low = State()
    random = State(dtype=np.uint32)
    awake = State()
    last = State()
    clock = State((1,), np.int64)


@inline
def beat(
    skin, lane, looks, trigger, velocity, freq, decay, damping, sweep, sweep_time, position, bright, click, sample_rate
):
    """One frame of one lane. Controls must be within their ranges; `bright` is the stick's bandwidth in Hz."""
    hit = struck(trigger, skin.last[lane])
    skin.last[lane] = trigger
    if hit:
        skin.awake[lane] = 1.0
        skin.pitch[lane] = velocity
        skin.stick[lane] = velocity * velocity * click
    if skin.awake[lane] == 0.0:
        return np.float32(0.0)
    if hit | looks:
        bent = freq * exp2(sweep * skin.pitch[lane] * 0.08333333)
        tune(skin.bank, skin.ratios, 0, lane, skin.bank.shape[1], bent, 1.0 / decay, damping, sample_rate)
    if hit:
        soft = bright * (0.3 + 0.7 * velocity)
        weigh(skin.bank, skin.ratios, skin.shapes, lane, freq, position, soft, sample_rate)
        strike(skin.bank, lane, velocity)
    total, energy = ring(skin.bank, lane, skin.bank.shape[1], np.float32(0.0), np.float32(1.0))
    skin.random[lane] = shuffle(skin.random[lane])
    noise = burst(skin.random[lane], skin.stick[lane] * density(sample_rate))
    skin.low[lane] = settled(skin.low[lane] + one_pole(bright, sample_rate) * (noise - skin.low[lane]))
    skin.stick[lane] = settled(skin.stick[lane] * fall(0.03, sample_rate))
    skin.pitch[lane] = settled(skin.pitch[lane] * fall(sweep_time, sample_rate))
    if (energy < SILENT) & (skin.stick[lane] == 0.0) & (skin.low[lane] == 0.0):
        skin.awake[lane] = 0.0
        skin.pitch[lane] = 0.0
        hush(skin.bank, lane)
    return clamp(total, -4.0, 4.0) + skin.low[lane]


@kernel
def soft_body(block):
    """`process` of bodies with a pitch sweep (drumheads), with the ports of Tom."""
    skin = Skin(
        block.bank, block.ratios, block.shapes, block.pitch, block.noise, block.low, block.random, block.awake,
        block.last,
    )  # fmt: skip
    clock = block.clock[0]
    for frame in range(block.frames):
        for lane in range(block.lanes):
            block.out[frame, lane] = beat(
                skin,
                lane,
                clock == 0,
                block.trigger[frame, lane],
                clamp(block.velocity[frame, lane], 0.0, 1.0),
                clamp(block.freq[frame, lane], 20.0, 4_000.0),
                clamp(block.decay[frame, lane], 0.02, 20.0),
                clamp(block.damping[frame, lane], 0.0, 4.0),
                clamp(block.sweep[frame, lane], 0.0, 48.0),
                clamp(block.sweep_time[frame, lane], 0.005, 5.0),
                clamp(block.position[frame, lane], 0.0, 1.0),
                clamp(block.stick[frame, lane], 100.0, 20_000.0),
                clamp(block.click[frame, lane], 0.0, 1.0),
                block.sample_rate,
            )
        clock = clock + 1 if clock < UPDATE - 1 else 0
    block.clock[0] = clock


@kernel
def stiff_body(block):
    """`process` of bodies without a pitch sweep (wood, metal), with the ports of Cowbell."""
    skin = Skin(
        block.bank, block.ratios, block.shapes, block.pitch, block.noise, block.low, block.random, block.awake,
        block.last,
    )  # fmt: skip
    clock = block.clock[0]
    for frame in range(block.frames):
        for lane in range(block.lanes):
            block.out[frame, lane] = beat(
                skin,
                lane,
                clock == 0,
                block.trigger[frame, lane],
                clamp(block.velocity[frame, lane], 0.0, 1.0),
                clamp(block.freq[frame, lane], 50.0, 12_000.0),
                clamp(block.decay[frame, lane], 0.005, 10.0),
                clamp(block.damping[frame, lane], 0.0, 4.0),
                np.float32(0.0),
                np.float32(0.1),
                clamp(block.position[frame, lane], 0.0, 1.0),
                clamp(block.stick[frame, lane], 100.0, 20_000.0),
                clamp(block.click[frame, lane], 0.0, 1.0),
                block.sample_rate,
            )
        clock = clock + 1 if clock < UPDATE - 1 else 0
    block.clock[0] = clock
