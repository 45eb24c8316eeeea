from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Option, Out, Setup, State, kernel
from graph.native import store
from nodes.dsp.oscillators.fm_operators import move, operators, restart
from nodes.dsp.oscillators.oscillator import Oscillator, nothing_asked, pitch, restarting, restarts
from nodes.dsp.oscillators.restart import ringing

OPERATORS = 4
ROUTES = (
    ((4, 3), (3, 2), (2, 1), (1, 0)),
    ((4, 2), (3, 2), (2, 1), (1, 0)),
    ((3, 2), (2, 1), (4, 1), (1, 0)),
    ((4, 3), (3, 1), (2, 1), (1, 0)),
    ((4, 3), (2, 1), (1, 0), (3, 0)),
    ((4, 3), (4, 2), (4, 1), (1, 0), (2, 0), (3, 0)),
    ((4, 3), (1, 0), (2, 0), (3, 0)),
    ((1, 0), (2, 0), (3, 0), (4, 0)),
)
"""The eight algorithms, as pairs (modulator, carrier); carrier 0 is the output."""


class Fm(Oscillator):
    """Four-operator FM oscillator: bells, electric pianos, basses, metal.

    Yamaha's four-operator scheme (TX81Z): `algorithm` selects which operators modulate which, and operator 4 feeds
    back to itself. Phase is modulated rather than frequency, so the index does not detune, even if a modulator has
    a DC offset. Feedback uses the mean of the last two samples, which prevents hunting at Nyquist (Tomisawa, US
    patent 4,249,447). John Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
    1973.
    """

    freq = pitch(220, "Pitch that the ratios multiply; below 0 the wave runs backwards.")
    ratio1 = In(1, "", 0, 32, doc="Frequency of operator 1 as a multiple of `freq`.")
    ratio2 = In(1, "", 0, 32, doc="Frequency of operator 2 as a multiple of `freq`.")
    ratio3 = In(2, "", 0, 32, doc="Frequency of operator 3 as a multiple of `freq`.")
    ratio4 = In(14, "", 0, 32, doc="Frequency of operator 4 as a multiple of `freq`.")
    level1 = In(1, "", 0, 20, doc="Level of operator 1, a carrier in every algorithm.")
    level2 = In(1.5, "", 0, 20, doc="Level of operator 2; as a modulator, its index in radians.")
    level3 = In(0.3, "", 0, 20, doc="Level of operator 3; as a modulator, its index in radians.")
    level4 = In(0.2, "", 0, 20, doc="Level of operator 4; as a modulator, its index in radians.")
    feedback = In(0, "", 0, 1.5, doc="Feedback of operator 4, an index in radians; 1 is a saw, more is noise.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="Sum of the carriers.")
    algorithm = Option(1, min=1, max=8, doc="1 is 4 > 3 > 2 > 1; 5 is 4 > 3 and 2 > 1 in parallel; 8 is four carriers.")
    turn = State(dtype=np.uint32, doc="Start phase of each voice, 2**32 per cycle of `freq`.")
    turns = State(dtype=np.uint32, ndim=2, doc="Phase of each operator, 2**32 per cycle.")
    last = State(doc="Operator 4, one sample ago.")
    before = State(doc="Operator 4, two samples ago.")
    routes = State(shape=(OPERATORS + 1) ** 2, doc="Source by target: phase modulation in cycles at level 1.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        routes = np.zeros((OPERATORS + 1, OPERATORS + 1))
        for source, target in ROUTES[self.algorithm - 1]:
            routes[source, target] = 1 / (2 * np.pi) if target else 1
        return {**super().prepare(setup), "turns": np.zeros((OPERATORS, setup.lanes)), "routes": routes.ravel()}

    @kernel
    def process(block):
        frames, lanes, jumps, out = block.frames, block.lanes, block.jumps, block.out
        if restarting(block):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    restart(block, i, lane)
                    store(out, i, operators(block, i, lane, True) + ringing(jumps, lane, lanes))
                    move(block, i, lane, np.float32(1.0))
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    store(out, i, operators(block, i, lane, True))
                    move(block, i, lane, np.float32(1.0))
            nothing_asked(block)
