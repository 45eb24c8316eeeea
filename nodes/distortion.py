from __future__ import annotations

from graph import In, Out, State, inline, within
from graph.native import load, store
from nodes.dsp.drive.clip import clipped_mean
from nodes.dsp.drive.shaper import Shaper, oversampled, shaped
from nodes.dsp.math.functions import clamp, prewarp


@inline
def fizzless(block, curve):
    """[audio] The loop: the clipper, then the low-pass."""
    shaped(block, curve)
    out, charge, lanes = block.out, block.charge, block.lanes
    for frame in range(block.frames):
        for lane in range(lanes):
            i = frame * lanes + lane
            n, d = prewarp(clamp(load(block.tone, i), 200.0, 20_000.0), block.sample_rate)
            low = load(charge, lane)
            flow = (load(out, i) - low) * (n / (n + d))
            store(charge, lane, low + 2.0 * flow)
            store(out, i, low + flow)


class Distortion(Shaper):
    """Fuzz: hard clipping at full scale, followed by a low-pass that removes the fizz.

    The hard corner generates harmonics without limit. The clipper runs at eight times the sample rate
    (nodes/dsp/drive/oversample.py), where each sample is the mean of the clipped line from the previous sample: the
    first-order antiderivative method of Parker, Zavalishin, Le Bivic, "Reducing the aliasing of nonlinear
    waveshaping using continuous-time convolution", 2016.
    """

    FACTOR = 8

    audio = In(doc="Signal to distort.")
    drive = In(20, "", 0, 1_000, curve="log", ramp=0.02, doc="Gain before the clipper.")
    tone = In(6_000, "Hz", 200, 20_000, curve="log", doc="Cutoff of the low-pass after the clipper.")
    out = Out(doc="Distorted signal, about -1 .. 1; latency 3 frames and the low-pass.")
    up, down, heard, planes = oversampled()
    past = State()
    charge = State()

    @within(fizzless, "x")
    def process(x, drive, past):
        now = drive * x
        return clipped_mean(past, now), now
