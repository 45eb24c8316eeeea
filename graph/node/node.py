"""`Node`, the base class of every node, and `Cable`, one of its ports as a source."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graph.errors import GraphError, NodeError, SourceError, did_you_mean, several
from graph.language.expression import ExpressionError
from graph.node.kernel import Kernel
from graph.node.lint.declarations import outputs, reserved
from graph.node.lint.mistakes import refuse
from graph.node.place import BEGINNING, Place
from graph.node.ports import Field, In, Option, Out, Port, Source, State
from graph.node.signals import MADE, Signals
from graph.node.signature import CallSignature

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Setup:
    """Arguments of `Node.prepare`: sample rate, block size and width of the node.

    name          the node's name in the graph (a good seed, because it differs between two noises)
    sample_rate   Hz
    frames        frames per block
    voices, channels, lanes   the node's width; lanes = voices x channels
    start         position of the first frame in the music, for nodes that keep time without a clock
    """

    name: str
    sample_rate: float
    frames: int
    voices: int
    channels: int
    start: Place = BEGINNING

    @property
    def lanes(self) -> int:
        return self.voices * self.channels

    @property
    def gone(self) -> int:
        """Frames of the music before the first frame played; NodeError if that is unknown."""
        return self.start.frames(self.sample_rate, self.name)


_serial = count()


@dataclass(frozen=True, eq=True)
class Cable(Signals):
    """One port of one node, as the source of a signal, events or a clock."""

    node: Node
    port: str

    def declared(self) -> In | Out:
        """Declaration of the port in the class body."""
        port = self.node.fields[self.port]
        assert isinstance(port, In | Out)
        return port

    def __str__(self) -> str:
        return f"{self.node.label}.{self.port}"

    def __repr__(self) -> str:
        return f"<Cable {self}>"


class Node(Signals):
    """A node of a graph: derive from it, declare ports in the class body, and write `process`.

    Calling the class creates a node: keywords are its inputs and options, positional arguments fill them in
    declaration order. `name=` sets the node's name. Until it is in a graph, `node.cutoff = lfo * 800` connects or
    sets an input or option as the keyword does.
    """

    __signature__ = CallSignature()
    fields: ClassVar[Mapping[str, Field]] = {}
    kernel: ClassVar[Kernel]
    breaks_cycles: ClassVar[bool] = False
    """True if the output is the input of the previous block: the node may close a cycle."""
    sink: ClassVar[bool] = False
    """True if the node acts outside the graph: it runs even if not connected to the output."""

    family: ClassVar[str] = ""
    """Section of the reference, one of `graph.reference.FAMILIES`; derived from the ports if empty."""

    made_by_expression: ClassVar[bool] = False
    """True for nodes of expressions, sums and sends: without a name, messages name the input they feed."""

    inputs: dict[str, float | Cable]
    options: dict[str, Any]
    name: str | None
    serial: int
    """Creation number within this process, which keeps names and order stable."""

    def __init_subclass__(cls, *, family: str = "", made_by_expression: bool = False) -> None:
        super().__init_subclass__()
        cls.family = family or cls.family
        cls.made_by_expression = made_by_expression
        own = {name: value for name, value in cls.__dict__.items() if isinstance(value, Field)}
        wrong = reserved(cls, own, Node)
        if wrong:
            refuse(wrong)
            return
        cls.fields = fields = {**cls.fields, **own}
        process = cls.__dict__.get("process")
        if process is None and own and hasattr(cls, "kernel"):
            process = cls.kernel.written  # different ports need a different kernel
        if process is None:
            return
        wrong = outputs(cls, fields)
        if not wrong:
            try:
                cls.kernel = Kernel(cls, process)
            except SourceError as error:
                wrong = error.problems
        if wrong:
            refuse(wrong)
            return
        cls.process = cls.kernel  # type: ignore[attr-defined]

    def __init__(self, *positional: Any, name: str | None = None, **named: Any) -> None:
        cls = type(self)
        self.name = name
        self.serial = next(_serial)
        self.options = {key: field.default for key, field in cls.fields.items() if isinstance(field, Option)}
        self.inputs = {key: port.default for key, port in cls.ins().items() if port.default is not None}
        words = [key for key, field in cls.fields.items() if isinstance(field, In | Option)]
        if len(positional) > len(words):
            words = words or ["nothing"]
            add = ". Add signals up: a + b" if any(isinstance(value, Node | Cable) for value in positional) else ""
            raise NodeError(f"{cls.__name__} takes {', '.join(words)}, not {several(len(positional), 'value')}{add}")
        for key, value in zip(words, positional, strict=False):
            if key in named:
                raise NodeError(f"{cls.__name__}: '{key}' is given twice")
            named[key] = value
        for key in sorted(named, key=lambda key: key != "clock"):  # `time="3/8 beats"` is in beats of that clock
            self.set(key, named[key])

    def __setattr__(self, key: str, value: Any) -> None:
        """Same as `set` for an input or option; NodeError for a name that the class does not declare.

        Names of the framework, names annotated in the class body, and `_private` names are plain attributes.
        """
        if key in self.fields:
            self.set(key, value)
        elif key.startswith("_") or any(key in vars(cls).get("__annotations__", ()) for cls in type(self).__mro__):
            super().__setattr__(key, value)
        else:
            words = [word for word, field in self.fields.items() if isinstance(field, In | Option)]
            raise NodeError(
                f"{type(self).__name__} has no input '{key}'.{did_you_mean(key, [*words, 'name'])} "
                f"It has: {', '.join(words) or 'none'}; begin the name of a private attribute with `_`"
            )

    if not TYPE_CHECKING:  # a type checker would accept any name

        def __getattr__(self, key: str) -> Any:
            """AttributeError for an unknown name, with the names of the outputs."""
            outs = [word for word, field in type(self).fields.items() if isinstance(field, Out)]
            text = f"{type(self).__name__} has no output '{key}'.{did_you_mean(key, outs)}"
            raise AttributeError(f"{text} Outputs: {', '.join(outs) or 'none'}")

    def set(self, key: str, value: Any) -> None:
        """Sets an input to a cable or a number, or an option to a value; NodeError if it does not fit.

        Numbers may be text with a unit, as in a patch: `"2 kHz"`, `"A4"`, `"-6 dB"`.
        """
        field = self.fields.get(key)
        where = f"{self.label}.{key}"
        if isinstance(field, Out):
            raise NodeError(f"{where} is an output: give it to an input, such as `gain.audio = {self.label}.{key}`")
        if isinstance(field, Option):
            quantity = isinstance(value, str) and not field.choices and field.value_type in (int, float)
            known = number_of(value, In(unit=field.unit), where) if quantity else value
            self.options[key] = field.check(known, where)
        elif isinstance(field, In):
            self.inputs[key] = self._connection(field, value, where)
        else:
            words = [word for word, field in self.fields.items() if isinstance(field, In | Option)]
            raise NodeError(
                f"{type(self).__name__} has no input '{key}'.{did_you_mean(key, words)} "
                f"It has: {', '.join(words) or 'none'}"
            )

    def _connection(self, field: In, value: Any, where: str) -> float | Cable:
        if isinstance(value, Node):
            value = value.cable()
        if isinstance(value, Cable):
            kind = value.declared().kind
            if kind != field.kind:
                raise GraphError(
                    f"{where} takes {article(field.kind)}, but {value} gives {article(kind)}"
                    f"{bridge(field, kind, value.node.label)}"
                )
            return value
        if field.kind != "signal":
            raise NodeError(f"{where} takes {article(field.kind)}, not {value!r}")
        if isinstance(value, str):
            return self._from_text(value, field, where)
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise NodeError(f"{where}: expected a number or a cable, got {value!r}")
        if not field.allows(float(value)):
            raise NodeError(f"{where}: {value:g} is outside {field.range_text()}")
        return float(value)

    def _from_text(self, text: str, field: In, where: str) -> float | Cable:
        """A number with a unit, or a cable for beats and bars of the node's clock."""
        clock = self.inputs.get("clock")
        try:
            made: float | Cable = MADE["value"](text, field, where, clock if isinstance(clock, Cable) else None)
        except ExpressionError as error:
            message = str(error.message)
            if "clock" in self.ins():
                now = " without a clock: add one, such as clock=Transport(tempo=120)"
                message = message.replace(": write a plain number", now)
            raise NodeError(message if message.startswith(where) else f"{where}: {message}") from None
        return made

    def cable(self, port: str | None = None) -> Cable:
        """Cable from `port`, by default the first output. Inputs can be read as cables too."""
        if port is None:
            port = next(iter(self.outs()))
        if not isinstance(self.fields.get(port), Port):
            known = [name for name, field in self.fields.items() if isinstance(field, Port)]
            raise GraphError(f"{self.label} has no port '{port}'.{did_you_mean(port, known)}")
        return Cable(self, port)

    def validate(self) -> None:
        """[control] Raises an error if an option's text or file cannot be read; called when a patch is read."""

    @contextmanager
    def naming(self, option: str) -> Iterator[None]:
        """[control] Prefixes a NodeError raised within the block with this node and option; for `validate`."""
        try:
            yield
        except NodeError as error:
            raise NodeError(f"{self.label}.{option}: {error}") from None

    def lasts(self) -> float | None:
        """[control] Beats until its written music has ended; None where it repeats, or writes none. Override it."""
        return None

    def doubts(self) -> Sequence[str]:
        """[control] Warnings about options without effect and defects in files, as sentences. Override it.

        Called after `validate` or `prepare`, by `graphrun check` and before playback.
        """
        return ()

    @classmethod
    def bundled(cls) -> Mapping[str, Sequence[str]]:
        """[control] Names included with the node, by kind, for its reference page. Override it."""
        return {}

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002  # overriders want it
        """[control] Initial values of States, by name; runs when the graph is built. Override it."""
        return {}

    @property
    def label(self) -> str:
        """Name of this node in messages."""
        return self.name or snake_case(type(self).__name__)

    @classmethod
    def ins(cls) -> dict[str, In]:
        return {name: field for name, field in cls.fields.items() if isinstance(field, In)}

    @classmethod
    def outs(cls) -> dict[str, Out]:
        return {name: field for name, field in cls.fields.items() if isinstance(field, Out)}

    @classmethod
    def states(cls) -> dict[str, State]:
        return {name: field for name, field in cls.fields.items() if isinstance(field, State)}

    @classmethod
    def sources(cls) -> dict[str, Source]:
        return {name: field for name, field in cls.fields.items() if isinstance(field, Source)}

    def __repr__(self) -> str:
        """Class, name, and the values given: `<Saw osc: freq=voices.freq>`."""
        given = []
        for key, field in self.fields.items():
            value = self.inputs.get(key, self.options.get(key))
            if isinstance(field, In | Option) and value is not None and value != field.default:
                given.append(f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}")
        named = f" {self.name}" if self.name else ""
        return f"<{type(self).__name__}{named}{': ' if given else ''}{', '.join(given)}>"


