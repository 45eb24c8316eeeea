"""[audio] What runs away comes back: a loop or a node above the limit is faded out, reset, and lives again.

The output and what goes through delaying nodes (Feedback) are held against the limit in every block. Once
that is exceeded, the next block is searched for the source. A loop is cut where its Feedback lets it back,
so what merely passes through it is heard on. What the source has left in echoes and rooms behind it is
cleared in the same 5 ms.
"""

from __future__ import annotations

import numpy as np

from graph.memory.tables import CLOSED, CLOSING, OPEN, OPENING, STEP
from graph.native.functions import helper, view1, view2

int64, float32 = np.int64, np.float32
FIRST_HOLD, LONGEST_HOLD = 0.1, 0.5
"""Seconds for which a loop stays cut, the first time and at most: a knob that was turned down is heard within one."""
PROBATION = 1.0
"""Seconds in which a loop that lives again is cut at half the limit's dB: what still runs away is heard as little."""
LONGEST_ECHO = 10.0
"""Seconds for which what was cleared waits for its first sound, to fade in with it."""
MARGIN = 0.5
"""Share of the limit below which an input is sane."""
ENTERS = 0.1
"""Share of the limit from which a loop is held to have been driven, and not to have run away by itself."""


@helper(double=True)
def is_below(address, count, limit):
    """Whether all floats are between -limit and limit, which NaN is not; written so that it vectorises."""
    values = view1(address, count, float32)
    most = float32(limit)
    bad = 0
    for i in range(count):
        bad += 0 if abs(values[i]) < most else 1
    return bad == 0


@helper(double=True)
def watch_loops(plan):
    """Has the next block searched where something above the limit goes through a step that delays."""
    delays = view1(plan.delays, plan.delay_count, int64)
    details = view1(plan.details, plan.steps, STEP)
    for k in range(plan.delay_count):
        detail = details[delays[k]]
        outs = view2(detail.outs, detail.out_count, 3, int64)
        for n in range(detail.out_count):
            if outs[n, 2] != 0 and not is_below(outs[n, 0], outs[n, 1], detail.limit):
                plan.search = 1
                plan.alert = 1


@helper(double=True)
def limit_output(engine, plan):
    """No sample above the limit leaves, and the next block is searched."""
    plan.search = 1
    plan.alert = 1
    most = float32(plan.limit)
    values = view1(plan.output, engine.frames * plan.channels, float32)
    for i in range(engine.frames * plan.channels):
        values[i] = min(max(values[i], -most), most)


@helper(double=True)
def tend(engine, plan, detail):
    """After a step has run: measures it, and fades it where it is not simply open."""
    detail.peak = peak_of(detail)
    if detail.phase == OPEN and detail.probation == 0:
        return
    before = detail.gain
    if detail.phase != OPEN:
        fade_outputs(engine, plan, detail)
    if detail.phase == CLOSING and before == 0.0:  # a block later: the end of a fade still came back through Feedback
        if detail.resets != 0:
            reset_state(detail)
        detail.phase = CLOSED if detail.offends != 0 else OPENING
        plan.search = 0  # what was too loud until now was its end
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


@helper(double=True)
def judge(plan):
    """After a block that was searched: closes what runs away, and says whether anything is still to be looked after."""
    details = view1(plan.details, plan.steps, STEP)
    closing = False
    busy = False
    for i in range(plan.steps):
        closing = closing or details[i].phase == CLOSING
        busy = busy or details[i].phase != OPEN or details[i].probation > 0
    if plan.search != 0 and not closing:  # what is being faded out may be the reason: the next block tells
        busy = find_source(plan, details) or busy
    plan.search = 0
    plan.alert = 1 if busy else 0


@helper(double=True)
def find_source(plan, details):
    """Closes the loops that exceed their limits, or else the first step that does; whether there was one."""
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


@helper(double=True)
def may_close(detail):
    """Whether it is heard at present."""
    return detail.phase in (OPEN, OPENING)


@helper(double=True)
def close_loop(plan, details, loop):
    """Cuts a loop at its delaying steps, and clears it and what hears it; whether there was one to be cut."""
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


@helper(double=True)
def is_driven(plan, details, loop):
    """Whether what comes into a loop from elsewhere is itself near the limit: then the loop is not to blame."""
    feeds = view1(plan.feeds, plan.feeds_total, int64)
    for i in range(plan.steps):
        if details[i].loop == loop:
            for k in range(details[i].feeds_count):
                source = details[feeds[details[i].feeds_from + k]]
                if source.loop != loop and source.peak > ENTERS * plan.limit:
                    return True
    return False


@helper(double=True)
def offend(plan, detail):
    """Marks a source: it stays closed for a while, longer each time."""
    detail.offends = 1
    detail.probation = 0
    detail.hold = int64(min(max(FIRST_HOLD * plan.rate, 2.0 * detail.hold), LONGEST_HOLD * plan.rate))


@helper(double=True)
def clear_marks(plan, details):
    """Nothing is marked."""
    for i in range(plan.steps):
        details[i].marked = 0


@helper(double=True)
def close_marked(plan, details):
    """Marks all that hears what is marked, and begins to close the sources and what has a memory."""
    feeds = view1(plan.feeds, plan.feeds_total, int64)
    more = True
    while more:  # in the order of the plan, so again only for what leads back through a Feedback
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


@helper(double=True)
def fade_outputs(engine, plan, detail):
    """Multiplies what a step has written with its gain, on its way to 0 or 1, and holds it within the limit."""
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


@helper(double=True)
def first_sound(engine, address, count):
    """The first frame that is not silent: an echo that was cleared fades in with the first sound that comes of it."""
    lanes = count // engine.frames
    values = view2(address, engine.frames, lanes, float32)
    for frame in range(engine.frames):
        for lane in range(lanes):
            if values[frame, lane] != 0.0:
                return frame
    return engine.frames


@helper(double=True)
def peak_of(detail):
    """The highest sample of what a step has written, where the limit holds for it."""
    peak = float32(0.0)
    outs = view2(detail.outs, detail.out_count, 3, int64)
    for k in range(detail.out_count):
        if outs[k, 2] != 0:
            values = view1(outs[k, 0], outs[k, 1], float32)
            for i in range(outs[k, 1]):
                peak = max(peak, abs(values[i]))
    return peak


@helper(double=True)
def reset_state(detail):
    """Puts the step's states back to what they were at the start."""
    state = view1(detail.state, detail.state_bytes // 8, int64)
    initial = view1(detail.initial, detail.state_bytes // 8, int64)
    for i in range(detail.state_bytes // 8):
        state[i] = initial[i]
