"""Calls a compiled kernel on a block of Python arrays, to test one node alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from graph.errors import NodeError
from graph.memory import events as ev
from graph.native.cache import addresses, callable_at, node_unit
from graph.node.ports import Field, In, Option, Port, Source, State


class Called(Protocol):
    """The parts of a kernel that a call needs: the layout of its context, and the class that a worker compiles."""

    name: str
    cls: Any
    fields: dict[str, Field]

    @property
    def slots(self) -> Mapping[str, int]:
        """First context slot of each field."""

    @property
    def size(self) -> int:
        """Context size in slots."""


def run_compiled(kernel: Called, block: Any) -> None:
    """Calls the compiled kernel on a block of Python arrays."""
    context = np.zeros(kernel.size, np.int64)
    context[:4] = block.frames, block.lanes, block.voices, block.channels
    context.view(np.float64)[4] = block.sample_rate
    keep = []
    for name, field in kernel.fields.items():
        slot, value = kernel.slots[name], getattr(block, name)
        if isinstance(field, Option):
            (context.view(np.float64) if field.value_type is float else context)[slot] = value
        elif isinstance(field, State) or (isinstance(field, Port) and field.kind == "signal"):
            block_rate = isinstance(field, In) and field.rate == "block"
            dtype = field.dtype if isinstance(field, State) else np.dtype(np.float32)
            ndim = field.ndim if isinstance(field, State) else 1 if block_rate else 2
            if value.dtype != dtype or value.ndim != ndim or not value.flags.c_contiguous:
                wants = f"a C-contiguous {dtype} array of {ndim} dimensions"
                raise NodeError(f"{kernel.name}.{name} must be {wants}, not {value.dtype} {value.shape}")
            context[slot] = value.ctypes.data
            shape = value.shape if isinstance(field, State) else value.shape[::-1]
            shape = shape if isinstance(field, State | In) else shape[:1]
            context[slot + 1 : slot + 1 + len(shape)] = shape
        elif isinstance(field, Source) and not field.events:
            context[slot] = value.ctypes.data
        else:
            memory = Memory(value, block.frames)
            keep.append(memory)
            context[slot] = memory.address
    address = addresses([node_unit(kernel.cls)])[0]
    callable_at(address)(context.ctypes.data)
    for memory in keep:
        memory.back()


class Memory:
    """An `Events` or `Clock` copied to memory in the layout of compiled kernels, and back."""

    def __init__(self, value: ev.Events | ev.Clock, frames: int) -> None:
        self.value = value
        size = ev.clock_bytes(frames) if isinstance(value, ev.Clock) else ev.EVENTS_BYTES
        self.raw = np.zeros(size, np.uint8)
        self.pairs = list(self._pairs(value, frames))
        for mine, theirs in self.pairs:
            mine[:] = theirs

    @property
    def address(self) -> int:
        return int(self.raw.ctypes.data)

    def back(self) -> None:
        """Copies what the kernel wrote to the Python side."""
        for mine, theirs in self.pairs:
            theirs[:] = mine

    def _pairs(self, value: ev.Events | ev.Clock, frames: int) -> list[tuple[Any, Any]]:
        if isinstance(value, ev.Clock):
            beat, tempo, playing, quantum, changes = ev.clock_offsets(frames)
            pairs = [
                (self.raw[beat:tempo].view(np.float64), value.beat),
                (self.raw[tempo:quantum].view(np.float64), value.tempo),
                (self.raw[playing : playing + frames], value.playing),
                (self.raw[quantum : quantum + 8].view(np.float64), value.quantum),
            ]
            return pairs + self._events(value.changes, changes)
        return self._events(value, 0)

    def _events(self, value: ev.Events, at: int) -> list[tuple[Any, Any]]:
        records = self.raw[at + ev.HEADER_BYTES : at + ev.EVENTS_BYTES].view(ev.EVENT)
        return [(self.raw[at : at + ev.HEADER_BYTES].view(np.int64), value.count), (records, value.records)]
