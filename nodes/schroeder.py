from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import smooth, wrap
from nodes.dsp.delays.reverb import ALLPASSES, COMBS, damping_pole, diffuse, few, follow, lost, parallel_combs
from nodes.dsp.math.functions import clamp, lerp

KNOB: Any = {"rate": "block", "voices": 1, "channels": 1}
"""Arguments common to the controls."""

GAIN, POLE, AMOUNT, LEVEL = range(4)


class Schroeder(Node, family="Space"):
    """Schroeder reverb: parallel combs and series all-passes; the metallic rooms of the 1980s.

    Eight feedback combs and four all-passes per side. The comb delays have no common divisors, and the right side's are
    slightly longer, as in Freeverb. Each loop's gain is set for exactly `decay`; in Freeverb all combs share one gain,
    so the long ones ring. Cheaper and grainier than Reverb.
    Schroeder, "Natural sounding artificial reverberation" (1962).
    """

    audio = In(voices=1, channels=2, doc="Input signal; the channels are summed to mono.")
    decay = In(1.5, "s", 0.1, 20, curve="log", ramp=0.05, doc="Decay time (T60).", **KNOB)
    damping = In(
        6_000, "Hz", 200, 20_000, curve="log", doc="Frequency where the decay time halves; shorter still above.", **KNOB
    )  # fmt: skip
    freeze = In(
        0, "", 0, 1, ramp=0, voices=1, channels=1, doc="Above 0.5 the tail never decays and the input is muted."
    )  # fmt: skip
    out = Out(voices=1, channels=2, doc="Reverberation (wet signal only).")
    line = State(ndim=2)
    length = State(ndim=1, dtype=np.int64)
    diffuser = State(ndim=2)
    diffuser_length = State(ndim=1, dtype=np.int64)
    low = State(shape=2 * COMBS)
    goal = State(shape=(4, 2 * COMBS), doc="Rows: GAIN, POLE, AMOUNT, LEVEL.")
    now = State(shape=(4, 2 * COMBS))
    hold = State(shape=1)
    write = State(shape=1, dtype=np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return parallel_combs(setup.sample_rate)

    @kernel
    def process(block):
        line, low, goal, now = block.line, block.low, block.goal, block.now
        rate = block.sample_rate
        decay = clamp(block.decay[0], 0.1, 20.0) * rate
        damping = clamp(block.damping[0], 200.0, 20_000.0) / rate
        power = np.float32(0.0)
        for comb in range(2 * COMBS):
            loop = lost(np.float32(block.length[comb]), decay)
            goal[POLE, comb] = damping_pole(loop * loop, damping)
            goal[GAIN, comb] = loop * (1.0 - goal[POLE, comb])
            power += 0.5 / (1.0 - loop * loop)
        for row in range(2 * ALLPASSES):
            goal[AMOUNT, row] = few(decay, 0.25 * rate, np.float32(0.6))
        goal[LEVEL, 0] = 0.5 / np.sqrt(power)
        if now[LEVEL, 0] == 0.0:
            follow(now, goal, GAIN, LEVEL + 1, np.float32(1.0))
        glide = 25.0 / rate
        write, hold = block.write[0], block.hold[0]
        for frame in range(block.frames):
            follow(now, goal, GAIN, LEVEL + 1, glide)
            hold = clamp(hold + (glide if block.freeze[frame, 0] > 0.5 else -glide), 0.0, 1.0)
            kept = smooth(hold)
            audio = (1.0 - kept) * now[LEVEL, 0] * (block.audio[frame, 0] + block.audio[frame, 1])
            for side in range(2):
                x = np.float32(0.0)
                for comb in range(COMBS * side, COMBS * side + COMBS):
                    late = line[comb, wrap(line, write - block.length[comb])]
                    x += late
                    low[comb] = lerp(now[GAIN, comb], 1.0, kept) * late + (1.0 - kept) * now[POLE, comb] * low[comb]
                    line[comb, wrap(line, write)] = audio + low[comb]
                for row in range(ALLPASSES * side, ALLPASSES * side + ALLPASSES):
                    x = diffuse(block.diffuser, row, write, block.diffuser_length[row], x, now[AMOUNT, row], 1.0)
                block.out[frame, side] = x
            write += 1
        block.write[0], block.hold[0] = write, hold
