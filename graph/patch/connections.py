"""Converts a value in a patch's tree to the number or cable that drives an input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError
from graph.language.mistakes import MistakeError, Mistakes, NotedError, Place
from graph.node.amount import INTERVALS, MUSICAL, Amount
from graph.node.arithmetic import SecondsPerBar, SecondsPerBeat
from graph.node.node import Cable, Node
from graph.node.ports import In
from graph.node.values import Calculator, fit
from graph.patch.scope import Names

MAX_TERMS = 10_000


Terms: TypeAlias = Sequence[tuple[tree.Tree, Callable[[], Amount]]]
"""Each term of a sum with its position and the function that reads it."""

LOUD = 3.0
"""A send level without a unit at or beyond this value is probably meant in dB."""


class Connections:
    """Reads values: scalars, lists that sum or merge, and mappings of sends with levels.

    mistakes records the errors; an error that makes a value unusable is raised
    scope    the nodes that values may refer to
    places   the position of every node, including those made by expressions
    file_clock   whether a MIDI file will drive the clock inputs that have no cable, and thus their beats
    """

    def __init__(
        self, mistakes: Mistakes, scope: Names, places: dict[Node, Place], *, file_clock: bool = False
    ) -> None:
        self.mistakes = mistakes
        self.scope = scope
        self.places = places
        self.file_clock = file_clock
        self.clocked: set[Node] = set()
        self._seconds: dict[tuple[Cable | None, str], Cable] = {}

    def drive(self, value: tree.Tree, port: In, where: str, node: Node | None) -> float | Cable:
        """The number or cable for an input."""
        calculator = Calculator(self.scope, lambda unit: self.seconds_per(unit, node, where), own=port.unit)
        if port.kind == "clock" and isinstance(value, tree.Sequence | tree.Mapping):
            raise MistakeError(value, f"{where} takes one clock, not several")
        if port.kind == "events" and isinstance(value, tree.Mapping):
            raise MistakeError(value, f"{where} takes events, which have no level: merge them with a list, `[a, b]`")
        try:
            return fit(self.amount(value, calculator, where), port, where, calculator)
        finally:
            self.note(calculator, value)

    def cable(self, value: tree.Tree, where: str) -> Cable:
        """The cable for an output of the patch, of any kind."""

        def no_clock(unit: str) -> Cable:
            raise ExpressionError(f"{where} cannot be in {unit}: there is no clock here", 0)

        calculator = Calculator(self.scope, no_clock)
        try:
            amount = self.amount(value, calculator, where)
        finally:
            self.note(calculator, value)
        if amount.dimension in MUSICAL:
            raise MistakeError(value, f"{where} cannot be in {amount.dimension}: there is no clock here")
        if not isinstance(amount.value, Cable):
            raise MistakeError(value, f"{where}: a number makes no sound: write the name of a node")
        return amount.value

    def note(self, calculator: Calculator, value: tree.Tree) -> None:
        """Records the position of the nodes that a value required."""
        for node in calculator.made:
            self.places[node] = Place(self.mistakes, value.line, value.column)

    def amount(self, value: tree.Tree, calculator: Calculator, where: str) -> Amount:
        """A scalar, the sum or the events of a list, or the sum of sends."""
        if isinstance(value, tree.Sequence):
            items = [(item, partial(self.amount, item, calculator, where)) for item in value.items]
            return self.sum(items, calculator, where)
        if isinstance(value, tree.Mapping):
            sends = [(key, partial(self.send, key, level, calculator, where)) for key, level in value.entries]
            return self.sum(sends, calculator, where)
        return self.scalar(tree.scalar(value, ""), calculator, where)

    def sum(
        self, terms: Sequence[tuple[tree.Tree, Callable[[], Amount]]], calculator: Calculator, where: str
    ) -> Amount:
        """All terms combined; errors are recorded at the position of each term."""
        if len(terms) > MAX_TERMS:
            raise ExpressionError(f"this sum has too many terms: the limit is {MAX_TERMS:,}", 0)
        if not terms:
            raise ExpressionError(f"{where} has no value", 0)
        parts: list[Amount | None] = []
        for at, read in terms:
            parts.append(None)
            with self.mistakes.at(at):
                parts[-1] = read()
        total = parts[0]
        for (at, _), part in zip(terms[1:], parts[1:], strict=True):
            if total is None or part is None:
                raise NotedError
            try:
                total = calculator.join(total, part)
            except ExpressionError as error:
                raise MistakeError(at, error.message) from None
        if total is None:
            raise NotedError
        return total

    def send(self, key: tree.Scalar, value: tree.Tree, calculator: Calculator, where: str) -> Amount:
        """`{echo: -12 dB}`: a cable with a level."""
        if key.text == "node":
            raise MistakeError(key, "a node cannot be defined here: define it under `nodes:` and write its name here")
        with self.mistakes.at(key) as first:
            audio = self.amount(key, calculator, where)
        with self.mistakes.at(value) as second:
            own = calculator.own
            calculator.own = own if own in INTERVALS else ""  # at an input in dB, a level is in dB
            level = self.amount(value, calculator, where)
            calculator.own = own
        if first.failed or second.failed:
            raise NotedError
        if not isinstance(audio.value, Cable):
            raise MistakeError(
                key, f"a send is a cable with a level, such as `{{osc: -6 dB}}`; `{key.text}` is a number"
            )
        if isinstance(level.value, int | float) and level.dimension == "" and abs(level.value) >= LOUD:
            what = f"a level of {level.value:g} is a gain of {abs(level.value):g}. Did you mean {level.value:g} dB?"
            self.mistakes.doubt(value, what)
        with self.mistakes.at(value):
            return calculator.gain(audio, level)
        raise NotedError

    def scalar(self, value: tree.Scalar, calculator: Calculator, where: str) -> Amount:
        """An expression."""
        if not value.text.strip():
            raise ExpressionError(f"{where} has no value", 0)
        if any(name in value.text for name in self.scope.refused):
            raise NotedError
        calculator.text = value.text
        calculator.unknown = []
        amount = calculator.evaluate()
        for doubt, offset in calculator.doubts:
            self.mistakes.doubt(value, doubt, offset)
        calculator.doubts = []
        for error in calculator.unknown:
            self.mistakes.add(value, error.message, error.offset)
        if calculator.unknown or amount.value is None:
            raise NotedError
        return amount

    def seconds_per(self, unit: str, node: Node | None, where: str) -> Cable:
        """A cable with the duration in seconds of a beat or bar of the node's own clock."""
        clock = node.inputs.get("clock") if node is not None else None
        if node is None or "clock" not in node.ins():
            raise ExpressionError(f"{where} cannot be in {unit}: there is no clock here. Write it in seconds or Hz", 0)
        if clock is None and node in self.clocked:
            raise NotedError
        if not isinstance(clock, Cable) and not self.file_clock:
            raise ExpressionError(f"{where} is in {unit}: connect a clock to {node.name} too, `clock: ...`", 0)
        key = (clock if isinstance(clock, Cable) else None, unit)
        if key not in self._seconds:
            cls = SecondsPerBeat if unit == "beats" else SecondsPerBar
            made = cls() if key[0] is None else cls(clock=key[0])
            self._seconds[key] = made.cable()
        return self._seconds[key]
