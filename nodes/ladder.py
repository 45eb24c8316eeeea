from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Node, Out, Setup, State, inline, kernel
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, fall, lift
from nodes.dsp.drive.oversample_six import BACK, fold, sixfold, treble_rate
from nodes.dsp.math.functions import clamp, prewarp, tanh


@inline
def head(aim, loop):
    """tanh(v) where v = aim - loop * tanh(v), by one step of Newton's method.

    At six times the sample rate `loop` is below 0.07, so a rough start is enough: the error is below 1e-4, and
    below 2e-6 from 44.1 kHz up. This is on the critical path of each lane.
    """
    v = aim - loop * clamp(aim, -1.0, 1.0)
    bent = tanh(v)
    slope = 1.0 - bent * bent
    return bent + slope * (aim - loop * bent - v) * (1.0 - loop * slope)


@inline
def rung(audio, a, k, c1, c2, c3, c4):
    """One sample of the ladder: its output and the next charges of its four stages."""
    b = 1.0 - a
    square = a * a
    p1 = b * c1
    p2 = b * (c2 + a * c1)
    p3 = b * c3 + a * p2
    p4 = b * (c4 + a * c3) + square * p2  # in pairs: the next sample depends on it
    bent = head(audio - k * p4, k * square * square)
    end = square * square * bent + p4
    return (
        end,
        2.0 * (a * bent + p1) - c1,
        2.0 * (square * bent + p2) - c2,
        2.0 * (a * square * bent + p3) - c3,
        2.0 * end - c4,
    )


class Ladder(Node, family="Filters"):
    """Moog-style ladder low-pass: four poles with feedback, 24 dB/octave, self-oscillating.

    The trapezoidal stages have no delay in the loop, so `cutoff` is in tune; a delay would lower it at high
    frequencies. The loop has one saturation, at the head of the ladder, solved every sample by Newton's method. It
    adds no phase shift, so the filter oscillates exactly at its cutoff; four saturations, one per stage, would
    detune it. The filter runs at six times the sample rate (nodes/dsp/drive/oversample_six.py): at four times, the
    aliases of a hard drive would be audible where a low cutoff removes the fundamental. Zavalishin, "The art of VA
    filter design", 2018, 5.
    """

    audio = In(doc="Signal to filter.")
    cutoff = In(1_000, "Hz", 20, 20_000, curve="log", doc="Cutoff frequency and pitch of self-oscillation.")
    resonance = In(0.3, "", 0, 1.2, ramp=0.01, doc="Feedback; above 1 it self-oscillates after any input.")
    drive = In(1, "", 0.1, 100, curve="log", ramp=0.02, doc="Gain before the saturation.")
    out = Out(doc="Signal below the cutoff; latency 5 frames and the filter.")
    up = State(ndim=2)
    down = State(ndim=2)
    heard = State(ndim=2)
    raised = State(ndim=3)
    six = State(ndim=3)
    short = State(ndim=1)
    planes = State(ndim=3)
    charge1 = State()
    charge2 = State()
    charge3 = State()
    charge4 = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return sixfold(setup)

    @kernel
    def process(block):
        heard, raised, six, planes = block.heard, block.raised, block.six, block.planes
        frames, lanes = block.frames, block.lanes
        charge1, charge2, charge3, charge4 = block.charge1, block.charge2, block.charge3, block.charge4
        cutoff, drive, resonance = block.cutoff, block.drive, block.resonance
        highest = 0.9 * block.sample_rate
        highest = highest if highest < 20_000.0 else 20_000.0
        for i in range(frames * lanes):
            gain = clamp(load(drive, i), 0.1, 100.0)
            store(heard, PAST * lanes + i, gain * load(block.audio, i))
        lift(heard, block.up, raised, frames, lanes)
        treble_rate(raised, block.short, six, frames, lanes)
        size = six.shape[1] * lanes
        for frame in range(frames):
            for plane in range(six.shape[0]):
                at = plane * size + (BACK + frame) * lanes
                for lane in range(lanes):
                    i = frame * lanes + lane
                    n, d = prewarp(clamp(load(cutoff, i), 20.0, highest), 6.0 * block.sample_rate)
                    a = n / (n + d)
                    k = 4.0 * clamp(load(resonance, i), 0.0, 1.2)
                    c1, c2 = load(charge1, lane), load(charge2, lane)
                    c3, c4 = load(charge3, lane), load(charge4, lane)
                    end, c1, c2, c3, c4 = rung(load(six, at + lane), a, k, c1, c2, c3, c4)
                    store(six, at + lane, (1.0 + 0.5 * k) * end)
                    store(charge1, lane, c1)
                    store(charge2, lane, c2)
                    store(charge3, lane, c3)
                    store(charge4, lane, c4)
        fold(six, block.short, planes, frames, lanes)
        fall(planes, block.down, block.out, frames, lanes)
