"""[audio] Runaway protection: a loop or node above the limit is faded out, reset, and faded in again.

The output, and signals through delaying nodes (Feedback), are checked against the limit in every block. If the limit
is exceeded, the next block is searched for the source. A loop is cut at its Feedback, so that signals that merely
pass through it continue. Echoes and reverb tails of the source in later nodes are cleared in the same 5 ms.
"""

from __future__ import annotations

import numpy as np

from graph.memory.tables import CLOSED, CLOSING, OPEN, OPENING, STEP
from graph.native.functions import inline, view1, view2

int64, float32 = np.int64, np.float32
FIRST_HOLD, LONGEST_HOLD = 0.1, 0.5
"""Seconds for which a loop stays cut, the first time and at most: once its gain is reduced, it is back within one."""
PROBATION = 1.0
"""Seconds after reopening during which a loop is cut at half the limit's dB, so that repeated runaways stay quiet."""
LONGEST_ECHO = 10.0
"""Seconds for which a cleared step waits for its first sound, to fade in with it."""
MARGIN = 0.5
"""Fraction of the limit below which an input is normal."""
ENTERS = 0.1
"""Fraction of the limit above which an input, not the loop itself, is considered the cause."""


@inline(double=True)
def is_below(address, count, limit):
    """Whether all floats are between -limit and limit, false for NaN; written so that it vectorizes."""
    values = view1(address, count, float32)
    most = float32(limit)
    bad = 0
    for i in range(count):
        bad += 0 if abs(values[i]) < most else 1
    return bad == 0


@inline(double=True)
def watch_loops(plan):
    """Requests a search in the next block if a signal above the limit passes through a delaying step."""
    delays = view1(plan.delays, plan.delay_count, int64)
    details = view1(plan.details, plan.steps, STEP)
    for k in range(plan.delay_count):
        detail = details[delays[k]]
        outs = view2(detail.outs, detail.out_count, 3, int64)
        for n in range(detail.out_count):
            if outs[n, 2] != 0 and not is_below(outs[n, 0], outs[n, 1], detail.limit):
                plan.search = 1
                plan.alert = 1


@inline(double=True)
def limit_output(engine, plan):
    """Clips samples above the limit, and requests a search in the next block."""
    plan.search = 1
    plan.alert = 1
    most = float32(plan.limit)
    values = view1(plan.output, engine.frames * plan.channels, float32)
    for i in range(engine.frames * plan.channels):
        values[i] = min(max(values[i], -most), most)


@inline(double=True)
def tend(engine, plan, detail):
    """Runs after each step: measures it, and fades it unless it is fully open."""
    detail.peak = peak_of(detail)
    if detail.phase == OPEN and detail.probation == 0:
        return
    before = detail.gain
    if detail.phase != OPEN:
        fade_outputs(engine, plan, detail)
    if detail.phase == CLOSING and before == 0.0:  # one block later: the end of the fade returns through Feedback
        if detail.resets != 0:
            reset_state(detail)
        detail.phase = CLOSED if detail.offends != 0 else OPENING
        plan.search = 0  # the excess level was its tail
        detail.wait = detail.hold if detail.offends != 0 else int64(LONGEST_ECHO * plan.rate)
    elif detail.phase == CLOSED:
        detail.wait -= engine.frames
        if detail.resets != 0 and detail.peak > plan.limit:
            reset_state(detail)
        if detail.wait <= 0 and detail.peak <= MARGIN * plan.limit:
            detail.phase = OPENING
            detail.wait = 0
            detail.probation = int64(PROBATION * plan.rate)
            if detail.delays != 0:
                detail.limit = min(plan.limit, max(np.sqrt(plan.limit), 4.0 * detail.peak))
    elif detail.phase == OPENING:
        detail.wait -= engine.frames
        if detail.gain == 1.0:
            detail.phase = OPEN
    if detail.probation > 0 and detail.phase in (OPEN, OPENING):
        detail.probation = max(0, detail.probation - engine.frames)
        if detail.probation == 0:
            detail.offends = 0
            detail.hold = 0
            detail.limit = plan.limit


@inline(double=True)
def judge(plan):
    """Runs after a searched block: closes runaway sources, and updates whether monitoring must continue."""
    details = view1(plan.details, plan.steps, STEP)
    closing = False
    busy = False
    for i in range(plan.steps):
        closing = closing or details[i].phase == CLOSING
        busy = busy or details[i].phase != OPEN or details[i].probation > 0
    if plan.search != 0 and not closing:  # the step being faded out may be the cause: the next block shows
        busy = find_source(plan, details) or busy
    plan.search = 0
    plan.alert = 1 if busy else 0


@inline(double=True)
def find_source(plan, details):
    """Closes the loops above their limits, else the first such step; returns whether there was one."""
    delays = view1(plan.delays, plan.delay_count, int64)
    found = False
    for k in range(plan.delay_count):
        detail = details[delays[k]]
        if may_close(detail) and detail.peak > detail.limit:
            close_loop(plan, details, detail.loop)
            found = True
    if found:
        return True
    for i in range(plan.steps):
        detail = details[i]
        if detail.heard != 0 and may_close(detail) and detail.peak > plan.limit:
            if detail.loop < 0 or not close_loop(plan, details, detail.loop):
                clear_marks(plan, details)
                detail.marked = 1
                detail.ran_away += 1
                offend(plan, detail)
                close_marked(plan, details)
            return True
    return False


