from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import slide_to
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, put
from nodes.dsp.math.functions import clamp, exp2, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed

REACH = 0.25
"""Length of the delay line in seconds; the modulation takes at most 0.2 of them."""


class Vibrato(Node):
    """Vibrato: periodic pitch modulation by exactly `depth` at any `rate`.

    A delay modulated by A seconds at `rate` shifts the pitch by a factor of up to 1 + 2 pi rate A, so A is derived from
    `depth` and `rate`. Most pedals set the delay depth directly, so twice the rate doubles the pitch swing. Eight-point
    interpolation avoids modulating the high end.
    Dattorro, "Effect design, part 2: delay-line modulation and chorus" (1997).
    """

    audio = In(doc="Signal.")
    rate = In(5.5, "Hz", 0.1, 20, curve="log", doc="LFO rate.")
    depth = In(30, "cents", 0, 200, ramp=0.03, doc="Pitch deviation up and down; limited to a delay of +-0.1 s.")
    out = Out(doc="Modulated signal; its mean delay is half the delay swing.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64)
    phase = State(dtype=np.uint32)
    late = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"line": new_line(setup.lanes, REACH * setup.sample_rate)}

    @kernel
    def process(block):
        line, phase, late, out = block.line, block.phase, block.late, block.out
        audio, speed, depth = block.audio, block.rate, block.depth
        rate = block.sample_rate
        end = longest(line)
        write = block.write[0]
        for frame in range(block.frames):
            for lane in range(block.lanes):
                turns = clamp(speed[frame, lane], 0.1, 20.0)
                bend = exp2(clamp(depth[frame, lane], 0.0, 200.0) * 0.0008333333) - 1.0
                far = min(bend * rate / (6.2831853 * turns), 0.1 * rate)
                now = phase[lane]
                cosine = wave(0.25 - abs(STEP * signed(now)))
                late[lane] = slide_to(clamp(far - far * cosine + NEAREST, NEAREST, end), late[lane])
                put(line, lane, write, audio[frame, lane])
                out[frame, lane] = listen(line, lane, write, late[lane])
                phase[lane] = advance(now, increment(turns, rate))
            write += 1
        block.write[0] = write
