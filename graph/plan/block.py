"""A block for a single node: the arguments of `process`, built from numbers and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph.errors import NodeError
from graph.memory import events as ev
from graph.memory.tables import LINK, MAX_INPUTS, MOMENT, TAPS, TRANSPORT
from graph.model.widths import node_width, out_width
from graph.node.node import Node, Setup
from graph.node.ports import In, Option, Out, Port, Source, State
from graph.plan.states import first_states


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
              options by their value; states by an array that replaces their initial value; audio
              input as an array (frames,) or (frames, inputs)
    frames    by default the length of the longest array, or 64
    voices, channels   the node's width; by default inferred from the arrays
    """
    for word in values:
        if not isinstance(cls.fields.get(word), In | Option | State | Source):
            raise NodeError(f"{cls.__name__} has no input, option or state '{word}'")
    given = {k: v for k, v in values.items() if isinstance(cls.fields[k], Option)}
    node = cls(name=name or None, **given)
    arrays = {k: _signal(v) for k, v in values.items() if isinstance(p := cls.fields[k], In) and p.kind == "signal"}
    if frames is None:
        heard = [_signal(v) for k, v in values.items() if isinstance(p := cls.fields[k], Source) and p.sound]
        frames = max((len(a) for a in [*arrays.values(), *heard] if len(a) > 1), default=64)
        lengths = [len(v.tempo) for v in values.values() if isinstance(v, ev.Clock)]
        frames = lengths[0] if lengths else frames
    channels = channels or 1
    ports = cls.ins()
    widths = [a.shape[1] // (ports[k].channels or channels) for k, a in arrays.items() if ports[k].voices is None]
    voices = voices or max([1, *widths])
    voices, channels = node_width(node, (voices, channels))
    setup = Setup(name or node.label, sample_rate, frames, voices, channels)
    connected = {k: 0.0 for k, v in values.items() if isinstance(v, ev.Clock) and v.tempo[0] > 0.0}
    node.inputs.update(connected)  # `prepare` may ask whether a clock is there
    states = first_states(node, setup)
    fields: dict[str, Any] = {}
    for key, field in cls.kernel.fields.items():
        if isinstance(field, In) and field.kind == "signal":
            width = (field.voices or voices) * (field.channels or channels)
            default = 0.0 if field.default is None else field.default
            value = np.broadcast_to(arrays.get(key, np.float32(default)), (frames, width))
            fields[key] = np.array(value[0] if field.rate == "block" else value, np.float32, order="C")
        elif isinstance(field, Out) and field.kind == "signal":
            shape = out_width(node, field, (voices, channels))
            fields[key] = np.zeros((frames, shape[0] * shape[1]), np.float32)
        elif isinstance(field, State):
            fields[key] = states[key]
            if key in values:
                fields[key] = np.array(
                    np.broadcast_to(np.asarray(values[key], field.dtype), states[key].shape), order="C"
                )
        elif isinstance(field, Option):
            number = field.number(node.options[key])
            fields[key] = np.float32(number) if field.value_type is float else int(number)
        elif isinstance(field, Port) and field.kind == "clock":
            fields[key] = values.get(key) or ev.new_clock(frames, sample_rate=sample_rate)
        elif isinstance(field, Source) and field.record:
            fields[key] = values.get(key, np.zeros(1, RECORDS[field.source]).view(np.recarray))
        elif isinstance(field, Source) and field.sound:
            given = _signal(values.get(key, 0.0))
            fields[key] = np.zeros((frames, MAX_INPUTS), np.float32)
            fields[key][:, : given.shape[1]] = given
        else:
            fields[key] = values.get(key) or ev.new_events()
    make: Any = cls.kernel.block_type
    return make(frames, setup.lanes, voices, channels, np.float32(sample_rate), **fields)


RECORDS = {"moment": MOMENT, "link": LINK, "transport": TRANSPORT, "taps": TAPS}
"""The record types of `Source`; `block_of` creates an empty one by default."""


def _signal(value: Any) -> Any:
    array = np.asarray(value, np.float32)
    return array.reshape(1, 1) if array.ndim == 0 else array[:, None] if array.ndim == 1 else array