@inline(double=True)
def may_close(detail):
    """Whether it is currently audible."""
    return detail.phase in (OPEN, OPENING)


@inline(double=True)
def close_loop(plan, details, loop):
    """Cuts a loop at its delaying steps and clears it and the steps it feeds; returns whether anything was cut."""
    clear_marks(plan, details)
    found = False
    driven = is_driven(plan, details, loop)
    for i in range(plan.steps):
        detail = details[i]
        if detail.loop == loop:
            detail.marked = 1
            if detail.delays != 0 and may_close(detail):
                if not found and not driven:
                    detail.ran_away += 1
                found = True
                offend(plan, detail)
    if found:
        close_marked(plan, details)
    return found


@inline(double=True)
def is_driven(plan, details, loop):
    """Whether a loop's external input is itself near the limit, so that the loop is not the cause."""
    feeds = view1(plan.feeds, plan.feeds_total, int64)
    for i in range(plan.steps):
        if details[i].loop == loop:
            for k in range(details[i].feeds_count):
                source = details[feeds[details[i].feeds_from + k]]
                if source.loop != loop and source.peak > ENTERS * plan.limit:
                    return True
    return False


@inline(double=True)
def offend(plan, detail):
    """Marks a source: it stays closed for a period that grows each time."""
    detail.offends = 1
    detail.probation = 0
    detail.hold = int64(min(max(FIRST_HOLD * plan.rate, 2.0 * detail.hold), LONGEST_HOLD * plan.rate))


@inline(double=True)
def clear_marks(plan, details):
    """Clears all marks."""
    for i in range(plan.steps):
        details[i].marked = 0


@inline(double=True)
def close_marked(plan, details):
    """Marks everything fed by marked steps, and starts to close the sources and all steps with memory."""
    feeds = view1(plan.feeds, plan.feeds_total, int64)
    more = True
    while more:  # in plan order; repeats only for paths back through a Feedback
        more = False
        for i in range(plan.steps):
            if details[i].marked == 0:
                for k in range(details[i].feeds_count):
                    if details[feeds[details[i].feeds_from + k]].marked != 0:
                        details[i].marked = 1
                        more = True
    for i in range(plan.steps):
        detail = details[i]
        keeps = detail.offends != 0 or detail.resets != 0 or detail.delays != 0
        if detail.marked != 0 and keeps and detail.phase != CLOSED:
            detail.phase = CLOSING


@inline(double=True)
def fade_outputs(engine, plan, detail):
    """Applies a step's gain to its outputs, on its way to 0 or 1, and clips them to the limit."""
    down = detail.phase in (CLOSING, CLOSED)
    step = (-1.0 if down else 1.0) / plan.closing
    most = float32(plan.limit)
    start = engine.frames if detail.phase == OPENING and detail.gain == 0.0 and detail.wait > 0 else 0
    outs = view2(detail.outs, detail.out_count, 3, int64)
    for k in range(detail.out_count):
        if start > 0 and outs[k, 2] != 0:
            start = min(start, first_sound(engine, outs[k, 0], outs[k, 1]))
    for k in range(detail.out_count):
        if outs[k, 2] == 0 or outs[k, 1] == 0:
            continue
        lanes = outs[k, 1] // engine.frames
        values = view2(outs[k, 0], engine.frames, lanes, float32)
        for frame in range(engine.frames):
            gain = float32(min(max(detail.gain + (frame + 1 - start) * step, 0.0), 1.0))
            for lane in range(lanes):
                values[frame, lane] = gain * min(max(values[frame, lane], -most), most)
    detail.gain = min(max(detail.gain + (engine.frames - start) * step, 0.0), 1.0)


@inline(double=True)
def first_sound(engine, address, count):
    """The first frame that is not silent: a cleared echo fades in with its first sound."""
    lanes = count // engine.frames
    values = view2(address, engine.frames, lanes, float32)
    for frame in range(engine.frames):
        for lane in range(lanes):
            if values[frame, lane] != 0.0:
                return frame
    return engine.frames


@inline(double=True)
def peak_of(detail):
    """The peak of a step's outputs to which the limit applies."""
    peak = float32(0.0)
    outs = view2(detail.outs, detail.out_count, 3, int64)
    for k in range(detail.out_count):
        if outs[k, 2] != 0:
            values = view1(outs[k, 0], outs[k, 1], float32)
            for i in range(outs[k, 1]):
                peak = max(peak, abs(values[i]))
    return peak


@inline(double=True)
def reset_state(detail):
    """Restores the step's states to their initial values."""
    state = view1(detail.state, detail.state_bytes // 8, int64)
    initial = view1(detail.initial, detail.state_bytes // 8, int64)
    for i in range(detail.state_bytes // 8):
        state[i] = initial[i]
