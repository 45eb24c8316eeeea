from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.drive.oversample import PAST, fall, oversampling, rise
from nodes.dsp.math.functions import clamp, sine

FACTOR = 4


class Wavefold(Node, family="Drive"):
    """Wavefolder: folds the signal back repeatedly beyond the ceiling; the west-coast timbre.

    The fold is a sine, as in Buchla's and Serge's circuits; rounded folds sound full where a triangle's buzz. It runs
    at four times the sample rate on the mean over each step, which the antiderivative of the sine gives in closed form:
    the sine at the midpoint times a sine quotient. Parker, Zavalishin, Le Bivic, "Reducing the aliasing of nonlinear
    waveshaping using continuous-time convolution", DAFx 2016.
    """

    audio = In(doc="Signal to fold; works best with a sine or triangle.")
    drive = In(3, "", 0, 20, ramp=0.03, doc="Gain: at 1 full scale reaches the ceiling; every 2 more add a fold.")
    symmetry = In(0, "", -1, 1, doc="Offset before the fold: adds even harmonics.")
    out = Out(doc="Folded signal, -1 .. 1 at symmetry 0; latency 3 frames.")
    last = State(doc="Previous sample, in cycles of the fold.")
    up = State(ndim=2)
    down = State(ndim=2)
    heard = State(ndim=2)
    planes = State(ndim=3)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return oversampling(FACTOR, setup, means=True)

    @kernel
    def process(block):
        planes, frames, lanes = block.planes, block.frames, block.lanes
        drive, symmetry, last = block.drive, block.symmetry, block.last
        rise(block.audio, block.heard, block.up, planes, frames, lanes)
        for frame in range(frames):
            for plane in range(planes.shape[0]):
                at = (plane * planes.shape[1] + PAST + frame) * lanes
                for lane in range(lanes):
                    i = frame * lanes + lane
                    off = 0.25 * clamp(load(symmetry, i), -1.0, 1.0)
                    now = 0.25 * clamp(load(drive, i), 0.0, 20.0) * load(planes, at + lane)
                    before = load(last, lane)
                    way = now - before
                    far = abs(way) > 1e-4
                    mean = sine(off + before + 0.5 * way)
                    mean *= 0.3183098861837907 * sine(0.5 * way) / (way if far else 1.0) if far else 1.0
                    store(planes, at + lane, mean - sine(off))
                    store(last, lane, now)
        fall(planes, block.down, block.out, frames, lanes)
