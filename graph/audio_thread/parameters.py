"""[audio] Parameter changes: commands from the control thread, and their ramps."""

from __future__ import annotations

import numpy as np

from graph.memory.tables import COMMAND, COMMANDS, HEIR, PARAM, PENDING, PLAN, RING_HEADER, TAIL
from graph.native.functions import inline, load_acquire, store_release, view1, view2

int64, float32 = np.int64, np.float32
PARAM_BYTES = PARAM.itemsize


@inline(double=True)
def take_commands(engine, plan):
    """Moves this plan's commands from the ring to its pending list, and starts those that are due."""
    header = view1(engine.commands, RING_HEADER // 8, int64)
    ring = view1(engine.commands + RING_HEADER, COMMANDS, COMMAND)
    pending = view1(plan.pending, PENDING, COMMAND)
    tail = header[TAIL]
    head = load_acquire(header, 0)
    count = plan.pending_count
    while tail < head and count < PENDING and ring[tail % COMMANDS].generation <= engine.generation:
        command = ring[tail % COMMANDS]
        time = command.time if command.time >= 0 else engine.now
        place = count
        while place > 0 and pending[place - 1].time > time:  # sorted by frame, then by arrival
            copy_command(pending[place], pending[place - 1])
            place -= 1
        copy_command(pending[place], command)
        pending[place].time = time
        count += 1
        tail += 1
    plan.pending_count = count
    store_release(header, TAIL, tail)


@inline(double=True)
def commands_wait(engine):
    """Whether the ring still holds commands for this plan because its pending list is full."""
    header = view1(engine.commands, RING_HEADER // 8, int64)
    ring = view1(engine.commands + RING_HEADER, COMMANDS, COMMAND)
    tail = header[TAIL]
    return tail < load_acquire(header, 0) and ring[tail % COMMANDS].generation <= engine.generation


@inline(double=True)
def start_commands(engine, plan):
    """Starts the pending commands that are due."""
    pending = view1(plan.pending, PENDING, COMMAND)
    count = plan.pending_count
    kept = 0
    for i in range(count):
        command = pending[i]
        if command.time < engine.now + engine.frames:
            if command.time < engine.now:
                engine.late_commands += 1
            offset = max(0, command.time - engine.now)
            set_parameter(engine, plan, command.param, offset, command.value)
            if engine.retiring != 0:
                set_in_retiring(engine, plan, command.param, offset, command.value)
        else:
            copy_command(pending[kept], command)
            kept += 1
    plan.pending_count = kept


@inline(double=True)
def set_in_retiring(engine, plan, index, offset, value):
    """Applies the change to the plan that fades out too, so that both sound the same where they were equal."""
    heirs = view1(plan.heirs, plan.heir_count, HEIR)
    for i in range(plan.heir_count):
        if heirs[i].index == index:
            set_parameter(engine, view1(engine.retiring, 1, PLAN)[0], heirs[i].before, offset, value)


@inline(double=True)
def copy_command(target, source):
    """Copies one record to another."""
    target.time = source.time
    target.param = source.param
    target.value = source.value
    target.generation = source.generation


@inline(double=True)
def set_parameter(engine, plan, index, offset, value):
    """From frame `offset` of this block on, ramps the parameter to `value`."""
    param = view1(plan.params + index * PARAM_BYTES, 1, PARAM)[0]
    if param.active == 0:
        param.active = 1
        param.filled = 0
        show_rows(param, engine.frames)
        view1(plan.active, plan.active_count + 1, int64)[plan.active_count] = index
        plan.active_count += 1
    fill_until(engine, param, offset)
    param.target = value
    if param.ramp > 0:
        param.remaining = param.ramp
        param.step = (value - param.value) / param.ramp
    else:
        param.remaining = 0
        param.value = value


@inline(double=True)
def show_rows(param, rows):
    """Sets the row count seen by the parameter's readers: one while it is constant."""
    readers = view1(param.readers, param.reader_count, int64)
    for i in range(param.reader_count):
        view1(readers[i], 1, int64)[0] = rows


@inline(double=True)
def fill_until(engine, param, end):
    """Fills the parameter's buffer from its current position up to frame `end`."""
    buffer = view2(param.buffer, engine.frames, param.lanes, float32)
    value = param.value
    for frame in range(param.filled, end):
        if param.remaining > 0:
            param.remaining -= 1
            value = value + param.step if param.remaining > 0 else param.target
        for lane in range(param.lanes):
            buffer[frame, lane] = value
    param.value = value
    param.filled = max(param.filled, end)


@inline(double=True)
def fill_parameters(engine, plan):
    """Completes the buffers of all ramping parameters; those that have arrived become constant."""
    active = view1(plan.active, plan.active_count, int64)
    kept = 0
    for i in range(plan.active_count):
        index = active[i]
        param = view1(plan.params + index * PARAM_BYTES, 1, PARAM)[0]
        resting = param.remaining == 0 and param.filled == 0
        fill_until(engine, param, engine.frames)
        param.filled = 0
        if resting:
            param.active = 0
            show_rows(param, 1)
        else:
            active[kept] = index
            kept += 1
    plan.active_count = kept
