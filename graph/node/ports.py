"""Declarations of a node's class body: `In`, `Out`, `Option`, `State` and `Source`.

They are the single source of truth about a node. The block of its kernel, the checks of a patch, the reference and
the contract tests are all derived from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import DTypeLike

from graph.errors import NodeError, did_you_mean, renamed_words
from graph.language.units import UNITS, WORDS

if TYPE_CHECKING:
    from typing_extensions import Self

    from graph.node.node import Cable, Node

Kind = Literal["signal", "events", "clock"]
Curve = Literal["linear", "log"]
Rate = Literal["sample", "block"]

FRAMEWORK_FIELDS = ("frames", "lanes", "voices", "channels", "sample_rate")
"""Fields of every block. A declaration may not use these names or those of `Node` attributes."""

LANE_FIELDS = ("lane", "voice", "channel")
"""Further parameters of a `@per_sample` function, unless declared: the current position."""


def known_unit(unit: str) -> str:
    """`unit`, if a port may be declared in it; else NodeError with the one to write."""
    if unit in WORDS and unit != "ratio":
        return unit
    if unit in UNITS:
        dimension, scale = UNITS[unit]
        base = "" if dimension == "ratio" else dimension
        said = "a plain number, unit " if base == "" else ""
        factor = scale if base else 0.01
        raise NodeError(f'a port cannot be declared in {unit}: write {said}"{base}" (1 {unit} is {factor:g} there)')
    known = ", ".join(word for word in WORDS if word not in ("", "ratio"))
    raise NodeError(f"there is no unit '{unit}'.{did_you_mean(unit, [*WORDS])} A unit is one of {known}, or none")


class Field:
    """Base of all declarations; takes its name from the class body."""

    name: str
    doc: str

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name


class Port(Field):
    """End of a cable: on an instance it reads as a `Cable` with arithmetic."""

    kind: Kind
    unit: str

    @overload
    def __get__(self, node: None, owner: type) -> Self: ...
    @overload
    def __get__(self, node: Node, owner: type) -> Cable: ...
    def __get__(self, node: Node | None, owner: type) -> Self | Cable:
        return self if node is None else node.cable(self.name)


class In(Port):
    """Input: a cable, or a value that may change while playing.

    default    value if none is given; None for events, clocks, and signals that should be connected
               (silent otherwise)
    unit       "Hz", "s", "dB", "" (a plain number or ratio), "semitones", "cents", "degrees", "bpm", "beats", "bars"
    min, max   declared range in that unit; signals are clamped to it where they are read
    curve      "log" if equal steps of a knob are equal ratios
    ramp       glide time in seconds of a value that is changed while playing
    rate       "block": the kernel sees one value per lane, that of the block's first frame
    voices, channels   a fixed width; None follows the node's width
    optional   has no default and may stay unconnected: `graphrun check` does not warn
    unless     the option that replaces it, such as a `file`: while that is set, this input has no effect
    at_trigger read only in the frame of a trigger: uses the `unslewed` output of a source that has one
    rests      the kernel sees one row instead of `frames` rows while the value is constant, so an input
               that is rarely connected costs almost nothing
    """

    @renamed_words(struck="at_trigger")
    def __init__(
        self,
        default: float | None = None,
        unit: str = "",
        min: float | None = None,
        max: float | None = None,
        *,
        curve: Curve = "linear",
        ramp: float = 0.005,
        rate: Rate = "sample",
        kind: Kind = "signal",
        voices: int | None = None,
        channels: int | None = None,
        optional: bool = False,
        at_trigger: bool = False,
        rests: bool = False,
        unless: str = "",
        doc: str = "",
    ) -> None:
        self.default = default
        self.unless = unless
        self.unit = known_unit(unit)
        self.min = min
        self.max = max
        self.curve: Curve = curve
        self.ramp = ramp
        self.rate: Rate = rate
        self.kind: Kind = kind
        self.voices = voices
        self.channels = channels
        self.optional = optional
        self.at_trigger = at_trigger
        self.rests = rests
        self.doc = doc
        if default is not None and not self.allows(default):
            raise NodeError(f"the default {default:g} is out of range: {self.range_text()}")

    def allows(self, value: float) -> bool:
        """Whether `value` is finite and in the declared range."""
        low = -np.inf if self.min is None else self.min
        high = np.inf if self.max is None else self.max
        return bool(np.isfinite(value)) and low <= value <= high

    def range_text(self) -> str:
        """Range in readable form, such as `20 .. 20000 Hz`."""
        unit = f" {self.unit}" if self.unit else ""
        if self.min is None and self.max is None:
            return f"any number{unit}"
        if self.max is None:
            return f"at least {self.min:g}{unit}"
        if self.min is None:
            return f"at most {self.max:g}{unit}"
        return f"{self.min:g} .. {self.max:g}{unit}"


class Out(Port):
    """Output. Its width is the node's unless `voices` or `channels` is given.

    voices, channels   a number, or the name of the Option that holds it
    persistent         the buffer belongs to this output and keeps its content between blocks, so a kernel may skip
                       unchanged samples
    unslewed           output with the same signal without slew, for inputs read at a trigger
    ratio              a factor with the neutral value 1, such as a bend: an interval may be multiplied by it
    """

    @renamed_words(held="persistent", twin="unslewed")
    def __init__(
        self,
        unit: str = "",
        *,
        voices: int | str | None = None,
        channels: int | str | None = None,
        kind: Kind = "signal",
        persistent: bool = False,
        unslewed: str = "",
        ratio: bool = False,
        doc: str = "",
    ) -> None:
        self.unit = known_unit(unit)
        self.ratio = ratio
        self.voices = voices
        self.channels = channels
        self.kind: Kind = kind
        self.persistent = persistent
        self.unslewed = unslewed
        self.doc = doc


class Option(Field):
    """Choice fixed when the graph is built.

    Numbers, booleans and choices (by index) reach the kernel: integers as int64, others as float32. Text, such as a
    file name, is only for `prepare`.

    unit, min, max   of a number, as for `In`
    choices    allowed words
    items      separator of the items in the text, " " or ", ": a patch may also give them as a list
    unless     the option that replaces it: while that is set, `graphrun check` warns if this one is given
    """

    def __init__(
        self,
        default: Any,
        unit: str = "",
        min: float | None = None,
        max: float | None = None,
        *,
        choices: Sequence[str] = (),
        unless: str = "",
        items: str = "",
        doc: str = "",
    ) -> None:
        self.default = default
        self.unit = known_unit(unit)
        self.unless = unless
        self.items = items
        self.min = min
        self.max = max
        self.choices = tuple(choices)
        self.doc = doc

    @property
    def value_type(self) -> type:
        """Python type of a value: int, float, bool or str."""
        return type(self.default)

    @property
    def in_block(self) -> bool:
        """Whether the kernel can read it."""
        return self.value_type is not str or bool(self.choices)

    def number(self, value: Any) -> float:
        """Kernel value of `value`."""
        return self.choices.index(value) if self.choices else value

    def check(self, value: Any, where: str) -> Any:
        """Converts `value` to this option's type; NodeError, starting with `where`, if it does not fit."""
        if self.choices:
            if value not in self.choices:
                raise NodeError(f"{where}: '{value}' is not one of {', '.join(self.choices)}")
            return value
        if self.value_type is str:
            return str(value)
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}[self.value_type]
        if self.value_type is bool:
            if not isinstance(value, bool):
                raise NodeError(f"{where}: expected {wanted}, got {value!r}")
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
            raise NodeError(f"{where}: expected {wanted}, got {value!r}")
        if self.value_type is int and value != int(value):
            raise NodeError(f"{where}: expected {wanted}, got {value!r}")
        low = -np.inf if self.min is None else self.min
        high = np.inf if self.max is None else self.max
        if not low <= value <= high:
            raise NodeError(f"{where}: {value:g} is outside {low:g} .. {high:g}")
        return self.value_type(value)

    @overload
    def __get__(self, node: None, owner: type) -> Option: ...
    @overload
    def __get__(self, node: Node, owner: type) -> Any: ...
    def __get__(self, node: Node | None, owner: type) -> Any:
        return self if node is None else node.options[self.name]


