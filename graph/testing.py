"""For tests of nodes, ours and anyone's: make a block, run one kernel on it, check the contract.

    block = block_of(LowPass, audio=noise, cutoff=1_000.0)
    LowPass.process(block)
    assert np.abs(block.out).max() < 1
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from graph import events as ev
from graph.cache import addresses, node_unit
from graph.errors import NodeError
from graph.kernel import Kernel, slot_count
from graph.node import Node, Setup
from graph.plan import first_state
from graph.ports import In, Option, Out, Port, Source, State
from graph.widths import out_width


def block_of(
    cls: type[Node],
    *,
    frames: int | None = None,
    voices: int | None = None,
    channels: int | None = None,
    sample_rate: float = 48_000.0,
    name: str = "",
    **values: Any,
) -> Any:
    """A block for one call of `cls.process`: a NamedTuple of arrays, outputs zero, states as prepared.

    values    inputs: a number, an array (frames,) or (frames, lanes), an `Events` or a `Clock`;
              options by their value; states by an array that replaces their first value
    frames    by default the length of the longest array, or 64
    voices, channels   the node's width; by default what the arrays need
    """
    for word in values:
        if not isinstance(cls.fields.get(word), In | Option | State | Source):
            raise NodeError(f"{cls.__name__} has no input, option or state '{word}'")
    given = {k: v for k, v in values.items() if isinstance(cls.fields[k], Option)}
    node = cls(name=name or None, **given)
    arrays = {k: _signal(v) for k, v in values.items() if isinstance(p := cls.fields[k], In) and p.kind == "signal"}
    free = {k: a for k, a in arrays.items() if cls.ins()[k].voices is None and cls.ins()[k].channels is None}
    if frames is None:
        frames = max((len(a) for a in arrays.values() if len(a) > 1), default=64)
        clocks = [v for v in values.values() if isinstance(v, ev.Clock)]
        frames = len(clocks[0].tempo) if clocks else frames
    channels = channels or 1
    voices = voices or max((a.shape[1] for a in free.values()), default=channels) // channels
    if not any(p.kind == "signal" and p.voices is None for p in cls.ins().values()) and cls.outs():
        voices, channels = _first_width(node, voices, channels)
    setup = Setup(name or node.label, sample_rate, frames, voices, channels)
    prepared = dict(node.prepare(setup))
    fields: dict[str, Any] = {}
    for key, field in cls.kernel.fields.items():
        if isinstance(field, In) and field.kind == "signal":
            width = (field.voices or voices) * (field.channels or channels)
            default = 0.0 if field.default is None else field.default
            value = np.broadcast_to(arrays.get(key, np.float32(default)), (frames, width))
            fields[key] = np.array(value[0] if field.rate == "block" else value, np.float32)
        elif isinstance(field, Out) and field.kind == "signal":
            width = out_width(node, field, (voices, channels))
            fields[key] = np.zeros((frames, width[0] * width[1]), np.float32)
        elif isinstance(field, State):
            fields[key] = first_state(field, values.get(key, prepared.get(key)), setup.lanes, f"{cls.__name__}.{key}")
        elif isinstance(field, Option):
            number = field.number(node.options[key])
            fields[key] = np.float32(number) if field.type is float else int(number)
        elif isinstance(field, Port) and field.kind == "clock":
            fields[key] = values.get(key) or ev.new_clock(frames, sample_rate=sample_rate)
        else:
            fields[key] = values.get(key) or ev.new_events()
    return cls.kernel.block_type(frames, setup.lanes, voices, channels, np.float32(sample_rate), **fields)


def _signal(value: Any) -> Any:
    array = np.asarray(value, np.float32)
    return array.reshape(1, 1) if array.ndim == 0 else array[:, None] if array.ndim == 1 else array


def _first_width(node: Node, voices: int, channels: int) -> tuple[int, int]:
    for field in node.outs().values():
        if field.kind == "signal":
            return out_width(node, field, (voices, channels))
    return voices, channels


def run_compiled(kernel: Kernel, block: Any) -> None:
    """Calls the compiled kernel on a block that Python holds."""
    import ctypes

    context = np.zeros(kernel.size, np.int64)
    context[:4] = block.frames, block.lanes, block.voices, block.channels
    context.view(np.float64)[4] = block.sample_rate
    keep = []
    for name, field in kernel.fields.items():
        slot, value = kernel.slots[name], getattr(block, name)
        if isinstance(field, Option):
            (context.view(np.float64) if field.type is float else context)[slot] = value
        elif isinstance(field, State) or (isinstance(field, Port) and field.kind == "signal"):
            assert value.flags.c_contiguous, f"{name} must be C-contiguous"
            context[slot] = value.ctypes.data
            shape = value.shape if isinstance(field, State) else value.shape[-1:]
            context[slot + 1 : slot + 1 + len(shape)] = shape
            assert slot_count(field) == 1 + len(shape)
        else:
            memory = Memory(value, block.frames)
            keep.append(memory)
            context[slot] = memory.address
    address = addresses([node_unit(kernel.cls)])[0]
    ctypes.CFUNCTYPE(None, ctypes.c_int64)(address)(context.ctypes.data)
    for memory in keep:
        memory.back()


class Memory:
    """An `Events` or `Clock` copied to where a compiled kernel expects it, and back."""

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
        """Brings what the kernel wrote to the Python side."""
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


def seed_of(name: str) -> int:
    """A seed that is the same on every run and differs between nodes of different names."""
    return zlib.crc32(name.encode())
