"""From node class to kernel: the block it reads, the loop around `@per_sample`, its C entry.

A kernel is one function `entry(context)` with the signature `void(int64)`. The context is a row of 8-byte slots:
sizes and addresses that the plan writes once. The entry builds the block, a NamedTuple, from them and passes it to
`process(block)`. Both are generated here as Python text, so the compiled kernel and the plain Python one come from
the same lines.
"""

from __future__ import annotations

import inspect
import linecache
from collections import namedtuple
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any, ClassVar, Protocol

import numpy as np

from graph.memory import events as ev
from graph.memory.tables import LINK, MAX_INPUTS, MOMENT, TAPS, TRANSPORT
from graph.native import functions as native
from graph.native.digest import reached
from graph.node.lint.mistakes import check
from graph.node.lint.signature import check_parameters
from graph.node.lint.source import Subject
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Option, Out, Port, Source, State

CONTEXT_FIELDS = FRAMEWORK_FIELDS
"""First slots of every context, in this order; `sample_rate` is a float64."""


class Declared(Protocol):
    """The declarations a kernel is made from; `Node` adds the rest of the class."""

    fields: ClassVar[Mapping[str, Field]]

    @classmethod
    def ins(cls) -> dict[str, In]:
        """Inputs by name."""


def per_sample(function: Callable[..., Any]) -> Any:
    """Marks `process` as a function of one sample: scalars in, outputs and next states out.

    Its parameters are names of inputs, states, options and framework fields (`sample_rate`, `lanes`, `voices`,
    `channels`; `lane`, `voice` and `channel` give the current position). It returns the outputs, then the next
    values of all states, in declaration order.
    """
    function.__per_sample__ = True  # type: ignore[attr-defined]
    return native.inline(function)


def kernel(function: Callable[..., Any] | None = None, *, double: bool = False) -> Any:
    """Marks `process(block)`; `double=True` keeps float literals as float64 (for time and beats)."""
    return native.inline(function, double=double)


class Kernel:
    """`process` of a node class: call it with a block. The plan runs its `entry`."""

    def __init__(self, cls: type[Declared], process: Callable[..., Any]) -> None:
        self.name = cls.__name__
        self.cls = cls
        self.written = process
        self.fields = block_fields(cls)
        self.block_type = namedtuple(f"{cls.__name__}Block", [*CONTEXT_FIELDS, *self.fields])  # type: ignore[misc]
        self.in_place = bool(getattr(process, "__per_sample__", False))
        check_parameters(Subject(process, cls, "sample" if self.in_place else "block"))
        words = list(inspect.signature(process).parameters)
        self.rests = self.in_place and may_rest(_is_flat(words, self.fields), cls.ins())
        if self.in_place:
            process = _loop(cls, process, self.fields)
        elif not hasattr(process, "__kernel_helper__"):
            native.inline(process)
        self.python = process
        self.__doc__ = process.__doc__
        self._slots: dict[str, int] | None = None
        self._entry: Callable[[int], None] | None = None

    @property
    def slots(self) -> dict[str, int]:
        """First context slot of each field."""
        if self._slots is None:
            self._slots, at = {}, len(CONTEXT_FIELDS)
            for name, field in self.fields.items():
                self._slots[name] = at
                at += slot_count(field)
            self._slots[""] = at
        return self._slots

    @property
    def size(self) -> int:
        """Context size in slots, rounded up to whole cache lines."""
        return (self.slots[""] + 7) // 8 * 8

    @property
    def entry(self) -> Callable[[int], None]:
        """Function to compile: `entry(context address)`."""
        if self._entry is None:
            self._entry = _entry(self)
        return self._entry

    def check(self) -> None:
        """[control] Raises a SourceError with all mistakes in the source, before anything is compiled."""
        check(self.cls)

    def __call__(self, block: Any) -> None:
        """Runs the kernel once on `block`, compiled unless kernels run as plain Python."""
        if native.PLAIN:
            self.run_plain(block)
        else:
            from graph.node.call import run_compiled

            run_compiled(self, block)

    def run_plain(self, block: Any) -> None:
        """Runs the kernel once on `block` as plain Python; overflow is silent, as in native code."""
        with np.errstate(all="ignore"):
            self.python(block)


def block_fields(cls: type[Declared]) -> dict[str, Field]:
    """Declarations in a kernel's block, in the order of the class body."""
    return {n: f for n, f in cls.fields.items() if not (isinstance(f, Option) and not f.in_block)}


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


def _port_values(kernel: Kernel) -> list[str]:
    """The expressions of all fields. Where `load` or `store` is used, arrays are marked with the port they are of.

    Elsewhere they are not, so that a kernel may keep several in one tuple, whose items are of one type.
    """
    values = {name: block_value(field, kernel.slots[name]) for name, field in kernel.fields.items()}
    if not {native.load, native.store} & {*reached(kernel.python)}:
        return [*values.values()]
    own = [name for name, field in kernel.fields.items() if _is_array(field)]
    return [f"as_port({v}, {own.index(n)}, {len(own)})" if n in own else v for n, v in values.items()]