class State(Field):
    """Memory that a kernel keeps from block to block.

    dtype      of the values; a record dtype gives rows with named fields, `queue[i].due`
    shape      None: one value per lane. Otherwise a fixed shape, or only `ndim=` for an array that
               `prepare` returns.
    keeps      whether the value survives a graph edit that changes the shape of one of the node's
               prepared arrays; only for values that do not index such an array
    constant   array from `prepare` that no kernel writes: a recording, a table. It is not copied when
               the graph is swapped or the node is reset
    counts     a frame counter that the kernel wraps at this number, or a multiple of it: an excerpt (`--from BAR`)
               starts it in phase with the whole piece, so periodic updates fall on the same frames
    """

    def __init__(
        self,
        shape: int | tuple[int, ...] | None = None,
        dtype: DTypeLike = np.float32,
        initial: float = 0,
        *,
        ndim: int | None = None,
        keeps: bool = False,
        constant: bool = False,
        counts: int = 1,
        doc: str = "",
    ) -> None:
        self.keeps = keeps
        self.counts = counts
        self.constant = constant
        self.shape = (shape,) if isinstance(shape, int) else shape
        self.dtype = np.dtype(dtype)
        self.initial = initial
        self.prepared = ndim is not None
        self.ndim = ndim if ndim is not None else 1 if self.shape is None else len(self.shape)
        self.doc = doc

    @property
    def per_lane(self) -> bool:
        """Whether there is one value per lane of the node."""
        return self.shape is None and not self.prepared


SourceName = Literal["audio", "midi", "midi_out", "moment", "link", "transport", "taps"]
"""Resources that the engine shares with nodes."""


class Source(Field):
    """Resource that the engine shares with a node, by name.

    audio      float32 (frames, 8): audio input, one column per device channel
    midi       Events that arrived in this block
    midi_out   Events to send: a kernel emits into it, as `MidiOut` does
    moment     one record of `graph.memory.tables.MOMENT`: the host's time of this block
    link       one record of `graph.memory.tables.LINK`: the Ableton Link session
    transport  one record of `graph.memory.tables.TRANSPORT`: JACK's transport
    taps       one record of `graph.memory.tables.TAPS`: events for Python, from the taps that a plan adds
    """

    def __init__(self, source: SourceName, doc: str = "") -> None:
        self.source = source
        self.kind: Kind = "events"
        self.doc = doc

    @property
    def record(self) -> bool:
        """Whether it is a single record."""
        return self.source in ("moment", "link", "transport", "taps")

    @property
    def sound(self) -> bool:
        """Whether it is the audio input."""
        return self.source == "audio"

    @property
    def events(self) -> bool:
        """Whether it is an events cable."""
        return not (self.record or self.sound)
