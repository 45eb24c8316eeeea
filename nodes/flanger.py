from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import slide_to
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, put
from nodes.dsp.math.functions import clamp, exp2, sine
from nodes.dsp.math.phase import STEP, advance, increment, signed


class Flanger(Node):
    """Flanger: a sweeping comb of evenly spaced notches; jets, metal, swirls.

    The signal is mixed with a copy a few milliseconds late, with feedback for resonance. The delay sweeps in
    octaves, which matches hearing; a sweep in seconds would rush through the top. Eight-point interpolation keeps
    the notches deep up to 15 kHz, which linear interpolation does not. Dattorro, "Effect design, part 2: delay-line
    modulation and chorus" (1997).
    """

    audio = In(voices=1, channels=2, doc="Input signal.")
    rate = In(0.25, "Hz", 0.01, 10, curve="log", voices=1, channels=1, doc="Sweep cycles per second.")
    depth = In(
        0.7, "", 0, 1, ramp=0.02, voices=1, channels=1, doc="Sweep range: 1 is two octaves to either side of `delay`."
    )
    delay = In(
        0.002,
        "s",
        0.0002,
        0.01,
        curve="log",
        ramp=0.1,
        voices=1,
        channels=1,
        doc="Delay of the copy; the first notch is at 1 / (2 delay).",
    )
    feedback = In(
        0.5, "", -0.95, 0.95, voices=1, channels=1, doc="Feedback of the copy; negative values hollow the comb."
    )
    mix = In(0.5, "", 0, 1, voices=1, channels=1, doc="Wet/dry mix: 0 is dry, 1 is wet; notches are deepest at 0.5.")
    spread = In(0.25, "", 0, 0.5, voices=1, channels=1, doc="Phase lag of the right side, in cycles.")
    out = Out(voices=1, channels=2, doc="Dry signal and copy.")
    line = State(ndim=2)
    late = State(shape=2)
    write = State(shape=1, dtype=np.int64)
    phase = State(shape=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"line": new_line(2, 0.041 * setup.sample_rate)}

    @kernel
    def process(block):
        line, late = block.line, block.late
        rate = block.sample_rate
        end = longest(line)
        write = block.write[0]
        phase = block.phase[0]
        for frame in range(block.frames):
            middle = clamp(block.delay[frame, 0], 0.0002, 0.01) * rate
            depth = 2.0 * clamp(block.depth[frame, 0], 0.0, 1.0)
            feedback = clamp(block.feedback[frame, 0], -0.95, 0.95)
            mix = clamp(block.mix[frame, 0], 0.0, 1.0)
            behind = clamp(block.spread[frame, 0], 0.0, 0.5)
            turns = STEP * signed(phase)
            for side in range(2):
                sway = sine(turns - (behind if side == 1 else np.float32(0.0)))
                late[side] = slide_to(clamp(middle * exp2(depth * sway), NEAREST, end), late[side])
                copy = listen(line, side, write, late[side])
                audio = block.audio[frame, side]
                put(line, side, write, audio + feedback * copy)
                block.out[frame, side] = audio + mix * (copy - audio)
            phase = advance(phase, increment(clamp(block.rate[frame, 0], 0.01, 10.0), rate))
            write += 1
        block.write[0] = write
        block.phase[0] = phase
