"""Chorus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import slide_to
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, put
from nodes.dsp.math.functions import clamp, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed

THIRD = 0.8660254037844386
"""sin(120 degrees)"""


class Chorus(Node):
    """Stereo chorus: three copies per side, each detuned by a modulated delay, turn one sound into an ensemble.

    The three LFOs are a third of a cycle apart, as in string machines, so the overall pitch stays constant; a
    single copy would wobble. The right side lags the left by a quarter cycle, so the sound is wide and no frequency
    cancels for long in mono. Eight-point interpolation keeps the treble constant as the delays move.
    """

    audio = In(voices=1, channels=2, doc="Signal to thicken.")
    rate = In(0.8, "Hz", 0.01, 10, curve="log", voices=1, channels=1, doc="LFO frequency in cycles per second.")
    depth = In(
        0.002, "s", 0, 0.01, ramp=0.03, voices=1, channels=1, doc="Modulation of each copy to either side of `delay`."
    )
    delay = In(0.009, "s", 0.001, 0.05, curve="log", voices=1, channels=1, doc="Average delay of the copies.")
    feedback = In(0.0, "", -0.7, 0.7, voices=1, channels=1, doc="Feedback of the copies, toward a flanger.")
    mix = In(0.5, "", 0, 1, voices=1, channels=1, doc="Wet/dry mix: 0 is dry, 1 is wet.")
    out = Out(voices=1, channels=2, doc="Dry signal and copies.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64)
    middle = State(shape=1)
    reach = State(shape=1)
    phase = State(shape=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"line": new_line(2, 0.061 * setup.sample_rate)}

    @kernel
    def process(block):
        line = block.line
        rate = block.sample_rate
        end = longest(line)
        write = block.write[0]
        phase = block.phase[0]
        for frame in range(block.frames):
            block.middle[0] = slide_to(clamp(block.delay[frame, 0], 0.001, 0.05) * rate, block.middle[0])
            block.reach[0] = slide_to(clamp(block.depth[frame, 0], 0.0, 0.01) * rate + NEAREST, block.reach[0])
            delay = block.middle[0]
            depth = block.reach[0] - NEAREST
            feedback = clamp(block.feedback[frame, 0], -0.7, 0.7)
            mix = clamp(block.mix[frame, 0], 0.0, 1.0)
            turns = STEP * signed(phase)
            sway = depth * wave(turns)
            ahead = depth * wave(0.25 - abs(turns))
            for side in range(2):
                first = clamp(delay + sway, NEAREST, end)
                second = clamp(delay - 0.5 * sway + THIRD * ahead, NEAREST, end)
                third = clamp(delay - 0.5 * sway - THIRD * ahead, NEAREST, end)
                copies = listen(line, side, write, first)
                copies += listen(line, side, write, second) + listen(line, side, write, third)
                audio = block.audio[frame, side]
                block.out[frame, side] = (1.0 - mix) * audio + mix * 0.57735027 * copies  # the copies add in power
                put(line, side, write, audio + 0.33333333 * feedback * copies)
                sway, ahead = ahead, -sway
            phase = advance(phase, increment(clamp(block.rate[frame, 0], 0.01, 10.0), rate))
            write += 1
        block.write[0] = write
        block.phase[0] = phase
