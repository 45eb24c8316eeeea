"""The driver: native code on the audio thread that runs a plan. Every function here is [audio].

No Python object, no allocation, no lock, no system call. The same code serves offline rendering and device
callbacks.
"""

from __future__ import annotations

import numpy as np

from graph.audio_thread.arrivals import send_leaving, show_taps, take_events
from graph.audio_thread.guard import INSPECTED_BLOCKS, guard_output, outputs_finite, walk_inspecting
from graph.audio_thread.hearing import hear_block, keep_input
from graph.audio_thread.link import follow_session
from graph.audio_thread.parameters import fill_parameters, start_commands, take_commands
from graph.audio_thread.runaway import watch_loops
from graph.audio_thread.swap import cross_fade, take_over
from graph.memory.tables import (
    COUNTED_EVERY,
    ENGINE,
    MAX_CHANNELS,
    METER,
    MOMENT,
    PLAN,
    REQUEST,
    STEP,
    SUM,
    TAPE,
    TAPS,
)
from graph.native.functions import (
    call,
    cycles,
    flush_denormals,
    inline,
    load_acquire,
    restore_denormals,
    store_release,
    view1,
    view2,
)

int64, float32, float64 = np.int64, np.float32, np.float64


@inline(double=True)
def render(request_address):
    """Writes the frames of a REQUEST (float32, interleaved) and reads the input that comes with it.

    The engine runs whole blocks and keeps the rest of the last one for the next call. The output
    does not depend on the host's buffer size, and no latency is added.
    """
    request = view1(request_address, 1, REQUEST)[0]
    frames = request.frames
    mode = flush_denormals()
    engine = view1(request.engine, 1, ENGINE)[0]
    channels = engine.channels
    target = view1(request.out, frames * channels, float32)
    done = 0
    while done < frames:
        if engine.left == 0:
            hear_block(engine, request, done)
            run_block(request.engine, engine)
            engine.left = engine.frames
        block = view1(engine.block, engine.frames * channels, float32)
        count = min(engine.left, frames - done)
        start = (engine.frames - engine.left) * channels
        for i in range(count * channels):
            target[done * channels + i] = block[start + i]
        engine.left -= count
        done += count
    keep_input(engine, request)
    restore_denormals(mode)


@inline(double=True)
def run_block(address, engine):
    """Runs one block: new plan, commands, parameters, events, steps, guard, meters."""
    view1(engine.moment, 1, MOMENT)[0].now = engine.now
    take_over(address, engine)
    take_events(engine)
    follow_session(engine)
    leaving = view1(engine.leaving, 8, int64)
    taps = view1(engine.taps, 1, TAPS)[0]
    plan = view1(engine.plan, 1, PLAN)[0]
    take_commands(engine, plan)
    start_commands(engine, plan)
    passes = 1 if engine.retiring == 0 else 2
    for i in range(passes):
        running = view1(engine.plan if i == passes - 1 else engine.retiring, 1, PLAN)[0]
        leaving[0] = 0  # the new plan sends the same events
        taps.count = 0
        taps.missed = 0
        fill_parameters(engine, running)
        run_steps(engine, running)
        guard_output(engine, running)
    if engine.retiring != 0:
        cross_fade(address, engine, view1(engine.retiring, 1, PLAN)[0], plan)
    else:
        engine.block = plan.output
    if engine.level != 1.0 or engine.level_goal != 1.0:
        scale_block(engine)
    send_leaving(engine)
    show_taps(engine)
    measure_output(engine, load_acquire(view1(address + EPOCH_AT, 1, int64), 0))
    tape = load_acquire(view1(address + TAPE_AT, 1, int64), 0)
    if tape != 0:
        record_block(engine, tape)
    engine.blocks += 1
    store_release(view1(address + NOW_AT, 1, int64), 0, engine.now + engine.frames)


@inline(double=True)
def scale_block(engine):
    """Applies the output gain while muting or unmuting."""
    channels = engine.channels
    block = view2(engine.block, engine.frames, channels, float32)
    scaled = view2(engine.mixed, engine.frames, channels, float32)
    step = LEVEL_STEP
    for frame in range(engine.frames):
        way = engine.level_goal - engine.level
        engine.level += min(max(way, -step), step)
        for channel in range(channels):
            scaled[frame, channel] = block[frame, channel] * float32(engine.level)
    engine.block = engine.mixed


LEVEL_STEP = 1 / 256
"""Gain change per frame: 5 ms from silence to full level."""


@inline(double=True)
def run_steps(engine, plan):
    """Runs the plan's steps."""
    pairs = view2(plan.pairs, plan.steps, 2, int64)
    if plan.inspect > 0 or plan.alert > 0:
        walk_inspecting(engine, plan, pairs)
        plan.inspect = max(0, plan.inspect - 1)
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
    watch_loops(plan)


NOW_AT = int(ENGINE.fields["now"][1])  # type: ignore[index]
EPOCH_AT = int(ENGINE.fields["meter_epoch"][1])  # type: ignore[index]
TAPE_AT = int(ENGINE.fields["tape"][1])  # type: ignore[index]


@inline(double=True)
def measure_output(engine, epoch):
    """Measures peak and power of each output channel; a new epoch restarts the peaks."""
    channels = engine.channels
    block = view2(engine.block, engine.frames, channels, float32)
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


@inline(double=True)
def record_block(engine, tape_address):
    """Copies the block to the tape; frames that a slow writer misses are dropped and counted."""
    tape = view1(tape_address, 1, TAPE)[0]
    header = view1(tape_address, 2, int64)
    tail = load_acquire(header, 1)
    head = tape.head
    if head + engine.frames - tail > tape.frames:
        tape.lost += engine.frames
        return
    channels = engine.channels
    block = view2(engine.block, engine.frames, channels, float32)
    frames = view2(tape.address, tape.frames, channels, float32)
    for frame in range(engine.frames):
        place = (head + frame) % tape.frames
        for channel in range(channels):
            frames[place, channel] = block[frame, channel]
    store_release(header, 0, head + engine.frames)
