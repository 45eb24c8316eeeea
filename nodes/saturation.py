from __future__ import annotations

import numpy as np

from graph import In, Out, State, inline, within
from graph.native import load, store
from nodes.dsp.drive.shaper import Shaper, oversampled, shaped
from nodes.dsp.math.functions import prewarp, tanh


@inline
def centered(block, curve):
    """[audio] The loop: the curve, then a high-pass at 8 Hz."""
    shaped(block, curve)
    out, before, last, lanes = block.out, block.before, block.last, block.lanes
    n, d = prewarp(np.float32(8.0), block.sample_rate)
    for frame in range(block.frames):
        for lane in range(lanes):
            i = frame * lanes + lane
            bent = load(out, i)
            mean = (d - n) * load(last, lane) + d * (bent - load(before, lane))
            store(before, lane, bent)
            store(last, lane, mean / (d + n))
            store(out, i, mean / (d + n))


class Saturation(Shaper):
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
    up, down, heard, planes = oversampled()
    past = State()
    curved = State()
    before = State()
    last = State()

    @within(centered, "x")
    def process(x, drive, bias, past, curved):
        now = drive * x
        half = tanh(bias + 0.5 * (now + past)) - tanh(bias)
        bent = tanh(bias + now) - tanh(bias)
        return 0.16666667 * (curved + 4.0 * half + bent), now, bent
