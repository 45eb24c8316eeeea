from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.fractional import NEAREST, listen, new_line, put
from nodes.dsp.drive.oversample import PAST, fall, oversampling
from nodes.dsp.math.functions import clamp, exp2
from nodes.dsp.oscillators.blep import step

FACTOR = 4

REACH = 3
"""Samples on either side of an edge where a band-limited step differs from a hard one."""


class BitCrush(Node, family="Drive"):
    """Bit crusher: reduces sample rate and bit depth for the grit and imaging of an early sampler.

    The images of the low rate are the sound of the effect; their aliases at the real sample rate are not. Sampling
    instants therefore fall between frames, each edge is a band-limited step (nodes/dsp/oscillators/blep.py), and
    everything runs at four times the sample rate: the six-point step alone would leave aliases only 45 dB down.
    Quantization levels include 0, so silence stays silent. Latency is seven frames.
    """

    audio = In(doc="Signal to crush.")
    rate = In(8_000, "Hz", 100, 192_000, curve="log", doc="Target sample rate; at most four times the real one.")
    bits = In(8, "", 1, 24, ramp=0.02, doc="Bit depth: 2 ** bits levels between -1 and 1; may be fractional.")
    out = Out(doc="Crushed signal.")
    down = State(ndim=2)
    planes = State(ndim=3)
    heard = State(ndim=2)
    write = State((1,), np.int64)
    line = State(ndim=2)
    phase = State(doc="Fraction of a sampling period since the last sample.")
    held = State(doc="Value at the last sample.")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        made = oversampling(FACTOR, setup)
        line = np.zeros((2 * REACH, setup.lanes), np.float32)
        return {"down": made["down"], "planes": made["planes"], "heard": new_line(setup.lanes, 16), "line": line}

    @kernel
    def process(block):
        line, heard, phase, held, planes = block.line, block.heard, block.phase, block.held, block.planes
        frames, lanes, write = block.frames, block.lanes, block.write[0]
        part = 1.0 / np.float32(planes.shape[0])
        for frame in range(frames):
            for lane in range(lanes):
                put(heard, lane, write, block.audio[frame, lane])
                looks = clamp(block.rate[frame, lane], 100.0, 192_000.0) / block.sample_rate * part
                looks = looks if looks < 1.0 else np.float32(1.0)
                steps = exp2(clamp(block.bits[frame, lane], 1.0, 24.0) - 1.0)
                for plane in range(planes.shape[0]):
                    for i in range(2 * REACH - 1):
                        line[i, lane] = line[i + 1, lane]
                    line[2 * REACH - 1, lane] = 0.0
                    phase[lane] += looks
                    if phase[lane] >= 1.0:
                        phase[lane] -= 1.0
                        late = phase[lane] / looks
                        ago = NEAREST + 2.0 + part * (late - np.float32(plane))
                        seen = np.rint(listen(heard, lane, write + 1, ago) * steps) / steps
                        edge = 0.5 * (seen - held[lane])
                        held[lane] = seen
                        for i in range(2 * REACH):
                            away = late + np.float32(i - REACH)
                            side = edge if away >= 0.0 else -edge
                            line[i, lane] += side * (step(abs(away)) - 1.0)
                    line[REACH, lane] += held[lane]
                    planes[plane, PAST + frame, lane] = line[0, lane]
            write += 1
        fall(planes, block.down, block.out, frames, lanes)
        block.write[0] = write
