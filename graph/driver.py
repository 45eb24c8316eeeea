"""What the audio thread runs: native code that walks a plan. Every function here is [audio].

No Python object, no allocation, no lock, no system call. The same code serves offline rendering and
the callbacks of devices.
"""

from __future__ import annotations

import numpy as np

from graph.events import CAPACITY, EVENT, HEADER_BYTES, TIMED_EVENT
from graph.guard import INSPECTED_BLOCKS, guard_output, outputs_finite, walk_inspecting
from graph.native import (
    call,
    cycles,
    flush_denormals,
    helper,
    load_acquire,
    restore_denormals,
    store_release,
    view1,
    view2,
)
from graph.tables import (
    COMMAND,
    COMMANDS,
    COUNTED_EVERY,
    ENGINE,
    MAX_CHANNELS,
    METER,
    MIDI_EVENTS,
    PARAM,
    PENDING,
    PLAN,
    REQUEST,
    RING_HEADER,
    STEP,
    SUM,
)

int64, float32, float64 = np.int64, np.float32, np.float64
TAIL = 8
"""Index of a ring's tail among its header's int64."""


@helper(double=True)
def render(request_address):
    """Writes the frames that a REQUEST asks for: float32, interleaved.

    The engine runs whole blocks of its own; what is left of the last one is kept for the next call,
    so the sound does not depend on the host's buffer size and no latency is added.
    """
    request = view1(request_address, 1, REQUEST)[0]
    frames = request.frames
    mode = flush_denormals()
    engine = view1(request.engine, 1, ENGINE)[0]
    plan = view1(engine.plan, 1, PLAN)[0]
    channels = plan.channels
    block = view1(plan.output, engine.frames * channels, float32)
    target = view1(request.out, frames * channels, float32)
    done = 0
    while done < frames:
        if engine.left == 0:
            run_block(request.engine, engine, plan)
            engine.left = engine.frames
        count = min(engine.left, frames - done)
        start = (engine.frames - engine.left) * channels
        for i in range(count * channels):
            target[done * channels + i] = block[start + i]
        engine.left -= count
        done += count
    restore_denormals(mode)


@helper(double=True)
def run_block(address, engine, plan):
    """One block: commands, parameters, events, the steps, the guard, the meters."""
    take_commands(engine, plan)
    fill_parameters(engine, plan)
    take_events(engine)
    pairs = view2(plan.pairs, plan.steps, 2, int64)
    if plan.inspect > 0:
        walk_inspecting(engine, plan, pairs)
        plan.inspect -= 1
    elif engine.blocks % COUNTED_EVERY == COUNTED_EVERY - 1:
        details = view1(plan.details, plan.steps, STEP)
        for i in range(plan.steps):
            before = cycles()
            call(pairs[i, 0], pairs[i, 1])
            details[i].cycles = cycles() - before
            if not outputs_finite(details[i]):
                plan.inspect = INSPECTED_BLOCKS
    else:
        for i in range(plan.steps):
            call(pairs[i, 0], pairs[i, 1])
    guard_output(engine, plan)
    measure_output(engine, plan, load_acquire(view1(address + EPOCH_AT, 1, int64), 0))
    engine.blocks += 1
    store_release(view1(address + NOW_AT, 1, int64), 0, engine.now + engine.frames)


NOW_AT = int(ENGINE.fields["now"][1])  # type: ignore[index]
EPOCH_AT = int(ENGINE.fields["meter_epoch"][1])  # type: ignore[index]


@helper(double=True)
def take_commands(engine, plan):
    """Moves commands from the ring to the pending list, and starts those whose frame has come."""
    header = view1(engine.commands, RING_HEADER // 8, int64)
    ring = view1(engine.commands + RING_HEADER, COMMANDS, COMMAND)
    pending = view1(plan.pending, PENDING, COMMAND)
    tail = header[TAIL]
    head = load_acquire(header, 0)
    count = plan.pending_count
    while tail < head and count < PENDING:
        command = ring[tail % COMMANDS]
        time = command.time if command.time >= 0 else engine.now
        place = count
        while place > 0 and pending[place - 1].time > time:  # in the order of their frames, then of their coming
            copy_command(pending[place], pending[place - 1])
            place -= 1
        copy_command(pending[place], command)
        pending[place].time = time
        count += 1
        tail += 1
    store_release(header, TAIL, tail)
    if count == 0:
        return
    kept = 0
    for i in range(count):
        command = pending[i]
        if command.time < engine.now + engine.frames:
            if command.time < engine.now:
                engine.late_commands += 1
            set_parameter(engine, plan, command.param, max(0, command.time - engine.now), command.value)
        else:
            copy_command(pending[kept], command)
            kept += 1
    plan.pending_count = kept


@helper(double=True)
def copy_command(target, source):
    """One record to another."""
    target.time = source.time
    target.param = source.param
    target.value = source.value


@helper(double=True)
def set_parameter(engine, plan, index, offset, value):
    """From frame `offset` of this block on, the parameter glides to `value`."""
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


PARAM_BYTES = PARAM.itemsize


@helper(double=True)
def show_rows(param, rows):
    """Tells the parameter's readers how many rows its buffer has: one while it rests."""
    readers = view1(param.readers, param.reader_count, int64)
    for i in range(param.reader_count):
        view1(readers[i], 1, int64)[0] = rows


@helper(double=True)
def fill_until(engine, param, end):
    """Writes the parameter's buffer from where it stands to frame `end`."""
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


@helper(double=True)
def fill_parameters(engine, plan):
    """Completes the buffers of all parameters that move; those that have arrived come to rest."""
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


@helper(double=True)
def take_events(engine):
    """Events that arrived for this block, each at its frame; late ones at its start."""
    count = view1(engine.arriving, 8, int64)
    records = view1(engine.arriving + HEADER_BYTES, CAPACITY, EVENT)
    header = view1(engine.midi, RING_HEADER // 8, int64)
    ring = view1(engine.midi + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)
    tail = header[TAIL]
    head = load_acquire(header, 0)
    taken = 0
    while tail < head and taken < CAPACITY and ring[tail % MIDI_EVENTS].time < engine.now + engine.frames:
        source = ring[tail % MIDI_EVENTS]
        record = records[taken]
        record.frame = max(0, source.time - engine.now)
        record.kind = source.event.kind
        record.channel = source.event.channel
        record.note_id = source.event.note_id
        record.number = source.event.number
        record.value = source.event.value
        taken += 1
        tail += 1
    count[0] = taken
    store_release(header, TAIL, tail)


@helper(double=True)
def measure_output(engine, plan, epoch):
    """Peak and power of each output channel; the peaks start anew when the reader says so."""
    channels = plan.channels
    block = view2(plan.output, engine.frames, channels, float32)
    meters = view2(engine.meters, 2, MAX_CHANNELS, METER)
    sums = view1(engine.sums, channels, SUM)
    for channel in range(channels):
        meter = meters[epoch & 1, channel]
        if epoch != meter.epoch:
            meter.epoch = epoch
            meter.peak = 0.0
        peak = float32(0.0)
        squares = float32(0.0)
        for frame in range(engine.frames):
            value = block[frame, channel]
            peak = max(peak, abs(value))
            squares += value * value
        meter.peak = max(meter.peak, float64(peak))
        sums[channel].squares += float64(squares)
        sums[channel].frames += engine.frames


@helper(double=True)
def publish(ring_address):
    """Shows the reader of a ring all that was written before: the new head stands beside the old."""
    header = view1(ring_address, RING_HEADER // 8, int64)
    store_release(header, 0, header[1])
