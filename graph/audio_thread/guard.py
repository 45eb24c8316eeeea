"""[audio] The guard: keeps non-finite and too loud samples from leaving the engine, and finds their source.

The output is checked in every block. `runaway` handles levels above the limit. If the output is not finite, the
block is replaced by silence and the following blocks are checked step by step. A node can also hide a NaN (a
clamped cutoff stays at its minimum forever), so every 64th block, in which CPU cycles are measured, all steps are
checked.
"""

from __future__ import annotations

import numpy as np

from graph.audio_thread.runaway import is_below, judge, limit_output, reset_state, tend
from graph.memory.tables import MUTE_AFTER, STEP
from graph.native.functions import call, inline, view1, view2

int64, float32 = np.int64, np.float32
HUGE = 3.0e38
STEP_BYTES = STEP.itemsize
INSPECTED_BLOCKS = 750
"""About a second at 64 frames: long enough to see whether the node fails again."""


@inline(double=True)
def outputs_finite(detail):
    """Whether everything a step has written is finite."""
    outs = view2(detail.outs, detail.out_count, 3, int64)
    fine = True
    for k in range(detail.out_count):
        fine = fine and is_finite(outs[k, 0], outs[k, 1])
    return fine


@inline(double=True)
def walk_inspecting(engine, plan, pairs):
    """Runs the steps and checks their outputs: non-finite steps are silenced and reset.

    The first in plan order is taken as the source, because its inputs are finite; later ones only hold its output.
    (If the source was bad only in the block that raised the alarm, the first step that still holds the bad signal
    is named.)
    """
    details = view1(plan.details, plan.steps, STEP)
    found = False
    for i in range(plan.steps):
        call(pairs[i, 0], pairs[i, 1])
        detail = details[i]
        if not outputs_finite(detail):
            reset_state(detail)
            silence_outputs(detail)
            if not found:
                found = True
                detail.trips += 1
                if detail.trips >= MUTE_AFTER:
                    detail.muted = 1
                    pairs[i, 0] = engine.silence
                    pairs[i, 1] = plan.details + i * STEP_BYTES
        if plan.alert > 0:
            tend(engine, plan, detail)
    if plan.alert > 0:
        judge(plan)


@inline(double=True)
def is_finite(address, count):
    """Whether all floats are finite."""
    return is_below(address, count, HUGE)


@inline(double=True)
def silence_outputs(detail):
    """Zeroes a step's outputs."""
    outs = view2(detail.outs, detail.out_count, 3, int64)
    for k in range(detail.out_count):
        values = view1(outs[k, 0], outs[k, 1], float32)
        for i in range(outs[k, 1]):
            values[i] = 0.0


@inline(double=True)
def silence(detail_address):
    """The kernel of a muted step."""
    silence_outputs(view1(detail_address, 1, STEP)[0])


@inline(double=True)
def guard_output(engine, plan):
    """Replaces a non-finite block by silence and clips one above the limit; then starts the search for the source."""
    if is_below(plan.output, engine.frames * plan.channels, plan.limit):
        return
    if is_finite(plan.output, engine.frames * plan.channels):
        limit_output(engine, plan)
        return
    engine.bad_blocks += 1
    plan.inspect = INSPECTED_BLOCKS
    values = view1(plan.output, engine.frames * plan.channels, float32)
    for i in range(engine.frames * plan.channels):
        values[i] = 0.0
