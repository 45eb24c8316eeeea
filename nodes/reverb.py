"""Feedback-delay-network reverb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Out, Setup, State, kernel
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.delays.network import (
    AMOUNT,
    GAIN,
    KEEP,
    LEVEL,
    POLE,
    enter,
    freezes,
    hear,
    leave,
    longest_run,
    mix,
    settle,
)
from nodes.dsp.delays.reverb import RUN, few, follow, geometry, lose, spread
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import increment

KNOB: Any = {"rate": "block", "voices": 1, "channels": 1}
"""Arguments common to all controls."""


class Reverb(Node, family="Space"):
    """Feedback-delay-network reverb: smooth, dense rooms from booth to cathedral; the output is wet only.

    Eight delay lines are mixed by a lossless Hadamard matrix, so the decay time is exactly `decay`. Parallel combs
    (Schroeder, Freeverb) have a tenth of the modes for the same memory, and ring. Four all-passes per side before
    the lines and one in each line make the echoes dense. For noise the output is about as loud as the input at every
    `decay`. Jot and Chaigne, "Digital delay networks for designing artificial reverberators" (1991).
    """

    audio = In(voices=1, channels=2, doc="Input signal.")
    decay = In(2.4, "s", 0.1, 60, curve="log", ramp=0.05, doc="Decay time (T60).", **KNOB)
    size = In(0.8, "", 0.1, 1, doc="Length of the lines: 0.1 booth, 1 hall; less for short decays.", **KNOB)
    damping = In(
        6_000, "Hz", 200, 20_000, curve="log", doc="Frequency where the decay time halves; shorter still above.", **KNOB
    )  # fmt: skip
    predelay = In(0.0, "s", 0, 0.5, ramp=0, doc="Delay before the reverberation.", **KNOB)
    freeze = In(
        0, "", 0, 1, ramp=0, voices=1, channels=1, doc="Above 0.5 the tail never decays and the input is muted."
    )  # fmt: skip
    out = Out(voices=1, channels=2, doc="Reverberation (wet signal only).")
    before = State(ndim=2)
    diffuser = State(ndim=2)
    diffuser_length = State(ndim=1, dtype=np.int64)
    inner = State(ndim=2)
    inner_length = State(ndim=1, dtype=np.int64)
    line = State(ndim=2)
    length = State(ndim=1)
    sway = State(ndim=2)
    goal = State(shape=(5, 8), doc="Rows: KEEP, GAIN, POLE, AMOUNT, LEVEL.")
    now = State(shape=(5, 8))
    low = State(shape=8)
    wet = State(shape=(8, RUN), doc="A run of the eight lines.")
    sides = State(shape=(2, RUN), doc="A run of the diffused input.")
    weights = State(shape=24)
    tap_state = State(shape=3)
    room = State(shape=1)
    hold = State(shape=1)
    write = State(shape=1, dtype=np.int64)
    phase = State(shape=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return geometry(setup.sample_rate)

    @kernel
    def process(block):
        goal, now, rate = block.goal, block.now, block.sample_rate
        size = clamp(block.size[0], 0.1, 1.0)
        decay = clamp(block.decay[0], 0.1, 60.0) * rate
        damping = clamp(block.damping[0], 200.0, 20_000.0) / rate
        size = min(size, 1.2 * decay / rate)  # much longer loops would leave no tail, least of all in the highs
        room = block.room[0] if block.room[0] > 0.0 else size
        power = lose(decay, damping, room, block.length, block.inner_length, goal[KEEP], goal[GAIN], goal[POLE])
        for row in range(8):
            goal[AMOUNT, row] = few(decay, 0.4 * rate, np.float32(0.65))
        goal[LEVEL, 0] = 0.65 * np.sqrt(1.0 - power)
        if now[LEVEL, 0] == 0.0:
            follow(now, goal, KEEP, LEVEL + 1, np.float32(1.0))
        glide, hold, frame = 25.0 / rate, block.hold[0], np.int64(0)
        target = np.rint(clamp(block.predelay[0], 0.0, 0.5) * rate) + 1.0
        steps = np.float32(np.int32(increment(np.float32(0.6), rate)))
        # What moves is computed frame by frame, all else in runs.
        moves = not settle(now, goal) or room != size or freezes(block.freeze, hold)
        most = longest_run(block.length, block.inner_length, room, rate)
        while frame < block.frames:
            run = np.int64(1) if moves else min(block.frames - frame, most)
            if moves:
                follow(now, goal, KEEP, LEVEL + 1, glide)
                hold = clamp(hold + (glide if block.freeze[frame, 0] > 0.5 else -glide), 0.0, 1.0)
                room = room + clamp(size - room, -0.25 / rate, 0.25 / rate) * (1.0 if hold == 0.0 else 0.0)
            kept = smooth(hold)
            amount, depth = spread(room)
            enter(block, frame, run, target, glide)
            hear(block, run, room, depth, kept, steps)
            leave(block, frame, run)
            mix(block, run, amount, kept)
            frame += run
        block.room[0], block.hold[0] = room, hold
