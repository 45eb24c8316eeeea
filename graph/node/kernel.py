"""From node class to kernel: the block it reads, and the loop around `@per_sample` or `@per_voice`.

A kernel is one function `entry(context)` with the signature `void(int64)`. The context is a row of 8-byte slots:
sizes and addresses that the plan writes once. The entry builds the block, a NamedTuple, from them and passes it to
`process(block)`. Both are generated as Python text, here and in `entry.py`, so the compiled kernel and the plain
Python one come from the same lines.
"""

from __future__ import annotations

import inspect
from collections import namedtuple
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any, ClassVar, Protocol

import numpy as np

from graph.native import functions as native
from graph.node.entry import entry_of, generated, slot_count
from graph.node.ports import FRAMEWORK_FIELDS, LANE_FIELDS, Field, In, Option, Out, State
from graph.node.sample_checks import check_returns, check_sample, check_words, mixed

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
    values of the states that have one value per lane, in declaration order. An input with fewer voices or channels
    than the node is heard by all lanes. A State with a shape or `ndim` is passed as its whole array, which the function
    reads and writes in its own lane. A State with `counts` is the count at this frame; the loop advances it.
    """
    function.__per_sample__ = True  # type: ignore[attr-defined]
    return native.inline(function)


def per_voice(function: Callable[..., Any]) -> Any:
    """Marks `process` as a function of one sample of one voice, with all its channels: as `@per_sample`, but a
    two-channel input is a pair (left, right), and a two-channel output is returned as two values.

    Every signal port has `channels=1` or `channels=2`. A State has one value per voice.
    """
    function.__per_voice__ = True  # type: ignore[attr-defined]
    return per_sample(function)


def within(
    loop: Callable[..., Any], *given: str, results: int = 0, double: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Marks `process` as a function of one sample within `loop(block, sample)`, a helper that several nodes share.

    `loop` calls `sample(block, i, lane, *given)` wherever it needs a value: `i` is the flat index at which inputs are
    read, `lane` that of states, `given` the values of the parameters of these names. The others are names of inputs,
    options, framework fields and states. `process` returns `results` values for `loop` (one per output if 0), then the
    next values of the states with one value per lane. Ports that it does not name are the loop's.

    double   as for `@kernel`
    """

    def mark(function: Callable[..., Any]) -> Any:
        function.__within__ = (loop, given, results, double)  # type: ignore[attr-defined]
        return native.inline(function, double=double)

    return mark


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
        self.rests = self.in_place and may_rest(process, self.fields)
        if self.in_place:
            process = _loop(cls, process, self.fields)
        elif hasattr(process, "__within__"):
            process = _inner(cls, process, self.fields)
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
            self._entry = entry_of(self)
        return self._entry

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


@native.inline
def at_least(value, low):  # type: ignore[no-untyped-def]
    """[audio] `value`, or `low` if it is smaller or NaN."""
    return value if value > low else low


@native.inline
def at_most(value, high):  # type: ignore[no-untyped-def]
    """[audio] `value`, or `high` if it is larger or NaN."""
    return value if value < high else high


def _is_flat(sample: Callable[..., Any], fields: dict[str, Field]) -> bool:
    """Whether a single loop over all samples is enough: no states, block rates, lane position or narrow inputs."""
    words = inspect.signature(sample).parameters
    lanes = hasattr(sample, "__per_voice__") or any(word in LANE_FIELDS and word not in fields for word in words)
    block = any(isinstance(field, In) and field.rate == "block" for field in fields.values())
    return not (lanes or block or mixed(fields) or any(isinstance(field, State) for field in fields.values()))


def _is_split(sample: Callable[..., Any], fields: dict[str, Field]) -> bool:
    """Whether the loop runs over voices and channels, or counts frames, and so has no form for constant inputs."""
    counts = any(isinstance(field, State) and field.counts > 1 for field in fields.values())
    return counts or hasattr(sample, "__per_voice__") or mixed(fields)


def may_rest(sample: Callable[..., Any], fields: dict[str, Field]) -> bool:
    """Whether a kernel gets loops for constant inputs, which are one row, read once.

    A flat kernel has one loop for every subset of its inputs; a kernel with states has one for all with a default.
    """
    ins = [field for field in fields.values() if isinstance(field, In) and field.rate == "sample"]
    if _is_flat(sample, fields):
        return 0 < len(ins) <= MAX_RESTING
    return bool(ins) and not _is_split(sample, fields)


MAX_RESTING = 3
"""Most inputs of a flat kernel with such loops, because there is one for each subset."""


