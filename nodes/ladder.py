from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Node, Out, Setup, State, helper, kernel
from graph.native import load, store
from nodes.dsp.functions import clamp, prewarp, tanh
from nodes.dsp.oversample import PAST, fall, oversampling, rise

FACTOR = 4


@helper
def head(aim, loop):
    """tanh(v) where v = aim - loop * tanh(v), by two steps of Newton's method.

    It begins where straight lines meet, and the first step takes a cheaper curve: each lane waits for this.
    """
    share = 1.0 / (1.0 + loop)
    edge = clamp(aim, -1.0, 1.0) + (aim - clamp(aim, -1.0 - loop, 1.0 + loop))
    v = aim * share
    v = v if abs(v) < 1.0 else edge
    x = clamp(v, -3.0, 3.0)
    bent = x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
    v -= (v + loop * bent - aim) / (1.0 + loop * (1.0 - bent * bent))
    bent = tanh(v)
    slope = 1.0 - bent * bent
    return bent - slope * (v + loop * bent - aim) / (1.0 + loop * slope)


class Ladder(Node, family="Filters"):
    """Four poles in a row with feedback, 24 dB an octave: the low-pass of the Moog, which sings by itself.

    Trapezoidal stages without a delay in the loop, so `cutoff` is in tune (a delay makes it sink as it
    rises), and one saturation, at the head of the ladder, in the loop: the equation for it is solved
    in every sample by Newton's method. As it turns no phase, the filter oscillates at its cutoff, where four
    saturations, one a stage, would let it drift. Runs at twice the rate (nodes/dsp/oversample.py);
    the ladder itself takes the aliases off. Zavalishin, "The art of VA filter design", 2018, 5.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="Corner, and the note it sings.")
    resonance = In(0.3, "", 0, 1.2, ramp=0.01, doc="Above 1 it sings once anything has come in.")
    drive = In(1, "", 0.1, 100, curve="log", ramp=0.02, doc="Gain into the saturation.")
    out = Out(doc="What lies below the cutoff.")
    up = State(ndim=2)
    down = State(ndim=2)
    heard = State(ndim=2)
    planes = State(ndim=3)
    charge1 = State()
    charge2 = State()
    charge3 = State()
    charge4 = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return oversampling(FACTOR, setup)

    @kernel
    def process(block):
        planes, out, frames, lanes = block.planes, block.out, block.frames, block.lanes
        charge1, charge2, charge3, charge4 = block.charge1, block.charge2, block.charge3, block.charge4
        cutoff, drive, resonance = block.cutoff, block.drive, block.resonance
        rate = FACTOR * block.sample_rate
        rise(block.audio, block.heard, block.up, planes, frames, lanes)
        for frame in range(frames):
            for plane in range(planes.shape[0]):
                at = (plane * planes.shape[1] + PAST + frame) * lanes
                for lane in range(lanes):
                    i = frame * lanes + lane
                    n, d = prewarp(clamp(load(cutoff, i, 6, 16), 20.0, 20_000.0), rate)
                    a = n / (n + d)
                    b = 1.0 - a
                    k = 4.0 * clamp(load(resonance, i, 7, 16), 0.0, 1.2)
                    loop = k * a * a * a * a
                    c1, c2 = load(charge1, lane, 8, 16), load(charge2, lane, 9, 16)
                    c3, c4 = load(charge3, lane, 10, 16), load(charge4, lane, 11, 16)
                    audio = clamp(load(drive, i, 12, 16), 0.1, 100.0) * load(planes, at + lane, 3, 16)
                    p1 = b * c1
                    p2 = b * c2 + a * p1
                    p3 = b * c3 + a * p2
                    p4 = b * c4 + a * p3
                    bent = head(audio - k * p4, loop)
                    y1 = a * bent + p1
                    y2 = a * a * bent + p2
                    y3 = a * a * a * bent + p3
                    y4 = a * a * a * a * bent + p4
                    store(charge1, lane, 2.0 * y1 - c1, 8, 16)
                    store(charge2, lane, 2.0 * y2 - c2, 9, 16)
                    store(charge3, lane, 2.0 * y3 - c3, 10, 16)
                    store(charge4, lane, 2.0 * y4 - c4, 11, 16)
                    store(planes, at + lane, (1.0 + 0.5 * k) * y4, 3, 16)
        fall(planes, block.down, out, frames, lanes)