def number_of(text: str, port: In, where: str) -> float:
    """The value of `text`, such as "2 kHz" or "C#4", at `port`; NodeError, starting with `where`, if it has none."""
    try:
        return float(MADE["constant"](text, port, where))
    except ExpressionError as error:
        message = str(error.message)
        raise NodeError(message if message.startswith(where) else f"{where}: {message}") from None


def snake_case(word: str) -> str:
    """File name of a node class: `LowPass` -> `low_pass`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()


VOICE_OUTPUTS = ("freq", "gate", "trigger", "velocity", "pressure", "bend")


def bridge(port: In, kind: str, source: str) -> str:
    """The node to insert between a source of `kind` and an input of another kind, as the end of a message."""
    if (port.kind, kind) == ("signal", "events"):
        name = getattr(port, "name", "")  # the patch's own `out` has none
        then = f"{name}: voices.{name}" if name in VOICE_OUTPUTS else "{node: Saw, freq: voices.freq}"
        return f". Notes become signals in `voices: {{node: VoiceAllocator, events: {source}}}`; then write `{then}`"
    if port.kind == "events":
        return ". Notes come from MidiIn, Notes, Steps, Pattern and other nodes with an events output"
    if port.kind == "clock":
        return ". A clock comes from {node: Transport, tempo: 120 bpm}, MidiClock or Link"
    return ""


def article(kind: str) -> str:
    """Kind of cable with its article, for messages."""
    return {"signal": "a signal", "events": "events", "clock": "a clock"}[kind]
