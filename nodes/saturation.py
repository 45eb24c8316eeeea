from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, fall, oversampling, rise
from nodes.dsp.math.functions import clamp, prewarp, tanh

FACTOR = 4


class Saturation(Node, family="Drive"):
    """Warmth of tape and tubes: out = tanh(drive * audio + bias), without aliases.

    Runs at four times the sample rate (nodes/dsp/drive/oversample.py), and there each sample is the mean of
    the curve on the way from the one before, by Simpson's rule. That is what antiderivatives amount to
    (Parker, Zavalishin, Le Bivic, 2016) without their differences of nearly equal numbers. The bias
    makes even harmonics as a triode does; the offset it brings is taken out. For a
    plainer and cheaper curve take SoftClip.
    """

    audio = In(doc="Signal to saturate.")
    drive = In(2, "", 0, 100, curve="log", ramp=0.02, doc="Gain before the curve: quiet signals become so much louder.")
    bias = In(0.2, "", 0, 1, ramp=0.05, doc="Push to one side: 0 makes odd harmonics only, more the octave too.")
    out = Out(doc="Saturated signal, about -1 .. 1; latency 3 frames.")
    up = State(ndim=2)
    down = State(ndim=2)
    heard = State(ndim=2)
    planes = State(ndim=3)
    past = State()
    curved = State()
    before = State()
    last = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return oversampling(FACTOR, setup, means=True)

    @kernel
    def process(block):
        planes, out, frames, lanes = block.planes, block.out, block.frames, block.lanes
        past, curved, before, last = block.past, block.curved, block.before, block.last
        drive, bias = block.drive, block.bias
        n, d = prewarp(np.float32(8.0), block.sample_rate)
        rise(block.audio, block.heard, block.up, planes, frames, lanes)
        for frame in range(frames):
            for plane in range(planes.shape[0]):
                at = (plane * planes.shape[1] + PAST + frame) * lanes
                for lane in range(lanes):
                    gain = clamp(load(drive, frame * lanes + lane, 6, 16), 0.0, 100.0)
                    push = clamp(load(bias, frame * lanes + lane, 7, 16), 0.0, 1.0)
                    now = gain * load(planes, at + lane, 3, 16)
                    half = tanh(push + 0.5 * (now + load(past, lane, 10, 16))) - tanh(push)
                    bent = tanh(push + now) - tanh(push)
                    mean = 0.16666667 * (load(curved, lane, 11, 16) + 4.0 * half + bent)
                    store(planes, at + lane, mean, 3, 16)
                    store(past, lane, now, 10, 16)
                    store(curved, lane, bent, 11, 16)
        fall(planes, block.down, out, frames, lanes)
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                bent = load(out, i, 5, 16)
                mean = (d - n) * load(last, lane, 8, 16) + d * (bent - load(before, lane, 9, 16))
                store(before, lane, bent, 9, 16)
                store(last, lane, mean / (d + n), 8, 16)
                store(out, i, mean / (d + n), 5, 16)
