from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.delays.network import freezes, settle
from nodes.dsp.delays.reverb import ALLPASSES, COMBS, RUN, damping_pole, few, follow, lost, parallel_combs
from nodes.dsp.delays.runs import all_pass, dampen, past_run, put_run
from nodes.dsp.math.functions import clamp

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
    wet = State(shape=(2 * COMBS, RUN), doc="A run of the combs.")
    sides = State(shape=(3, RUN), doc="A run of both sides and of the input.")
    hold = State(shape=1)
    write = State(shape=1, dtype=np.int64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return parallel_combs(setup.sample_rate)

    @kernel
    def process(block):
        wet, sides, goal, now, length = block.wet, block.sides, block.goal, block.now, block.length
        rate, stride, most = block.sample_rate, wet.shape[1], np.int64(RUN)
        decay = clamp(block.decay[0], 0.1, 20.0) * rate
        damping = clamp(block.damping[0], 200.0, 20_000.0) / rate
        power = np.float32(0.0)
        for comb in range(2 * COMBS):
            most = min(most, length[comb])
            loop = lost(np.float32(length[comb]), decay)
            goal[POLE, comb] = damping_pole(loop * loop, damping)
            goal[GAIN, comb] = loop * (1.0 - goal[POLE, comb])
            power += 0.5 / (1.0 - loop * loop)
        for row in range(2 * ALLPASSES):
            goal[AMOUNT, row] = few(decay, 0.25 * rate, np.float32(0.6))
        goal[LEVEL, 0] = 0.5 / np.sqrt(power)
        if now[LEVEL, 0] == 0.0:
            follow(now, goal, GAIN, LEVEL + 1, np.float32(1.0))
        glide, write, hold, frame = 25.0 / rate, block.write[0], block.hold[0], np.int64(0)
        # What moves is computed frame by frame, all else in runs.
        moves = not settle(now, goal) or freezes(block.freeze, hold)
        while frame < block.frames:
            run = np.int64(1) if moves else min(block.frames - frame, most)
            if moves:
                follow(now, goal, GAIN, LEVEL + 1, glide)
                hold = clamp(hold + (glide if block.freeze[frame, 0] > 0.5 else -glide), 0.0, 1.0)
            kept = smooth(hold)
            level = (1.0 - kept) * now[LEVEL, 0]
            for comb in range(2 * COMBS):
                past_run(block.line, comb, write, length[comb], wet, comb * stride, run)
            for j in range(run):
                for side in range(2):
                    total = np.float32(0.0)
                    for comb in range(COMBS * side, COMBS * side + COMBS):
                        total += load(wet, comb * stride + j)
                    store(sides, side * stride + j, total)
                mono = load(block.audio, 2 * (frame + j)) + load(block.audio, 2 * (frame + j) + 1)
                store(sides, 2 * stride + j, level * mono)
            dampen(wet, stride, run, block.low, now[GAIN], now[POLE], 1.0 - kept, kept)
            for comb in range(2 * COMBS):
                for j in range(run):
                    store(wet, comb * stride + j, load(wet, comb * stride + j) + load(sides, 2 * stride + j))
                put_run(block.line, comb, write, wet, comb * stride, run)
            for row in range(2 * ALLPASSES):
                at, late = row // ALLPASSES * stride, block.diffuser_length[row]
                all_pass(block.diffuser, row, write, late, sides, at, run, now[AMOUNT, row], 1.0)
            for j in range(run):
                for side in range(2):
                    store(block.out, 2 * (frame + j) + side, load(sides, side * stride + j))
            write += run
            frame += run
        block.write[0], block.hold[0] = write, hold
