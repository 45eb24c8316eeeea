"""Echo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, helper, kernel
from nodes.dsp.delays.delay_line import fade_to, slide_to, smooth
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, put
from nodes.dsp.math.functions import clamp, exp2, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed

TAPE = 1


@helper
def passed(corner, rate):
    """Gain of a one-pole low-pass for the first sample of a step; 1 at 20 kHz."""
    corner = clamp(corner, 20.0, 20_000.0)
    return 1.0 - exp2(-9.0647203 * corner / rate) if corner < 20_000.0 else np.float32(1.0)


class Delay(Node, family="Space"):
    """Stereo echo; the output is wet only, so the patch sets the mix.

    A change of `time` crossfades, as in a digital delay, without bending the pitch; with `glide: tape` the playback
    head moves to the new time. `depth` modulates the time like tape wow, more with each repeat, with the right side
    a quarter cycle apart. `tone` filters only the feedback: the first echo is clear, each later one darker.
    """

    audio = In(voices=1, channels=2, doc="Signal to repeat.")
    time = In(0.375, "s", 0.0001, 10, curve="log", ramp=0, voices=1, channels=2, doc="Delay time; at most `max_time`.")
    feedback = In(0.35, "", -0.99, 0.99, voices=1, channels=2, doc="Level of each echo relative to the previous one.")
    tone = In(
        8_000, "Hz", 20, 20_000, curve="log", rate="block", ramp=0.1, voices=1, channels=2,
        doc="Cutoff of the low-pass in the feedback; 20 kHz is fully open.",
    )  # fmt: skip
    depth = In(
        0, "s", 0, 0.02, ramp=0.2, voices=1, channels=1, doc="Modulation of the time: 0.3 ms for tape, 3 ms for chorus."
    )
    rate = In(0.6, "Hz", 0.01, 10, curve="log", voices=1, channels=1, doc="Modulation cycles per second.")
    clock = In(kind="clock", optional=True, doc="Clock for a `time` in beats or bars.")
    max_time = Option(5.0, min=0.01, max=10, doc="Longest delay time in seconds.")
    ping_pong = Option(False, doc="Echoes of the mono sum alternate: left, right, left, ...")
    glide = Option("crossfade", choices=("crossfade", "tape"), doc="Transition to a new time.")
    out = Out(voices=1, channels=2, doc="Echoes only.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64)
    old = State()
    new = State()
    fade = State()
    low = State()
    phase = State(shape=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"line": new_line(2, (self.max_time + 0.02) * setup.sample_rate)}

    @kernel
    def process(block):
        line = block.line
        low = block.low
        rate = block.sample_rate
        end = clamp(block.max_time * rate, NEAREST, longest(line))
        step, far = 25.0 / rate, longest(line)
        amounts = (passed(block.tone[0], rate), passed(block.tone[1], rate))
        write, phase = block.write[0], block.phase[0]
        for frame in range(block.frames):
            turns = STEP * signed(phase)
            reach = clamp(block.depth[frame, 0], 0.0, 0.02) * rate
            for lane in range(2):
                sway = reach * wave(turns if lane == 0 else 0.25 - abs(turns))
                target = clamp(block.time[frame, lane] * rate, NEAREST, end)
                if block.glide == TAPE:
                    block.new[lane] = slide_to(target, block.new[lane])
                    echo = listen(line, lane, write, clamp(block.new[lane] + sway, NEAREST, far))
                else:
                    # A float32 time in seconds is not exact to the sample.
                    target = np.rint(target) if abs(target - np.rint(target)) < 0.0085 else target
                    old, new, fade = fade_to(target, block.old[lane], block.new[lane], block.fade[lane], step)
                    echo = listen(line, lane, write, clamp(new + sway, NEAREST, far))
                    if fade < 1.0:
                        before = listen(line, lane, write, clamp(old + sway, NEAREST, far))
                        echo = echo + (1.0 - smooth(fade)) * (before - echo)
                    block.old[lane] = old
                    block.new[lane] = new
                    block.fade[lane] = fade
                low[lane] += amounts[lane] * (echo - low[lane])
                block.out[frame, lane] = echo
            left = block.audio[frame, 0]
            right = block.audio[frame, 1]
            again_left = clamp(block.feedback[frame, 0], -0.99, 0.99)
            again_right = clamp(block.feedback[frame, 1], -0.99, 0.99)
            if block.ping_pong:
                put(line, 0, write, 0.5 * (left + right) + again_left * low[1])
                put(line, 1, write, again_right * low[0])
            else:
                put(line, 0, write, left + again_left * low[0])
                put(line, 1, write, right + again_right * low[1])
            phase = advance(phase, increment(clamp(block.rate[frame, 0], 0.01, 10.0), rate))
            write += 1
        block.write[0], block.phase[0] = write, phase
