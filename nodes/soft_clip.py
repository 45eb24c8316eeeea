"""The soft clipper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, fall, lift
from nodes.dsp.drive.oversample_six import BACK, fold, sixfold, treble_rate
from nodes.dsp.math.functions import clamp, tanh


class SoftClip(Node, family="Drive"):
    """Saturation that rounds peaks off instead of cutting them: out = tanh(drive * audio), without aliases.

    What is quiet only becomes `drive` times louder. A hyperbolic tangent and not a cubic, as the cubic has a
    corner where it meets its ceiling. The curve runs at six times the sample rate (nodes/dsp/drive/oversample_six.py):
    a driven sine of 5 kHz has aliases at -15 dB without that, at -19 and -23 dB with its first and second
    antiderivative (Parker, Zavalishin, Le Bivic, 2016), and at -77 dB so. Late by four frames. An edge without
    the treble above hearing swings past its end: what is driven hard passes 1 by some 3 dB, as it does between
    the samples of any clipper. A Limiter behind it holds a ceiling.
    """

    audio = In(doc="Signal to saturate.")
    drive = In(1.0, "", 0, 100, doc="Gain before the curve: 1 leaves quiet signals alone, 10 is fuzz.")
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
            gain = clamp(load(block.drive, i, 6, 16), 0.0, 100.0)
            store(heard, PAST * lanes + i, gain * load(block.audio, i, 0, 16), 1, 16)
        lift(heard, block.up, raised, frames, lanes)
        treble_rate(raised, block.short, six, frames, lanes)
        for plane in range(six.shape[0]):
            at = (plane * six.shape[1] + BACK) * lanes
            for i in range(frames * lanes):
                store(six, at + i, tanh(load(six, at + i, 7, 16)), 7, 16)
        fold(six, block.short, planes, frames, lanes)
        fall(planes, block.down, block.out, frames, lanes)
