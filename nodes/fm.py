from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp, sine
from nodes.dsp.math.phase import STEP, advance, increment, signed

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


class Fm(Node):
    """Four-operator FM synthesis: bells, electric pianos, basses, metal.

    Yamaha's four-operator scheme (TX81Z): `algorithm` selects which operators modulate which, and operator 4 feeds
    back to itself. Phase is modulated rather than frequency, so the index does not detune, even if a modulator has
    a DC offset. Feedback uses the mean of the last two samples, which prevents hunting at Nyquist (Tomisawa, US
    patent 4,249,447). John Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
    1973.
    """

    freq = In(220, "Hz", 0, 20_000, curve="log", doc="Base frequency that the ratios multiply.")
    ratio1 = In(1, "", 0, 32, doc="Frequency of operator 1 relative to `freq`.")
    ratio2 = In(1, "", 0, 32, doc="Frequency of operator 2 relative to `freq`.")
    ratio3 = In(2, "", 0, 32, doc="Frequency of operator 3 relative to `freq`.")
    ratio4 = In(14, "", 0, 32, doc="Frequency of operator 4 relative to `freq`.")
    level1 = In(1, "", 0, 20, doc="Level of operator 1, a carrier in every algorithm.")
    level2 = In(1.5, "", 0, 20, doc="Level of operator 2; as a modulator, the index in radians.")
    level3 = In(0.3, "", 0, 20, doc="Level of operator 3; as a modulator, the index in radians.")
    level4 = In(0.2, "", 0, 20, doc="Level of operator 4; as a modulator, the index in radians.")
    feedback = In(0, "", 0, 1.5, doc="Feedback index of operator 4 in radians; 1 is a saw, higher is noise.")
    out = Out(doc="Sum of the algorithm's carriers.")
    algorithm = Option(1, min=1, max=8, doc="1 is 4 > 3 > 2 > 1; 5 is 4 > 3 beside 2 > 1; 8 is four parallel carriers.")
    turn1 = State(dtype=np.uint32, doc="Phase of operator 1; 2**32 steps per cycle.")
    turn2 = State(dtype=np.uint32)
    turn3 = State(dtype=np.uint32)
    turn4 = State(dtype=np.uint32)
    last = State(doc="Previous sample of operator 4.")
    before = State(doc="Sample of operator 4 before `last`.")
    routes = State(shape=(OPERATORS + 1) ** 2, doc="Modulator, then carrier: cycles of phase per unit of level.")

    def prepare(self, setup: Setup) -> dict[str, Any]:  # noqa: ARG002
        routes = np.zeros((OPERATORS + 1, OPERATORS + 1))
        for source, target in ROUTES[self.algorithm - 1]:
            routes[source, target] = 1 / (2 * np.pi) if target else 1
        return {"routes": routes.ravel()}

    @kernel
    def process(block):
        lanes, rate, routes, out = block.lanes, block.sample_rate, block.routes, block.out
        to3, to2, to1, to0 = routes[23], routes[22], routes[21], routes[20]
        from3to2, from3to1, from3to0 = routes[17], routes[16], routes[15]
        from2to1, from2to0, from1to0 = routes[11], routes[10], routes[5]
        for frame in range(block.frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                freq = clamp(load(block.freq, i), 0.0, 20000.0)
                turn1, turn2 = load(block.turn1, lane), load(block.turn2, lane)
                turn3, turn4 = load(block.turn3, lane), load(block.turn4, lane)
                last = load(block.last, lane)
                own = 0.07957747154594767 * clamp(load(block.feedback, i), 0.0, 1.5)
                raw = sine(STEP * signed(turn4) + own * (last + load(block.before, lane)))
                four = raw * clamp(load(block.level4, i), 0.0, 20.0)
                three = sine(STEP * signed(turn3) + to3 * four) * clamp(load(block.level3, i), 0.0, 20.0)
                two = sine(STEP * signed(turn2) + to2 * four + from3to2 * three)
                two *= clamp(load(block.level2, i), 0.0, 20.0)
                one = sine(STEP * signed(turn1) + to1 * four + from3to1 * three + from2to1 * two)
                one *= clamp(load(block.level1, i), 0.0, 20.0)
                store(out, i, from1to0 * one + from2to0 * two + from3to0 * three + to0 * four)
                store(block.before, lane, last)
                store(block.last, lane, raw)
                ratio1, ratio2 = load(block.ratio1, i), load(block.ratio2, i)
                ratio3, ratio4 = load(block.ratio3, i), load(block.ratio4, i)
                store(block.turn1, lane, advance(turn1, increment(freq * clamp(ratio1, 0.0, 32.0), rate)))
                store(block.turn2, lane, advance(turn2, increment(freq * clamp(ratio2, 0.0, 32.0), rate)))
                store(block.turn3, lane, advance(turn3, increment(freq * clamp(ratio3, 0.0, 32.0), rate)))
                store(block.turn4, lane, advance(turn4, increment(freq * clamp(ratio4, 0.0, 32.0), rate)))
