"""[audio] The guard: what is not finite, or exceeds the limit, never leaves the engine, and its source is found.

The output is tested in every block. What is too loud is the matter of `runaway`. Where the output is not
finite, the block is played as silence and the next ones are inspected step by step. A node may also swallow
a NaN (a cutoff is clamped, and stays at its low end for ever); so in one block of 64, when cycles are
counted, every step is looked at.
"""

from __future__ import annotations

import numpy as np

from graph.audio_thread.runaway import is_below, judge, limit_output, reset_state, tend
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
    outs = view2(detail.outs, detail.out_count, 3, int64)
    fine = True
    for k in range(detail.out_count):
        fine = fine and is_finite(outs[k, 0], outs[k, 1])
    return fine


@helper(double=True)
def walk_inspecting(engine, plan, pairs):
    """Runs the steps and looks at what each wrote: who is not finite is silenced and reset.

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
        if plan.alert > 0:
            tend(engine, plan, detail)
    if plan.alert > 0:
        judge(plan)


@helper(double=True)
def is_finite(address, count):
    """Whether all floats are."""
    return is_below(address, count, HUGE)


@helper(double=True)
def silence_outputs(detail):
    """Zeroes all that a step writes."""
    outs = view2(detail.outs, detail.out_count, 3, int64)
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
    """A block that is not finite is played as silence, one above the limit is clipped; then the source is found."""
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
