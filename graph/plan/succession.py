"""State that a new plan inherits from the running one: States, persistent cables, and values set by hand."""

from __future__ import annotations

import numpy as np

from graph.memory.arena import Arena
from graph.memory.tables import HEIR, MOVE
from graph.model.net import Net
from graph.node.arithmetic import Spread
from graph.node.node import Cable, Node
from graph.node.taps import SignalTap
from graph.plan.plan import Plan
from graph.plan.steps import Step


def succeed(new: Plan, old: Plan) -> None:
    """[control] Gives `new` the tables of data that the driver copies when `new` replaces `old`.

    A node continues if its name and class are the same. It keeps the states whose shape and
    initial contents agree: an echo keeps its buffer, but a changed impulse response is replaced.
    If a prepared array changes shape, a state may be an index that is now out of range:
    the node restarts except for states declared with `keeps`, such as the notes it must end.
    """
    before = {
        step.name: step for step in old.steps if not isinstance(step.node, Spread)
    }  # unrelated nodes may share a name
    moves = [move for step in new.steps for move in _moves(before.get(step.name), step, new.frames)]
    moves += [move for step in new.steps if step.name not in before for move in _heard(step, new, before)]
    names = _same(old.graph, new.graph)
    heirs = []
    for path, index in old.index.items():
        node, _, port = path.rpartition(".")
        path_now = f"{names[node]}.{port}" if node in names else ""
        keeps = path_now in new.params and new.params[path_now].value == old.params[path].value
        heirs.append((index, new.index.get(path_now, -1), keeps))
    arena = Arena()
    move_table, heir_table = arena.reserve(MOVE.itemsize * len(moves)), arena.reserve(HEIR.itemsize * len(heirs))
    arena.allocate()
    arena.array(move_table, len(moves), MOVE)[:] = np.array(moves, MOVE)
    arena.array(heir_table, len(heirs), HEIR)[:] = np.array(heirs, HEIR)
    new.inherit(arena, arena.base + move_table, len(moves), arena.base + heir_table, len(heirs))


def _same(old: Net, new: Net) -> dict[str, str]:
    """The name in `new` of each node of `old` that continues.

    User names persist. Nodes of expressions are numbered (`multiply_2`) in creation order, which
    changes with any earlier expression: a product would start with another one's factor. They are
    identified by the input that they drive.
    """
    there = {place: name for name, place in _places(new).items()}
    return {name: there[place] for name, place in _places(old).items() if place in there}


def _places(graph: Net) -> dict[str, str | int]:
    """The identity of each node, by name: its name, or a hash of its path to a named node."""
    uses: dict[Node, tuple[bool, str, int, str, Node | None]] = {graph.out.node: (False, "", 0, "out", None)}
    for name, node in graph.nodes.items():
        for port, source in node.inputs.items():
            if isinstance(source, Cable):
                use = (_anonymous(node), "" if _anonymous(node) else name, node.serial, port, node)
                uses[source.node] = min(use, uses.get(source.node, use), key=lambda use: use[:4])
    places: dict[Node, str | int] = {node: name for name, node in graph.nodes.items() if not _anonymous(node)}
    for node in graph.nodes.values():
        way = []
        at: Node | None = node
        while at is not None and at not in places and at in uses:
            way.append((at, uses[at][3]))
            at = uses[at][4]
        place = places.get(at, "") if at is not None else ""
        for each, port in reversed(way):
            place = places[each] = hash((place, port, type(each).__name__))
    return {name: places[node] for name, node in graph.nodes.items() if node in places}


def _anonymous(node: Node) -> bool:
    """Whether an expression created it."""
    return not node.name and node.made_by_expression


def _heard(tap: Step, new: Plan, before: dict[str, Step]) -> list[tuple[int, int, int]]:
    """For a tap that starts with `new`, the last value of its output, so that an open gate is not a new event."""
    if not isinstance(tap.node, SignalTap):
        return []
    source = tap.ins["source"]
    for step in new.steps:
        old = before.get(step.name)
        for key, buffer in step.outs.items():
            if buffer is source and old is not None and key in old.outs:
                last = old.outs[key]
                if last.own and last.width == source.width:
                    row = 4 * last.lanes
                    return [(last.address + (new.frames - 1) * row, tap.states["before"].ctypes.data, row)]
    return []


def _moves(old: Step | None, new: Step, frames: int) -> list[tuple[int, int, int]]:
    """Source, target and size of the memory to copy for one node."""
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
        if declared[key].constant or (reshaped and not declared[key].keeps):
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
