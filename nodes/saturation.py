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
    """Tape and tube saturation: out = tanh(drive * audio + bias), band-limited.

    Runs at four times the sample rate (nodes/dsp/drive/oversample.py). There each sample is the mean of the curve over
    the step from the previous one, by Simpson's rule. This equals antiderivative anti-aliasing (Parker, Zavalishin, Le
    Bivic, 2016), without its differences of nearly equal numbers. The bias adds even harmonics, as a triode does; the
    DC offset it causes is removed. SoftClip is a plainer and cheaper curve.
    """

    audio = In(doc="Signal to saturate.")
    drive = In(2, "", 0, 100, curve="log", ramp=0.02, doc="Gain before the curve; scales quiet signals.")
    bias = In(0.2, "", 0, 1, ramp=0.05, doc="Asymmetry: 0 gives odd harmonics only, more adds even ones.")
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
                    gain = clamp(load(drive, frame * lanes + lane), 0.0, 100.0)
                    push = clamp(load(bias, frame * lanes + lane), 0.0, 1.0)
                    now = gain * load(planes, at + lane)
                    half = tanh(push + 0.5 * (now + load(past, lane))) - tanh(push)
                    bent = tanh(push + now) - tanh(push)
                    mean = 0.16666667 * (load(curved, lane) + 4.0 * half + bent)
                    store(planes, at + lane, mean)
                    store(past, lane, now)
                    store(curved, lane, bent)
        fall(planes, block.down, out, frames, lanes)
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                bent = load(out, i)
                mean = (d - n) * load(last, lane) + d * (bent - load(before, lane))
                store(before, lane, bent)
                store(last, lane, mean / (d + n))
                store(out, i, mean / (d + n))
