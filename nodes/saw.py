from __future__ import annotations

import numpy as np

from graph import Out, State, inline, kernel
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.harmonics import EDGES, low_saw, saw
from nodes.dsp.oscillators.oscillator import ON_SYNC, Oscillator, pass_edge, pitch, play, restarts


class Saw(Oscillator):
    """Band-limited sawtooth oscillator: every harmonic at 1/n; brass, strings, subtractive synthesis.

    A band-limited step around each edge (nodes/dsp/oscillators/blep.py) follows `freq` at audio rate without a
    table or oversampling. Where edges are too close for it, the few harmonics are summed
    (nodes/dsp/oscillators/harmonics.py). Below 16 kHz at a rate of 48 kHz the aliases lie under -90 dB at every pitch.
    The first sample is 0; it rises to 1 in half a cycle and falls to -1. Each further voice starts at its own phase.
    """

    ORIGIN = 2**31

    freq = pitch(440)
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="-1 .. 1")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle; the edge is at 0.")

    @kernel
    def process(block):
        play(block, 2**31, EDGES, low, tone, naive, edges, ON_SYNC)


@inline
def low(block, i, lane, turn, steps):
    return low_saw(turn, steps)


@inline
def tone(block, i, lane, turn, steps):
    return saw(turn, steps)


@inline
def naive(block, i, lane, turn):
    """Value, and slope per step, with a true edge."""
    since = signed(turn)
    return 2.0 * STEP * since - (1.0 if since >= 0.0 else -1.0), np.float32(2.0 * STEP)


@inline
def edges(block, i, lane, turn, way, went, ends, begins):
    pass_edge(block, lane, signed(turn), way, went, ends, np.float32(0.0), np.float32(-2.0), np.float32(0.0))
