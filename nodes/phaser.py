from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.math.functions import clamp, exp2, prewarp, sine
from nodes.dsp.math.phase import STEP, advance, increment, offset, signed


class Phaser(Node):
    """Phaser: a chain of modulated all-passes mixed with the input; sweeping notches, vowel-like swirls.

    First-order trapezoidal all-passes, which stay stable under fast modulation. The feedback loop has no unit
    delay: the output of the chain is linear in its input, so it is solved for directly (Zavalishin, "The art of VA
    filter design", chapter 4). The usual one-sample delay shifts the peaks, more so at high frequencies.
    """

    audio = In(channels=2, doc="Signal; mono feeds both sides.")
    rate = In(0.4, "Hz", 0.01, 20, curve="log", channels=2, doc="LFO rate.")
    depth = In(1.5, "", 0, 4, channels=2, doc="Sweep to either side of `center`, in octaves.")
    center = In(800, "Hz", 20, 10_000, curve="log", ramp=0.05, channels=2, doc="Frequency of 90 degrees per stage.")
    feedback = In(0.4, "", -0.95, 0.95, channels=2, doc="Feedback around the chain: sharper peaks between the notches.")
    mix = In(0.5, "", 0, 1, channels=2, doc="Wet/dry mix: 0 dry, 1 all-pass chain; notches are deepest at 0.5.")
    phase = In(0, channels=2, doc="LFO phase offset in cycles.")
    spread = In(0, "", 0, 1, channels=1, doc="LFO offset of the right side in cycles: a mono signal opens to stereo.")
    stages = Option(6, min=2, max=24, doc="Number of all-passes; each pair makes a notch.")
    out = Out(channels=2, doc="Mixed signal.")
    turn = State(dtype=np.uint32)
    held = State(ndim=2)
    gain = State()
    slope = State()
    sum = State()
    through = State()

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"held": np.zeros((self.stages, setup.lanes), np.float32)}

    @kernel
    def process(block):
        held, gain, slope, turn = block.held, block.gain, block.slope, block.turn
        sum, through = block.sum, block.through
        lanes, voices, rate = block.lanes, block.voices, block.sample_rate
        for frame in range(block.frames):
            for lane in range(lanes):
                apart = clamp(block.spread[frame, lane - voices], 0.0, 1.0) if lane >= voices else np.float32(0.0)
                sway = sine(STEP * signed(offset(turn[lane], block.phase[frame, lane] + apart)))
                octaves = clamp(block.depth[frame, lane], 0.0, 4.0) * sway
                n, d = prewarp(clamp(block.center[frame, lane], 20.0, 10_000.0) * exp2(octaves), rate)
                gain[lane] = n / (n + d)
                slope[lane] = (n - d) / (n + d)
                sum[lane] = 0.0
                through[lane] = 1.0
                turn[lane] = advance(turn[lane], increment(clamp(block.rate[frame, lane], 0.01, 20.0), rate))
            for stage in range(block.stages):
                for lane in range(lanes):
                    sum[lane] = slope[lane] * sum[lane] + (1.0 - slope[lane]) * held[stage, lane]
                    through[lane] *= slope[lane]
            for lane in range(lanes):
                audio = block.audio[frame, lane]
                feedback = clamp(block.feedback[frame, lane], -0.95, 0.95)
                given = (through[lane] * audio + sum[lane]) / (1.0 - feedback * through[lane])
                block.out[frame, lane] = audio + clamp(block.mix[frame, lane], 0.0, 1.0) * (given - audio)
                sum[lane] = audio + feedback * given
            for stage in range(block.stages):
                for lane in range(lanes):
                    low = held[stage, lane]
                    step = (sum[lane] - low) * gain[lane]
                    low += step
                    held[stage, lane] = low + step
                    sum[lane] = 2.0 * low - sum[lane]
