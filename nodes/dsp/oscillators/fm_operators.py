"""Four phase-modulation operators: output of one frame, phase advance, and restart."""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp, sine
from nodes.dsp.math.phase import STEP, TURN, advance, highest_steps, offset, signed
from nodes.dsp.oscillators.oscillator import asked
from nodes.dsp.oscillators.restart import add_jump


@inline
def operators(block, i, lane, remembers):
    """[audio] Sum of the carriers at the phases of this frame; `remembers` stores operator 4 for its feedback."""
    turns, lanes, to = block.turns, block.lanes, block.routes
    last = load(block.last, lane)
    own = 0.07957747154594767 * clamp(load(block.feedback, i), 0.0, 1.5)
    raw = sine(STEP * signed(load(turns, 3 * lanes + lane)) + own * (last + load(block.before, lane)))
    four = raw * clamp(load(block.level4, i), 0.0, 20.0)
    three = sine(STEP * signed(load(turns, 2 * lanes + lane)) + load(to, 23) * four)
    three *= clamp(load(block.level3, i), 0.0, 20.0)
    two = sine(STEP * signed(load(turns, lanes + lane)) + load(to, 22) * four + load(to, 17) * three)
    two *= clamp(load(block.level2, i), 0.0, 20.0)
    one = sine(STEP * signed(load(turns, lane)) + load(to, 21) * four + load(to, 16) * three + load(to, 11) * two)
    one *= clamp(load(block.level1, i), 0.0, 20.0)
    if remembers:
        store(block.before, lane, last)
        store(block.last, lane, raw)
    return load(to, 5) * one + load(to, 10) * two + load(to, 15) * three + load(to, 20) * four


@inline
def ratios(block, i):
    first, second = clamp(load(block.ratio1, i), 0.0, 32.0), clamp(load(block.ratio2, i), 0.0, 32.0)
    return (
        first,
        second,
        clamp(load(block.ratio3, i), 0.0, 32.0),
        clamp(load(block.ratio4, i), 0.0, 32.0),
    )


@inline
def move(block, i, lane, time):
    """[audio] Advances the phases by a number of frames."""
    turns, lanes, scale = block.turns, block.lanes, TURN / block.sample_rate
    most = highest_steps(scale)
    steps = scale * clamp(load(block.freq, i), -20000.0, 20000.0)
    one, two, three, four = ratios(block, i)
    step(turns, lane, time * clamp(steps * one, -most, most))
    step(turns, lanes + lane, time * clamp(steps * two, -most, most))
    step(turns, 2 * lanes + lane, time * clamp(steps * three, -most, most))
    step(turns, 3 * lanes + lane, time * clamp(steps * four, -most, most))


@inline
def step(turns, at, steps):
    store(turns, at, advance(load(turns, at), steps))


@inline
def restart(block, i, lane):
    """[audio] Restarts all operators together, at the phases they have at `start_phase` of the pitch."""
    waits, restarts, _, since, later = asked(block, i, lane)
    if waits or restarts:
        old = operators(block, i, lane, False)
        begin = later if restarts else later + STEP * signed(load(block.turn, lane))
        for k, ratio in enumerate(ratios(block, i)):
            store(block.turns, k * block.lanes + lane, offset(np.uint32(0), begin * ratio))
        move(block, i, lane, since)
        store(block.last, lane, 0.0)
        store(block.before, lane, 0.0)
        if not waits:
            jump = operators(block, i, lane, False) - old
            add_jump(block.jumps, lane, block.lanes, np.float32(0.0), jump, np.float32(0.0), since)