FEW_LANES = 8
"""Below this a loop over lanes fills no vector: each lane runs through the block alone, its states in registers."""


def limited(field: In, value: str) -> str:
    """Text of an input's value, held in its range."""
    value = value if field.min is None else f"_at_least({value}, {float(field.min)})"
    return value if field.max is None else f"_at_most({value}, {float(field.max)})"


def _loop(cls: type[Declared], sample: Callable[..., Any], fields: dict[str, Field]) -> Callable[[Any], None]:
    """Writes the `process(block)` around a `@per_sample` function."""
    words = list(inspect.signature(sample).parameters)
    together = hasattr(sample, "__per_voice__")
    ins = {name: field for name, field in fields.items() if isinstance(field, In)}
    outs = {name: field for name, field in fields.items() if isinstance(field, Out)}
    states = {name: field for name, field in fields.items() if isinstance(field, State) and field.per_lane}
    counters = {name: field for name, field in fields.items() if isinstance(field, State) and field.counts > 1}
    check_sample(cls.__name__, words, fields, together)
    sides = {name: range(out.channels if together else 1) for name, out in outs.items()}  # type: ignore[arg-type]
    check_returns(cls.__name__, sample, [*(name for name in outs for _ in sides[name]), *states])

    flat, split = _is_flat(sample, fields), together or mixed(fields)
    plain = not flat and not _is_split(sample, fields)

    def read(word: str, resting: tuple[str, ...] = ()) -> str:
        field = fields.get(word)
        if word in resting:
            return f"_rest_{word}"
        if word in counters:
            return f"_at_{word}"
        if isinstance(field, State):
            kept = f"_old_{word}" if plain else f"_load({word}, _lane)"
            return kept if word in states else word
        if isinstance(field, In):
            if plain and field.rate == "sample":
                return limited(field, f"_load({word}, _frame * _step_{word} + _lane)")
            sides = range(field.channels or 1) if together else [0]
            values = [limited(field, f"_load({word}, {index_of(field, side)})") for side in sides]
            return values[0] if len(values) == 1 else f"({', '.join(values)})"
        if field is not None or word in FRAMEWORK_FIELDS:
            return word
        return {"voice": "_lane % voices", "channel": "_lane // voices", "lane": "_lane"}[word]

    def index_of(port: In | Out, side: int = 0) -> str:
        block = isinstance(port, In) and port.rate == "block"
        if not split:
            return "_lane" if block else "_i"
        voice, voices = ("_voice", "voices") if port.voices is None else ("0", "1")
        channel, channels = (side, port.channels) if together or port.channels == 1 else ("_channel", "channels")
        return f"({'0' if block else '_frame'} * {channels} + {channel}) * {voices} + {voice}"

    def body(resting: tuple[str, ...] = ()) -> list[str]:
        new = {f"_new_{name}_{side}": index_of(outs[name], side) for name in outs for side in sides[name]}
        results = [*new, *(f"_new_{name}" for name in states)]
        lines = [f"{', '.join(results)} = _sample({', '.join(read(word, resting) for word in words)})"]
        for name, state in states.items():
            value = f"_{state.dtype.name}(_new_{name})"
            lines.append(f"_old_{name} = {value}" if plain else f"_store({name}, _lane, {value})")
        made = [(name, f"_new_{name}_{side}") for name in outs for side in sides[name]]
        return lines + [f"_store({name}, {new[value]}, _float32({value}))" for name, value in made]

    def loop(resting: tuple[str, ...] = ()) -> list[str]:
        rests = [f"_rest_{n} = " + limited(ins[n], f"_load({n}, 0)") for n in resting]
        if flat:
            return [*rests, "for _i in _range(frames * lanes):", *(f"    {line}" for line in body(resting))]
        loads = [f"_old_{name} = _load({name}, _lane)" for name in states]
        stores = [f"_store({name}, _lane, _old_{name})" for name in states]
        once = ["_i = _frame * lanes + _lane", *body(resting)]
        alone = [*loads, "for _frame in _range(frames):", *(f"    {line}" for line in once), *stores]
        beside = ["for _lane in _range(lanes):", *(f"    {line}" for line in [*loads, *once, *stores])]
        lines = [*rests, f"if lanes < {FEW_LANES}:", "    for _lane in _range(lanes):"]
        lines += [*(f"        {line}" for line in alone), "else:", "    for _frame in _range(frames):"]
        return [*lines, *(f"        {line}" for line in beside)]

    used = [word for word in words if word in fields or word in FRAMEWORK_FIELDS]
    sizes = ["frames", "lanes", "voices", *(["channels"] if split else [])]
    lines = [f"{name} = _block.{name}" for name in dict.fromkeys([*sizes, *ins, *outs, *states, *used])]
    if flat and may_rest(sample, fields):
        for count in range(len(ins) + 1):
            for resting in combinations(ins, count):
                moving = [f"{name}.shape[0] == frames" for name in ins if name not in resting]
                lines += [f"if {' and '.join(moving) or 'True'}:"]
                lines += [f"    {line}" for line in [*loop(resting), "return"]]
    elif flat:
        lines += loop()
    elif plain:
        moves = {name: field for name, field in ins.items() if field.rate == "sample"}
        lines += [f"_step_{name} = lanes if {name}.shape[0] == frames else 0" for name in moves]
        numbers = tuple(name for name, field in moves.items() if field.default is not None)
        if numbers:
            lines += [f"if frames > 1 and {' and '.join(f'{name}.shape[0] == 1' for name in numbers)}:"]
            lines += [*(f"    {line}" for line in loop(numbers)), "    return"]
        lines += loop()
    else:
        each = ["for _lane in _range(lanes):"]
        if split:
            each = ["for _voice in _range(voices):", "    _lane = _voice"]
            if not together:
                each = ["for _channel in _range(channels):", "    for _voice in _range(voices):"]
                each += ["        _lane = _channel * voices + _voice"]
        depth = "        " if split and not together else "    "
        inner = [*each, *(f"{depth}{line}" for line in ["_i = _frame * lanes + _lane", *body()])]
        inner += [f"_at_{n} = _at_{n} + 1 if _at_{n} < {c.counts - 1} else 0" for n, c in counters.items()]
        lines += [f"_at_{name} = _load({name}, 0)" for name in counters]
        lines += ["for _frame in _range(frames):", *(f"    {line}" for line in inner)]
        lines += [f"_store({n}, 0, _{c.dtype.name}(_at_{n}))" for n, c in counters.items()]
    source = "def process(_block):\n" + "".join(f"    {line}\n" for line in lines)
    return _made(cls, source, _sample=sample)


