"""The C entry of a kernel, as Python text: it builds the block from a row of 8-byte slots and calls `process`."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from graph.memory import events as ev
from graph.memory.tables import LINK, MAX_INPUTS, MOMENT, TAPS, TRANSPORT
from graph.native import functions as native
from graph.native.digest import reached
from graph.node.ports import Field, In, Option, Port, Source, State


class Bound(Protocol):
    """What an entry needs of a `Kernel`."""

    name: str
    fields: dict[str, Field]
    block_type: Any
    python: Callable[[Any], None]

    @property
    def slots(self) -> Mapping[str, int]:
        """First context slot of each field."""

    @property
    def size(self) -> int:
        """Context size in slots."""


def slot_count(field: Field) -> int:
    """Number of 8-byte context slots of a field."""
    if isinstance(field, Option | Source) or (isinstance(field, Port) and field.kind != "signal"):
        return 1
    if isinstance(field, State):
        return 1 + field.ndim
    return 3 if isinstance(field, In) else 2


def block_value(field: Field, slot: int) -> str:
    """Python expression that builds one block field from context slots."""
    base = f"slots[{slot}]"
    if isinstance(field, Option):
        return f"float32(reals[{slot}])" if field.value_type is float else base
    if isinstance(field, State):
        shape = ", ".join(f"slots[{slot + 1 + i}]" for i in range(field.ndim))
        return f"view{field.ndim}({base}, {shape}, {field.dtype.name})"
    if isinstance(field, Source) and field.record:
        return f"view1({base}, 1, {field.source.upper()})"
    if isinstance(field, Source) and field.sound:
        return f"view2({base}, slots[0], {MAX_INPUTS}, float32)"
    if isinstance(field, Source) or (isinstance(field, Port) and field.kind == "events"):
        return _events(base)
    if isinstance(field, Port) and field.kind == "clock":
        return _clock(base)
    if isinstance(field, In) and field.rate == "block":
        return f"view1({base}, slots[{slot + 1}], float32)"
    rows = f"slots[{slot + 2}]" if isinstance(field, In) else "slots[0]"
    return f"view2({base}, {rows}, slots[{slot + 1}], float32)"


def _events(base: str) -> str:
    return f"Events(view1({base}, 8, int64), view1({base} + {ev.HEADER_BYTES}, {ev.CAPACITY}, EVENT))"


def _clock(base: str) -> str:
    """Expression for a clock, laid out as in `graph.memory.events.clock_offsets`."""
    frames = "slots[0]"
    changes = f"(({frames} * 2 + 2) * 8 + {frames} + 63) // 64 * 64"
    return (
        f"Clock(view1({base}, {frames} + 1, float64), "
        f"view1({base} + ({frames} + 1) * 8, {frames}, float64), "
        f"view1({base} + ({frames} * 2 + 2) * 8, {frames}, uint8), "
        f"view1({base} + ({frames} * 2 + 1) * 8, 1, float64), "
        f"{_events(f'{base} + {changes}')})"
    )


def _port_values(kernel: Bound) -> list[str]:
    """The expressions of all fields. If the kernel uses `load` or `store`, arrays are marked with their port.

    Otherwise they are not, so that a kernel may keep several in one tuple, whose items have one type.
    """
    values = {name: block_value(field, kernel.slots[name]) for name, field in kernel.fields.items()}
    if not {native.load, native.store} & {*reached(kernel.python)}:
        return [*values.values()]
    own = [name for name, field in kernel.fields.items() if _is_array(field)]
    return [f"as_port({v}, {own.index(n)}, {len(own)})" if n in own else v for n, v in values.items()]


def _is_array(field: Field) -> bool:
    return isinstance(field, State) or (isinstance(field, Port) and field.kind == "signal")


def entry_of(kernel: Bound) -> Callable[[int], None]:
    """The function `entry(context)` of a kernel."""
    values = _port_values(kernel)
    values = ["slots[0]", "slots[1]", "slots[2]", "slots[3]", "float32(reals[4])", *values]
    arguments = "".join(f"        {value},\n" for value in values)
    source = (
        "def entry(context):\n"
        f"    slots = view1(context, {kernel.size}, int64)\n"
        f"    reals = view1(context, {kernel.size}, float64)\n"
        f"    process(Block(\n{arguments}    ))\n"
    )
    names = {name: getattr(np, name) for name in ("int64", "int32", "uint64", "uint32", "uint8", "float32", "float64")}
    names |= {"view1": native.view1, "view2": native.view2, "view3": native.view3, "as_port": native.as_port}
    names |= {"Block": kernel.block_type, "Events": ev.Events, "Clock": ev.Clock, "EVENT": ev.EVENT}
    names |= {"MOMENT": MOMENT, "LINK": LINK, "TRANSPORT": TRANSPORT, "TAPS": TAPS}
    return generated(source, "entry", kernel.name, {**names, "process": kernel.python})


def generated(source: str, name: str, owner: str, names: dict[str, Any]) -> Callable[..., Any]:
    """Compiles generated text so that tracebacks and `inspect` find its lines."""
    filename = f"<generated {name} of {owner}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), names)
    made: Callable[..., Any] = names[name]
    return made
