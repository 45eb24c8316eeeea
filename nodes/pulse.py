from __future__ import annotations

import numpy as np

from graph import In, Out, State, inline, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp, lerp
from nodes.dsp.math.phase import STEP, TURN, advance, signed
from nodes.dsp.oscillators.harmonics import EDGES, low_saw, share, sum_of_saw
from nodes.dsp.oscillators.oscillator import ON_SYNC, Oscillator, pass_edge, pitch, play, restarts

HALF_TURN = np.uint32(2**31)


class Pulse(Oscillator):
    """Band-limited pulse oscillator: hollow at half width (odd harmonics only), nasal when narrow.

    The difference of two saws `width` of a cycle apart, each generated as in Saw. A width modulated at audio rate
    moves the falling edge with it and does not alias either. The mean is 0 at every width, so width modulation
    does not thump as with a pulse of -1 .. 1. The levels are 2 - 2 width and -2 width: a square of -1 .. 1 at half
    width. Starts on its rising edge; each further voice starts at its own phase.
    """

    freq = pitch(440)
    width = In(0.5, "", 0.05, 0.95, doc="Fraction of the cycle that is high.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="Pulse wave, 2 peak to peak, mean 0.")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle; the rising edge is at 0.")
    before = State(doc="Width of the previous frame; 0 on the first.")

    @kernel
    def process(block):
        play(block, 0, EDGES, low, tone, naive, edges, ON_SYNC)


@inline
def low(block, i, lane, turn, steps):
    falling, fast = falling_edge(block, i, lane, turn, steps)
    return low_saw(falling, fast) - low_saw(turn, steps)


@inline
def tone(block, i, lane, turn, steps):
    falling, fast = falling_edge(block, i, lane, turn, steps)
    slow = low_saw(falling, fast) - low_saw(turn, steps)
    high = sum_of_saw(STEP * signed(falling), steps) - sum_of_saw(STEP * signed(turn), steps)
    return lerp(slow, high, share(steps, EDGES))


@inline
def falling_edge(block, i, lane, turn, steps):
    """Phase and speed of the falling edge: a change of width adds to its speed."""
    now = clamp(load(block.width, i), 0.05, 0.95)
    before = load(block.before, lane)
    before = before if before > 0.0 else now
    store(block.before, lane, now)
    change = TURN * (before - now)
    fast = abs(steps + (change if load(block.freq, i) >= 0.0 else -change))
    return behind(turn, now), fast if fast > 1.0 else np.float32(1.0)


@inline
def behind(turn, width):
    return advance(turn ^ HALF_TURN, TURN * (0.5 - width))


@inline
def naive(block, i, lane, turn):
    """Value, and slope per step, with true edges."""
    width = clamp(load(block.width, i), 0.05, 0.95)
    rise = 1.0 if signed(turn) >= 0.0 else -1.0
    fall = 1.0 if signed(behind(turn, width)) >= 0.0 else -1.0
    return 2.0 * STEP * (signed(behind(turn, width)) - signed(turn)) + rise - fall, np.float32(0.0)


@inline
def edges(block, i, lane, turn, way, went, ends, begins):
    now = clamp(load(block.width, i), 0.05, 0.95)
    before = load(block.before, lane)
    moves = np.float32(0.0) if begins else TURN * (before - now)
    store(block.before, lane, now)
    pass_edge(block, lane, signed(turn), way, went, ends, np.float32(0.0), np.float32(2.0), np.float32(0.0))
    x = signed(behind(turn, now))
    pass_edge(block, lane, x, way + moves, went + moves, ends, np.float32(0.0), np.float32(-2.0), np.float32(0.0))
