from __future__ import annotations

import numpy as np

from graph import Out, State, inline, kernel
from nodes.dsp.math.phase import signed
from nodes.dsp.oscillators.harmonics import EDGES, impulses, low_impulses
from nodes.dsp.oscillators.oscillator import ALWAYS, Oscillator, pass_edge, pitch, play, restarts

AREA = 1.2088914
"""Area of one impulse of height 1, in frames."""


class Impulse(Oscillator):
    """Band-limited impulse train: every harmonic at one level; a buzz, a glottis, an exciter for resonators.

    Each cycle outputs the kernel of the band-limited step (nodes/dsp/oscillators/blep.py) at its exact time between
    frames; a single sample would jitter by half a frame and alias. If impulses are too close for it, the few
    harmonics are summed. The first impulse is immediate; each further voice starts at its own phase.
    """

    freq = pitch(110, "Impulses per second, in either direction. Limited to below half the rate.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="Up to 1; its mean is 1.21 freq / sample rate.")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle; the impulse is at 0.")

    @kernel
    def process(block):
        play(block, 0, EDGES, low, tone, naive, edges, ALWAYS)


@inline
def low(block, i, lane, turn, steps):
    return low_impulses(turn, steps if steps > 1.0 else np.float32(1.0))


@inline
def tone(block, i, lane, turn, steps):
    return impulses(turn, steps if steps > 1.0 else np.float32(1.0))


@inline
def naive(block, i, lane, turn):
    return np.float32(0.0), np.float32(0.0)


@inline
def edges(block, i, lane, turn, way, went, ends, begins):
    if begins:  # with the impulse at the restart itself
        way = 1.000001 * way + (1.0 if went >= 0.0 else -1.0)
    pass_edge(block, lane, signed(turn), way, went, ends, np.float32(AREA), np.float32(0.0), np.float32(0.0))
