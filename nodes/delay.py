"""Echo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import fade_to, slide_to, smooth
from nodes.dsp.delays.echo import fed_back, passed, sides
from nodes.dsp.delays.fractional import NEAREST, listen, longest, new_line, put
from nodes.dsp.math.functions import clamp, wave
from nodes.dsp.math.phase import STEP, advance, increment, signed

TAPE = 1


class Delay(Node, family="Space"):
    """Stereo echo; the output is wet only, so the patch sets the mix.

    A change of `time` crossfades, as in a digital delay, without bending the pitch; with `glide: tape` the playback
    head moves to the new time. `depth` modulates the time like tape wow, more with each repeat, with the right side
    a quarter cycle apart. `tone` filters only the feedback: the first echo is clear, each later one darker. From
    `feedback` 1 up the loop saturates like tape above -12 dBFS and self-oscillates within full scale.
    """

    audio = In(voices=1, channels=2, doc="Signal to repeat.")
    time = In(0.375, "s", 0.0001, 10, curve="log", ramp=0, voices=1, channels=2, doc="Delay time; at most `max_time`.")
    feedback = In(
        0.35, "", -1.2, 1.2, voices=1, channels=2,
        doc="Level of each echo relative to the previous one; from 1 up it self-oscillates.",
    )  # fmt: skip
    tone = In(
        8_000, "Hz", 20, 20_000, curve="log", rate="block", ramp=0.1, voices=1, channels=2,
        doc="Cutoff of the low-pass in the feedback; 20 kHz is fully open.",
    )  # fmt: skip
    depth = In(
        0, "s", 0, 0.02, ramp=0.2, voices=1, channels=1, doc="Modulation of the time: 0.3 ms for tape, 3 ms for chorus."
    )
    rate = In(0.6, "Hz", 0.01, 10, curve="log", voices=1, channels=1, doc="Modulation cycles per second.")
    freeze = In(
        0, "", 0, 1, ramp=0, voices=1, channels=1,
        doc="Above 0.5 the last `time` repeats unchanged and the input is muted.",
    )  # fmt: skip
    clock = In(kind="clock", optional=True, doc="Clock for a `time` in beats or bars.")
    max_time = Option(5.0, min=0.01, max=10, doc="Longest delay time in seconds.")
    ping_pong = Option(False, doc="Echoes change sides; a mono signal starts on the left.")
    glide = Option("crossfade", choices=("crossfade", "tape"), doc="Transition to a new time.")
    out = Out(voices=1, channels=2, doc="Echoes only.")
    line = State(ndim=2)
    write = State(shape=1, dtype=np.int64)
    old = State()
    new = State()
    fade = State()
    low = State()
    offset = State()
    power = State(shape=2)
    hold = State(shape=1)
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
        write, phase, hold, swap = block.write[0], block.phase[0], block.hold[0], 1 if block.ping_pong else 0
        for frame in range(block.frames):
            turns = STEP * signed(phase)
            frozen = block.freeze[frame, 0] > 0.5
            hold = clamp(hold + (2.0 * step if frozen else -2.0 * step), 0.0, 1.0)
            kept = smooth(hold)
            reach = (1.0 - kept) * clamp(block.depth[frame, 0], 0.0, 0.02) * rate
            for lane in range(2):
                sway = reach * wave(turns if lane == 0 else 0.25 - abs(turns))
                target = clamp(block.time[frame, lane] * rate, NEAREST, end)
                # A float32 in seconds is not exactly a whole sample, and only whole samples repeat without loss.
                near = block.glide != TAPE and abs(target - np.rint(target)) < 0.0085
                target = np.rint(target) if frozen or near else target
                if block.glide == TAPE:
                    block.new[lane] = slide_to(target, block.new[lane])
                    echo = listen(line, lane, write, clamp(block.new[lane] + sway, NEAREST, far))
                else:
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
            left, right = block.audio[frame, 0], block.audio[frame, 1]
            if block.ping_pong:
                left, right = sides(left, right, block.power, 20.0 / rate)
            for lane in range(2):
                source = lane ^ swap
                feedback = clamp(block.feedback[frame, lane], -1.2, 1.2)
                value = left if lane == 0 else right
                value += fed_back(low[source], feedback, block.offset, source, 31.416 / rate)
                again = block.out[frame, source]
                put(line, lane, write, value + kept * (again - value) if kept < 1.0 else again)
            phase = advance(phase, increment(clamp(block.rate[frame, 0], 0.01, 10.0), rate))
            write += 1
        block.write[0], block.phase[0], block.hold[0] = write, phase, hold
