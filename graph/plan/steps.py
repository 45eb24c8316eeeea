"""Symbolic form of a plan before it is written: steps, the buffers between them, and buffer sharing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graph.model.widths import Width
from graph.node.node import Node
from graph.node.ports import In


@dataclass(eq=False)
class Buffer:
    """Memory of one cable: `lanes` floats per frame, or the bytes of an events or clock cable."""

    width: Width = (1, 1)
    own: bool = False
    last_use: int = -1
    slot: int = -1
    address: int = 0
    rests: bool = False
    """Whether it has a single row, because it holds a constant."""
    readers: list[int] = field(default_factory=list)
    """Addresses of the row counts in its readers' contexts."""

    @property
    def lanes(self) -> int:
        return self.width[0] * self.width[1]


@dataclass(eq=False)
class Param:
    """The value of an unconnected input, which commands may change."""

    path: str
    port: In
    value: float
    buffer: Buffer


@dataclass(eq=False)
class Step:
    """One node call per block."""

    name: str
    node: Node
    width: Width
    ins: dict[str, Buffer] = field(default_factory=dict)
    outs: dict[str, Buffer] = field(default_factory=dict)
    states: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    first: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    """Initial contents of the states."""
    context: int = 0


def share(steps: list[Step], output: Buffer) -> list[int]:
    """Assigns buffers to slots; returns the lanes of each slot.

    A slot is reused after its last reader has run; nodes that support it run in place. `output` is
    read after all steps have run.
    """
    for index, step in enumerate(steps):
        for buffer in (*step.ins.values(), *step.outs.values()):
            buffer.last_use = index
    output.last_use = len(steps)
    free: dict[int, list[int]] = {}
    slots: list[int] = []
    for index, step in enumerate(steps):
        dying = [b for b in dict.fromkeys(step.ins.values()) if not b.own and b.last_use == index]
        if step.node.kernel.in_place:
            usable = [step.ins[key] for key, port in step.node.ins().items() if port.rate == "sample"]
            blocked = [step.ins[key] for key, port in step.node.ins().items() if port.rate == "block"]
            for out in step.outs.values():
                heir = next(
                    (b for b in usable if b in dying and b not in blocked and b.lanes == out.lanes and not out.own),
                    None,
                )
                if heir is not None:
                    out.slot = heir.slot
                    dying.remove(heir)
        for out in step.outs.values():
            if out.slot < 0 and not out.own:
                stock = free.get(out.lanes)
                if stock:
                    out.slot = stock.pop()
                else:
                    out.slot = len(slots)
                    slots.append(out.lanes)
        for buffer in (*dying, *(b for b in step.outs.values() if not b.own and b.last_use == index)):
            free.setdefault(buffer.lanes, []).append(buffer.slot)
    return slots
