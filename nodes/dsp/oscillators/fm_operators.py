"""Four operators of phase modulation: their sum at one frame, their phases, and their restart.

Ports are numbered out of 32: 0 to 6 as in oscillator.py, then as `Fm` declares them.
"""

from __future__ import annotations

import numpy as np

from graph import helper
from graph.native import load, store
from nodes.dsp.math.functions import clamp, sine
from nodes.dsp.math.phase import STEP, TURN, advance, highest_steps, offset, signed
from nodes.dsp.oscillators.oscillator import asked
from nodes.dsp.oscillators.restart import add_jump


@helper
def operators(block, i, lane, remembers):
    """[audio] What is heard at the phases of this frame; `remembers` operator 4 for its feedback."""
    turns, lanes, to = block.turns, block.lanes, block.routes
    last = load(block.last, lane, 16, 32)
    own = 0.07957747154594767 * clamp(load(block.feedback, i, 15, 32), 0.0, 1.5)
    raw = sine(STEP * signed(load(turns, 3 * lanes + lane, 18, 32)) + own * (last + load(block.before, lane, 17, 32)))
    four = raw * clamp(load(block.level4, i, 14, 32), 0.0, 20.0)
    three = sine(STEP * signed(load(turns, 2 * lanes + lane, 18, 32)) + load(to, 23, 19, 32) * four)
    three *= clamp(load(block.level3, i, 13, 32), 0.0, 20.0)
    two = sine(
        STEP * signed(load(turns, lanes + lane, 18, 32)) + load(to, 22, 19, 32) * four + load(to, 17, 19, 32) * three
    )
    two *= clamp(load(block.level2, i, 12, 32), 0.0, 20.0)
    one = sine(
        STEP * signed(load(turns, lane, 18, 32))
        + load(to, 21, 19, 32) * four
        + load(to, 16, 19, 32) * three
        + load(to, 11, 19, 32) * two
    )
    one *= clamp(load(block.level1, i, 11, 32), 0.0, 20.0)
    if remembers:
        store(block.before, lane, last, 17, 32)
        store(block.last, lane, raw, 16, 32)
    return (
        load(to, 5, 19, 32) * one
        + load(to, 10, 19, 32) * two
        + load(to, 15, 19, 32) * three
        + load(to, 20, 19, 32) * four
    )


@helper
def ratios(block, i):
    first, second = clamp(load(block.ratio1, i, 7, 32), 0.0, 32.0), clamp(load(block.ratio2, i, 8, 32), 0.0, 32.0)
    return (
        first,
        second,
        clamp(load(block.ratio3, i, 9, 32), 0.0, 32.0),
        clamp(load(block.ratio4, i, 10, 32), 0.0, 32.0),
    )


@helper
def move(block, i, lane, time):
    """[audio] The phases, some frames on."""
    turns, lanes, scale = block.turns, block.lanes, TURN / block.sample_rate
    most = highest_steps(scale)
    steps = scale * clamp(load(block.freq, i, 1, 32), -20000.0, 20000.0)
    one, two, three, four = ratios(block, i)
    step(turns, lane, time * clamp(steps * one, -most, most))
    step(turns, lanes + lane, time * clamp(steps * two, -most, most))
    step(turns, 2 * lanes + lane, time * clamp(steps * three, -most, most))
    step(turns, 3 * lanes + lane, time * clamp(steps * four, -most, most))


@helper
def step(turns, at, steps):
    store(turns, at, advance(load(turns, at, 18, 32), steps), 18, 32)


@helper
def restart(block, i, lane):
    """[audio] All operators begin together, as if they had run up to `start_phase` of the pitch."""
    waits, restarts, _, since, later = asked(block, i, lane)
    if waits or restarts:
        old = operators(block, i, lane, False)
        begin = later if restarts else later + STEP * signed(load(block.turn, lane, 0, 32))
        for k, ratio in enumerate(ratios(block, i)):
            store(block.turns, k * block.lanes + lane, offset(np.uint32(0), begin * ratio), 18, 32)
        move(block, i, lane, since)
        store(block.last, lane, 0.0, 16, 32)
        store(block.before, lane, 0.0, 17, 32)
        if not waits:
            jump = operators(block, i, lane, False) - old
            add_jump(block.jumps, lane, block.lanes, np.float32(0.0), jump, np.float32(0.0), since, 6, 32)