def _is_array(field: Field) -> bool:
    return isinstance(field, State) or (isinstance(field, Port) and field.kind == "signal")


def _entry(kernel: Kernel) -> Callable[[int], None]:
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
    return _function(source, "entry", kernel.name, {**names, "process": kernel.python})


@native.inline
def at_least(value, low):  # type: ignore[no-untyped-def]
    """[audio] `value`, or `low` if it is smaller or NaN."""
    return value if value > low else low


@native.inline
def at_most(value, high):  # type: ignore[no-untyped-def]
    """[audio] `value`, or `high` if it is larger or NaN."""
    return value if value < high else high


def _is_flat(words: list[str], fields: dict[str, Field]) -> bool:
    """Whether a single loop over all samples is enough: no states, block rates or lane position."""
    lanes = any(word in LANE_FIELDS and word not in fields for word in words)
    block = any(isinstance(field, In) and field.rate == "block" for field in fields.values())
    return not (lanes or block or any(isinstance(field, State) for field in fields.values()))


def may_rest(flat: bool, ins: Mapping[str, In]) -> bool:
    """Whether a kernel gets a loop for every subset of constant inputs, which are one row, read once."""
    return flat and 0 < len(ins) <= MAX_RESTING


MAX_RESTING = 3
"""Most inputs of such a kernel, because there is a loop for each subset."""


def _loop(cls: type[Declared], sample: Callable[..., Any], fields: dict[str, Field]) -> Callable[[Any], None]:
    """Writes the `process(block)` around a `@per_sample` function."""
    words = list(inspect.signature(sample).parameters)
    ins = {name: field for name, field in fields.items() if isinstance(field, In)}
    outs = [name for name, field in fields.items() if isinstance(field, Out)]
    states = {name: field for name, field in fields.items() if isinstance(field, State)}

    ports = {name: i for i, name in enumerate([*ins, *outs, *states])}
    flat = _is_flat(words, fields)

    def read(word: str, resting: tuple[str, ...] = ()) -> str:
        field = fields.get(word)
        if word in resting:
            return f"_rest_{word}"
        if isinstance(field, State):
            return f"_load({word}, _lane)"
        if isinstance(field, In):
            index = "_lane" if field.rate == "block" else "_i"
            return limited(field, f"_load({word}, {index})")
        if field is not None or word in FRAMEWORK_FIELDS:
            return word
        return {"voice": "_lane % voices", "channel": "_lane // voices", "lane": "_lane"}[word]

    def limited(field: In, value: str) -> str:
        value = value if field.min is None else f"_at_least({value}, {float(field.min)})"
        return value if field.max is None else f"_at_most({value}, {float(field.max)})"

    def body(resting: tuple[str, ...] = ()) -> list[str]:
        results = [f"_new_{name}" for name in [*outs, *states]]
        lines = [f"{', '.join(results)} = _sample({', '.join(read(word, resting) for word in words)})"]
        for name in [*states, *outs]:
            state = states.get(name)
            dtype, index = (state.dtype.name, "_lane") if state else ("float32", "_i")
            lines.append(f"_store({name}, {index}, _{dtype}(_new_{name}))")
        return lines

    def loop(resting: tuple[str, ...] = ()) -> list[str]:
        rests = [f"_rest_{n} = " + limited(ins[n], f"_load({n}, 0)") for n in resting]
        return [*rests, "for _i in _range(frames * lanes):", *(f"    {line}" for line in body(resting))]

    used = [word for word in words if word in fields or word in FRAMEWORK_FIELDS]
    lines = [f"{name} = _block.{name}" for name in dict.fromkeys(["frames", "lanes", "voices", *ports, *used])]
    if flat and may_rest(flat, ins):
        for count in range(len(ins) + 1):
            for resting in combinations(ins, count):
                moving = [f"{name}.shape[0] == frames" for name in ins if name not in resting]
                lines += [f"if {' and '.join(moving) or 'True'}:"]
                lines += [f"    {line}" for line in [*loop(resting), "return"]]
    elif flat:
        lines += loop()
    else:
        lines += ["for _frame in _range(frames):", "    for _lane in _range(lanes):"]
        lines += [f"        {line}" for line in ["_i = _frame * lanes + _lane", *body()]]
    source = "def process(_block):\n" + "".join(f"    {line}\n" for line in lines)
    names = {"_load": native.load, "_store": native.store, "_at_least": at_least, "_at_most": at_most}
    names |= {"_sample": sample, "_range": range}
    names |= {f"_{kind}": getattr(np, kind) for kind in ("float32", "float64", "int32", "uint32", "int64", "uint8")}
    process: Callable[[Any], None] = native.inline(_function(source, "process", cls.__name__, names))
    return process


def _function(source: str, name: str, owner: str, names: dict[str, Any]) -> Callable[..., Any]:
    """Compiles generated text so that tracebacks and `inspect` find its lines."""
    filename = f"<generated {name} of {owner}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), names)
    made: Callable[..., Any] = names[name]
    return made
