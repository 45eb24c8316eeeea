from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.drive.clip import clipped_mean
from nodes.dsp.drive.oversample import PAST, fall, oversampling, rise
from nodes.dsp.math.functions import clamp, prewarp

FACTOR = 8


class Distortion(Node, family="Drive"):
    """Fuzz: hard clipping at full scale, followed by a low-pass that removes the fizz.

    The hard corner generates harmonics without limit. The clipper runs at eight times the sample rate
    (nodes/dsp/drive/oversample.py), where each sample is the mean of the clipped line from the previous sample: the
    first-order antiderivative method of Parker, Zavalishin, Le Bivic, "Reducing the aliasing of nonlinear
    waveshaping using continuous-time convolution", 2016.
    """

    audio = In(doc="Signal to distort.")
    drive = In(20, "", 0, 1_000, curve="log", ramp=0.02, doc="Gain before the clipper.")
    tone = In(6_000, "Hz", 200, 20_000, curve="log", doc="Cutoff of the low-pass after the clipper.")
    out = Out(doc="Distorted signal, about -1 .. 1; latency 3 frames and the low-pass.")
    up = State(ndim=2)
    down = State(ndim=2)
    heard = State(ndim=2)
    planes = State(ndim=3)
    past = State()
    charge = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return oversampling(FACTOR, setup, means=True)

    @kernel
    def process(block):
        planes, out, frames, lanes = block.planes, block.out, block.frames, block.lanes
        charge, drive, past, tone = block.charge, block.drive, block.past, block.tone
        rise(block.audio, block.heard, block.up, planes, frames, lanes)
        for frame in range(frames):
            for plane in range(planes.shape[0]):
                at = (plane * planes.shape[1] + PAST + frame) * lanes
                for lane in range(lanes):
                    gain = clamp(load(drive, frame * lanes + lane), 0.0, 1_000.0)
                    now = gain * load(planes, at + lane)
                    store(planes, at + lane, clipped_mean(load(past, lane), now))
                    store(past, lane, now)
        fall(planes, block.down, out, frames, lanes)
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                n, d = prewarp(clamp(load(tone, i), 200.0, 20_000.0), block.sample_rate)
                low = load(charge, lane)
                flow = (load(out, i) - low) * (n / (n + d))
                store(charge, lane, low + 2.0 * flow)
                store(out, i, low + flow)