def _inner(cls: type[Declared], sample: Callable[..., Any], fields: dict[str, Field]) -> Callable[[Any], None]:
    """Writes the `process(block)` that runs a loop with a `@within` function."""
    loop, given, count, double = sample.__within__  # type: ignore[attr-defined]
    words = list(inspect.signature(sample).parameters)
    outs = [f"result {i + 1}" for i in range(count)] or [name for name, f in fields.items() if isinstance(f, Out)]
    states = {
        w: f for w in fields if w in words and w not in given and isinstance(f := fields[w], State) and f.per_lane
    }
    check_words(cls.__name__, words, fields, given)
    check_returns(cls.__name__, sample, [*outs, *states])

    def read(word: str) -> str:
        field = fields.get(word)
        if word in given:
            return word
        if isinstance(field, In):
            return limited(field, f"_load(_block.{word}, {'_lane' if field.rate == 'block' else '_i'})")
        return f"_load(_block.{word}, _lane)" if word in states else f"_block.{word}"

    gives = ", ".join(f"_out_{i}" for i in range(len(outs)))
    results = ", ".join([gives, *(f"_new_{name}" for name in states)])
    stores = [f"    _store(_block.{n}, _lane, _{f.dtype.name}(_new_{n}))\n" for n, f in states.items()]
    source = (
        f"def sample({', '.join(['_block', '_i', '_lane', *given])}):\n"
        f"    {results} = _sample({', '.join(read(word) for word in words)})\n"
        f"{''.join(stores)}    return {gives}\n"
    )
    made = native.inline(generated(source, "sample", cls.__name__, {**KERNEL_NAMES, "_sample": sample}), double=double)
    return _made(cls, "def process(_block):\n    _loop(_block, _within)\n", _loop=loop, _within=made)


KERNEL_NAMES: dict[str, Any] = {"_load": native.load, "_store": native.store, "_range": range}
KERNEL_NAMES |= {"_at_least": at_least, "_at_most": at_most}
KERNEL_NAMES |= {f"_{kind}": getattr(np, kind) for kind in ("float32", "float64", "int32", "uint32", "int64", "uint8")}
"""What generated text may call."""


def _made(cls: type[Declared], source: str, **names: Any) -> Callable[[Any], None]:
    process = generated(source, "process", cls.__name__, {**KERNEL_NAMES, **names})
    made: Callable[[Any], None] = native.inline(process)
    return made
