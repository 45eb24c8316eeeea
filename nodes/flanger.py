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
    """Flanger: a comb of evenly spaced notches that moves up and down; jets, metal, swirls.

    The signal with a copy a few milliseconds later, fed back for resonance. The delay sways in
    octaves, as the ear hears the notches; swaying in seconds it would hurry through the top. Eight-point
    interpolation keeps the notches deep up to 15 kHz, which linear interpolation does not.
    Dattorro, "Effect design, part 2: delay-line modulation and chorus" (1997).
    """

    audio = In(voices=1, channels=2, doc="Signal.")
    rate = In(0.25, "Hz", 0.01, 10, curve="log", voices=1, channels=1, doc="Sways a second.")
    depth = In(
        0.7, "", 0, 1, ramp=0.02, voices=1, channels=1, doc="How far: 1 is two octaves to either side of `delay`."
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
        doc="Of the copy; the first notch is at half of 1/s.",
    )
    feedback = In(
        0.5, "", -0.95, 0.95, voices=1, channels=1, doc="Of the copy into itself; below 0 the comb is hollow."
    )
    mix = In(
        0.5, "", 0, 1, voices=1, channels=1, doc="0 is the signal alone, 1 the copy; at 0.5 the notches are deepest."
    )
    spread = In(0.25, "", 0, 0.5, voices=1, channels=1, doc="Turns by which the right side is behind the left.")
    out = Out(voices=1, channels=2, doc="Signal and copy.")
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
