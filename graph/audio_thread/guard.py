"""[audio] The guard: what is not finite never leaves the engine, and its source is found.

The output is tested in every block. When it is spoiled, the block is played as silence and the next
ones are inspected step by step. A node may also swallow a NaN (a cutoff is clamped, and stays at its
low end for ever); so in one block of 64, when cycles are counted, every step is looked at.
"""

from __future__ import annotations

import numpy as np

from graph.memory.tables import MUTE_AFTER, STEP
from graph.native.functions import call, helper, view1, view2

int64, float32 = np.int64, np.float32
HUGE = 3.0e38
STEP_BYTES = STEP.itemsize
INSPECTED_BLOCKS = 750
"""About a second at 64 frames: long enough to see whether the offender does it again."""


@helper(double=True)
def outputs_finite(detail):
    """Whether all that a step has written is finite."""
    outs = view2(detail.outs, detail.out_count, 2, int64)
    fine = True
    for k in range(detail.out_count):
        fine = fine and is_finite(outs[k, 0], outs[k, 1])
    return fine


@helper(double=True)
def walk_inspecting(engine, plan, pairs):
    """Runs the steps and looks at what each wrote: who is not finite is silenced and starts anew.

    The first in the plan is held to be the offender: its inputs are finite. Those behind it have
    only kept what it gave them before. (Where the source was bad for one block alone, which was the
    one that raised the alarm, the first that has kept it is named.)
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


@helper(double=True)
def is_finite(address, count):
    """Whether all floats are; written so that it vectorises."""
    values = view1(address, count, float32)
    bad = 0
    for i in range(count):
        bad += 0 if abs(values[i]) < HUGE else 1
    return bad == 0


@helper(double=True)
def reset_state(detail):
    """Puts the step's states back to what they were at the start."""
    state = view1(detail.state, detail.state_bytes // 8, int64)
    initial = view1(detail.initial, detail.state_bytes // 8, int64)
    for i in range(detail.state_bytes // 8):
        state[i] = initial[i]


@helper(double=True)
def silence_outputs(detail):
    """Zeroes all that a step writes."""
    outs = view2(detail.outs, detail.out_count, 2, int64)
    for k in range(detail.out_count):
        values = view1(outs[k, 0], outs[k, 1], float32)
        for i in range(outs[k, 1]):
            values[i] = 0.0


@helper(double=True)
def silence(detail_address):
    """The kernel of a muted step."""
    silence_outputs(view1(detail_address, 1, STEP)[0])


@helper(double=True)
def guard_output(engine, plan):
    """A block that is not finite is played as silence, and the next ones are inspected."""
    if not is_finite(plan.output, engine.frames * plan.channels):
        engine.bad_blocks += 1
        plan.inspect = INSPECTED_BLOCKS
        values = view1(plan.output, engine.frames * plan.channels, float32)
        for i in range(engine.frames * plan.channels):
            values[i] = 0.0
