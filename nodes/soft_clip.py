"""Soft clipper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, fall, lift
from nodes.dsp.drive.oversample_six import BACK, fold, sixfold, treble_rate
from nodes.dsp.math.functions import clamp, tanh


class SoftClip(Node, family="Drive"):
    """Soft clipper: out = tanh(drive * audio), band-limited by sixfold oversampling.

    Quiet signals are scaled by `drive`, peaks are rounded. The curve is a hyperbolic tangent, because a cubic has a
    corner at its ceiling. It runs at six times the sample rate (nodes/dsp/drive/oversample_six.py). For a driven 5 kHz
    sine the aliases are at -15 dB without oversampling, at -19 and -23 dB with the first and second antiderivative
    (Parker, Zavalishin, Le Bivic, 2016), and at -77 dB here. Latency: four frames. Removing the ultrasonic band makes
    edges overshoot: hard-driven signals exceed 1 by about 3 dB, as they do between the samples of any clipper. Follow
    it with a Limiter for a fixed ceiling.
    """

    audio = In(doc="Signal to saturate.")
    drive = In(1.0, "", 0, 100, doc="Gain before the curve: 1 leaves quiet signals unchanged, 10 is fuzz.")
    out = Out(doc="Saturated signal, about -1 .. 1; latency 4 frames.")
    up = State(ndim=2)
    down = State(ndim=2)
    heard = State(ndim=2)
    raised = State(ndim=3)
    six = State(ndim=3)
    short = State(ndim=1)
    planes = State(ndim=3)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return sixfold(setup)

    @kernel
    def process(block):
        heard, raised, six, planes = block.heard, block.raised, block.six, block.planes
        frames, lanes = block.frames, block.lanes
        for i in range(frames * lanes):
            gain = clamp(load(block.drive, i), 0.0, 100.0)
            store(heard, PAST * lanes + i, gain * load(block.audio, i))
        lift(heard, block.up, raised, frames, lanes)
        treble_rate(raised, block.short, six, frames, lanes)
        for plane in range(six.shape[0]):
            at = (plane * six.shape[1] + BACK) * lanes
            for i in range(frames * lanes):
                store(six, at + i, tanh(load(six, at + i)))
        fold(six, block.short, planes, frames, lanes)
        fall(planes, block.down, block.out, frames, lanes)
