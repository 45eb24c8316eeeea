from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.filters.cabinets import CABINETS, sections
from nodes.dsp.math.functions import clamp


class Cabinet(Node, family="Drive"):
    """Guitar cabinet and microphone: seven second-order sections that tame a distorted signal.

    The sections are voiced by listening and model the box resonance, the dip above it, the cone breakup around 3
    kHz and the steep edge beyond. A recorded impulse response captures one loudspeaker at one sample rate; these
    sections sound the same at any rate, add no latency and cost little. For a recorded cabinet use Convolution.
    """

    audio = In(doc="Signal to play through the cabinet.")
    mic = In(0.7, "", 0, 1, doc="Microphone position: 1 at the center of the cone, 0 at its dull edge.")
    cabinet = Option("combo", choices=tuple(CABINETS), doc="combo: one open 12-inch; stack: four closed 12-inch.")
    out = Out(doc="Microphone signal.")
    rows = State(ndim=2)
    first = State(ndim=2)
    second = State(ndim=2)
    rim = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        rows = sections(self.options["cabinet"], setup.sample_rate)
        memory = np.zeros((len(rows), setup.lanes), np.float32)
        return {"rows": rows, "first": memory, "second": memory.copy()}

    @kernel
    def process(block):
        rows, first, second, out, lanes = block.rows, block.first, block.second, block.out, block.lanes
        dull = clamp(11_000.0 / block.sample_rate, 0.0, 0.9)
        for frame in range(block.frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                store(out, i, load(block.audio, i))
            for row in range(rows.shape[0]):
                b0, b1, b2, a1, a2 = rows[row, 0], rows[row, 1], rows[row, 2], rows[row, 3], rows[row, 4]
                for lane in range(lanes):
                    i = frame * lanes + lane
                    j = row * lanes + lane
                    x = load(out, i)
                    y = b0 * x + load(first, j)
                    store(first, j, b1 * x - a1 * y + load(second, j))
                    store(second, j, b2 * x - a2 * y)
                    store(out, i, y)
            for lane in range(lanes):
                i = frame * lanes + lane
                x = load(out, i)
                rim = load(block.rim, lane)
                rim += dull * (x - rim)
                store(block.rim, lane, rim)
                store(out, i, rim + clamp(load(block.mic, i), 0.0, 1.0) * (x - rim))
