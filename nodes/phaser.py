from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from nodes.dsp.math.functions import clamp, exp2, prewarp, sine
from nodes.dsp.math.phase import STEP, advance, increment, offset, signed


class Phaser(Node):
    """Phaser: a few notches, unevenly spaced, that wander; vowel-like swirls.

    A chain of first-order allpasses beside the signal, trapezoidal so that they may move at any
    speed. The feedback has no delay in it: what the chain is going to give is linear in what goes in, so
    it is solved for (Zavalishin, "The art of VA filter design", chapter 4). With the usual delay of a
    sample the peaks drift away from where they belong, the more the higher.
    """

    audio = In(doc="Signal.")
    rate = In(0.4, "Hz", 0.01, 20, curve="log", doc="Sways a second.")
    depth = In(1.5, "", 0, 4, doc="Octaves to either side of `center`.")
    center = In(800, "Hz", 20, 10_000, curve="log", ramp=0.05, doc="Where each allpass turns by 90 degrees.")
    feedback = In(0.4, "", -0.95, 0.95, doc="Of the chain into itself: sharper peaks between the notches.")
    mix = In(0.5, "", 0, 1, doc="0 is the signal alone, 1 the chain; at 0.5 the notches are deepest.")
    phase = In(0, doc="Turns added to the running phase: one in each channel makes it wide.")
    stages = Option(6, min=2, max=24, doc="Allpasses; each pair makes a notch.")
    out = Out(doc="Signal and chain.")
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
        held, gain, slope, sum, through, turn = (
            block.held,
            block.gain,
            block.slope,
            block.sum,
            block.through,
            block.turn,
        )
        lanes = block.lanes
        rate = block.sample_rate
        for frame in range(block.frames):
            for lane in range(lanes):
                sway = sine(STEP * signed(offset(turn[lane], block.phase[frame, lane])))
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
