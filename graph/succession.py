"""What a new plan takes over from the one that plays: states, held cables, and numbers set by hand."""

from __future__ import annotations

import numpy as np

from graph.memory import Arena
from graph.plan import Plan
from graph.steps import Step
from graph.tables import HEIR, MOVE


def succeed(new: Plan, old: Plan) -> None:
    """[control] Tells `new` what the driver is to copy into it when it takes the place of `old`.

    A node goes on where its name and class are the same. Of its states go on those whose shape and
    first content agree: an echo keeps what it holds, but another impulse response is another one.
    Where a prepared array has another shape, a state may be an index that now lies outside of it:
    then the node begins anew but for the states that say `keeps`, such as the notes it has to end.
    """
    before = {step.name: step for step in old.steps if step.node in old.graph.names}  # a spread may be called the same
    moves = [move for step in new.steps for move in _moves(before.get(step.name), step, new.frames)]
    heirs = [
        (index, new.index.get(path, -1), path in new.params and new.params[path].value == old.params[path].value)
        for path, index in old.index.items()
    ]
    arena = Arena()
    move_table, heir_table = arena.reserve(MOVE.itemsize * len(moves)), arena.reserve(HEIR.itemsize * len(heirs))
    arena.allocate()
    arena.array(move_table, len(moves), MOVE)[:] = np.array(moves, MOVE)
    arena.array(heir_table, len(heirs), HEIR)[:] = np.array(heirs, HEIR)
    new.inherit(arena, arena.base + move_table, len(moves), arena.base + heir_table, len(heirs))


def _moves(old: Step | None, new: Step, frames: int) -> list[tuple[int, int, int]]:
    """Source, target and size of what goes on in one node."""
    if old is None or type(old.node).__qualname__ != type(new.node).__qualname__:
        return []
    found = []
    declared = type(new.node).states()
    reshaped = any(
        declared[key].prepared and (key not in old.first or old.first[key].shape != array.shape)
        for key, array in new.states.items()
    )
    for key, array in new.states.items():
        first = old.first.get(key)
        if reshaped and not declared[key].keeps:
            continue
        if first is not None and first.dtype == array.dtype and np.array_equal(first, new.first[key]):
            found.append((old.states[key].ctypes.data, array.ctypes.data, array.nbytes))
    for key, buffer in new.outs.items():
        held = old.outs.get(key)
        if not reshaped and buffer.own and held is not None and held.own and held.width == buffer.width:
            port = new.node.outs()[key]
            if port.kind == "signal":
                found.append((held.address, buffer.address, 4 * frames * buffer.lanes))
    return found
