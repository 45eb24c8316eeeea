"""[audio] Switches from one plan to another with a crossfade.

The new plan inherits the states that both have in common at the start of a block, so notes keep sounding and echoes
keep ringing. For 20 ms both plans run while the output fades from old to new; where nothing changed, both are equal
and the crossfade is inaudible.
"""

from __future__ import annotations

import numpy as np

from graph.audio_thread.parameters import (
    PARAM_BYTES,
    commands_wait,
    copy_command,
    fill_until,
    set_parameter,
    take_commands,
)
from graph.memory.tables import COMMAND, ENGINE, HEIR, MOVE, PARAM, PENDING, PLAN
from graph.native.functions import inline, load_acquire, store_release, view1, view2

int64, float32, uint8 = np.int64, np.float32, np.uint8
INCOMING_AT = int(ENGINE.fields["incoming"][1])  # type: ignore[index]
RETIRING_AT = int(ENGINE.fields["retiring"][1])  # type: ignore[index]


@inline(double=True)
def take_over(address, engine):
    """Replaces the current plan by the one handed over."""
    incoming = load_acquire(view1(address + INCOMING_AT, 1, int64), 0)
    if incoming == 0 or engine.retiring != 0:
        return
    old = view1(engine.plan, 1, PLAN)[0]
    new = view1(incoming, 1, PLAN)[0]
    take_commands(engine, old)  # commands for the old plan
    if commands_wait(engine):  # its indices are invalid in the new plan: retry in the next block
        return
    inherit_states(new)
    inherit_parameters(engine, old, new)
    inherit_commands(old, new)
    engine.retiring = engine.plan
    engine.plan = incoming
    engine.generation += 1
    engine.faded = 0
    store_release(view1(address + INCOMING_AT, 1, int64), 0, 0)


@inline(double=True)
def inherit_states(new):
    """Copies the states that are carried over."""
    moves = view1(new.moves, new.move_count, MOVE)
    for i in range(new.move_count):
        source = view1(moves[i].source, moves[i].bytes, uint8)
        target = view1(moves[i].target, moves[i].bytes, uint8)
        for k in range(moves[i].bytes):
            target[k] = source[k]


@inline(double=True)
def inherit_parameters(engine, old, new):
    """Starts each parameter at its current value, and ramps to the new patch's value unless it was set by hand."""
    heirs = view1(new.heirs, new.heir_count, HEIR)
    for i in range(new.heir_count):
        heir = heirs[i]
        if heir.index < 0:
            continue
        before = view1(old.params + heir.before * PARAM_BYTES, 1, PARAM)[0]
        param = view1(new.params + heir.index * PARAM_BYTES, 1, PARAM)[0]
        goal = before.target if heir.keeps != 0 else param.target
        if before.value != param.value:
            param.value = before.value
            param.filled = 0
            fill_until(engine, param, engine.frames)
            param.filled = 0
        if goal != before.value:
            set_parameter(engine, new, heir.index, 0, goal)
            if heir.keeps != 0 and param.ramp == before.ramp:  # continue its ramp, do not restart it
                param.remaining = before.remaining
                param.step = before.step


@inline(double=True)
def inherit_commands(old, new):
    """Carries over commands waiting for their frame, for parameters that still exist."""
    heirs = view1(new.heirs, new.heir_count, HEIR)
    waiting = view1(old.pending, PENDING, COMMAND)
    pending = view1(new.pending, PENDING, COMMAND)
    kept = 0
    for i in range(old.pending_count):
        index = int64(-1)
        for k in range(new.heir_count):
            if heirs[k].before == waiting[i].param:
                index = heirs[k].index
        if index >= 0:
            copy_command(pending[kept], waiting[i])
            pending[kept].param = index
            kept += 1
    new.pending_count = kept
    old.pending_count = 0


@inline(double=True)
def cross_fade(address, engine, old, new):
    """Crossfades one block from the old plan's output to the new one's."""
    channels = new.channels
    before = view2(old.output, engine.frames, old.channels, float32)
    after = view2(new.output, engine.frames, channels, float32)
    mixed = view2(engine.mixed, engine.frames, channels, float32)
    step = 1.0 / engine.fade
    for frame in range(engine.frames):
        share = float32(min(1.0, (engine.faded + frame + 1) * step))
        for channel in range(channels):
            start = before[frame, channel]
            mixed[frame, channel] = start + share * (after[frame, channel] - start)
    engine.block = engine.mixed
    engine.faded += engine.frames
    if engine.faded >= engine.fade:
        store_release(view1(address + RETIRING_AT, 1, int64), 0, 0)
