from __future__ import annotations

import numpy as np

from graph import Out, State, inline, kernel
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.harmonics import CORNERS, QUARTER, low_triangle, triangle
from nodes.dsp.oscillators.oscillator import ON_SYNC, Oscillator, pass_edge, pitch, play, restarts

HALF_TURN = np.uint32(2**31)


class Triangle(Oscillator):
    """Band-limited triangle oscillator: odd harmonics at 1/n**2; mellow, between a flute and a sine with some edge.

    A band-limited corner (nodes/dsp/oscillators/blep.py) at the nearer turning point. An integrated square would
    drift and change its level with the pitch. Where corners are too close for it, the few harmonics are summed
    (nodes/dsp/oscillators/harmonics.py). Starts at 0 and rises; each further voice starts at its own phase.
    """

    ORIGIN = 2**30

    freq = pitch(440)
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="-1 .. 1")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle; the lowest point is at 0.")

    @kernel
    def process(block):
        play(block, 2**30, CORNERS, low, tone, naive, edges, ON_SYNC)


@inline
def low(block, i, lane, turn, steps):
    return low_triangle(turn, steps if steps > 1.0 else np.float32(1.0))


@inline
def tone(block, i, lane, turn, steps):
    return triangle(turn, steps if steps > 1.0 else np.float32(1.0))


@inline
def naive(block, i, lane, turn):
    """Value, and slope per step, with true corners."""
    height = signed(turn)
    return 4.0 * STEP * (abs(height) - QUARTER), np.float32(4.0 * STEP) if height >= 0.0 else np.float32(-4.0 * STEP)


@inline
def edges(block, i, lane, turn, way, went, ends, begins):
    bend = 8.0 * STEP * abs(went)
    pass_edge(block, lane, signed(turn), way, went, ends, np.float32(0.0), np.float32(0.0), bend)
    pass_edge(block, lane, signed(turn ^ HALF_TURN), way, went, ends, np.float32(0.0), np.float32(0.0), -bend)
