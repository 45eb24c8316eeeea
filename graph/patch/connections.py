"""What drives an input: from a value in a patch's tree to a number or a cable."""

from __future__ import annotations

from typing import NamedTuple

from graph.errors import Problem
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError
from graph.node.arithmetic import SecondsPerBar, SecondsPerBeat
from graph.node.node import Cable, Node
from graph.node.ports import In
from graph.patch.scope import Names
from graph.patch.values import MUSICAL, Amount, Calculator, fit

MAX_TERMS = 10_000


class Place(NamedTuple):
    """Where something stands, and in which file."""

    source: tree.Source
    line: int
    column: int

    def problem(self, message: str) -> None:
        """Notes a mistake there."""
        self.source.problem(self.line, self.column, message)


LOUD = 3.0
"""A level without a unit from which it was hardly meant: decibels are."""


class Connections:
    """Reads values: scalars, lists that sum or merge, mappings that sum with levels.

    source   where mistakes are noted
    scope    the nodes that values may name
    places   where every node stands, those of expressions too
    doubts   what is allowed and hardly meant, to be added to
    """

    def __init__(
        self, source: tree.Source, scope: Names, places: dict[Node, Place], doubts: list[Problem] | None = None
    ) -> None:
        self.doubts = [] if doubts is None else doubts
        self.source = source
        self.scope = scope
        self.places: dict[Node, Place] = places
        self.clocked: set[Node] = set()
        self._seconds: dict[tuple[Cable, str], Cable] = {}

    def problem(self, at: tree.Tree, message: str) -> None:
        """Notes a mistake at the beginning of a value."""
        self.source.problem(at.line, at.column, message)

    def drive(self, value: tree.Tree, port: In, where: str, node: Node | None) -> float | Cable | None:
        """What an input is given; None after a mistake."""
        calculator = Calculator(self.scope, lambda unit: self.seconds_per(unit, node, where))
        if port.kind == "clock" and isinstance(value, tree.Sequence | tree.Mapping):
            self.problem(value, f"{where} takes one clock, not several")
            return None
        if port.kind == "events" and isinstance(value, tree.Mapping):
            self.problem(value, f"{where} takes events, which have no level: merge several with a list, `[a, b]`")
            return None
        try:
            amount = self.amount(value, calculator, where)
            if amount is None:
                return None
            driver = fit(amount, port, where, calculator)
        except ExpressionError as error:
            self.at(value, error)
            return None
        finally:
            self.note(calculator, value)
        return driver

    def cable(self, value: tree.Tree, where: str) -> Cable | None:
        """What an output of the patch is: a cable of any kind; None after a mistake."""

        def no_clock(unit: str) -> Cable:
            raise ExpressionError(f"{where} cannot be in {unit}, as no clock is here", 0)

        calculator = Calculator(self.scope, no_clock)
        try:
            amount = self.amount(value, calculator, where)
        except ExpressionError as error:
            self.at(value, error)
            return None
        finally:
            self.note(calculator, value)
        if amount is not None and amount.dimension in MUSICAL:
            self.problem(value, f"{where} cannot be in {amount.dimension}, as no clock is here")
            return None
        if amount is None or isinstance(amount.value, Cable):
            return amount.value if amount else None  # type: ignore[return-value]
        self.problem(value, f"{where}: a number makes no sound; write the name of a node")
        return None

    def note(self, calculator: Calculator, value: tree.Tree) -> None:
        """Where the nodes that a value needed stand."""
        for node in calculator.made:
            self.places[node] = Place(self.source, value.line, value.column)

    def at(self, value: tree.Tree, error: ExpressionError) -> None:
        """Notes a mistake in a value; one without a message is the consequence of another."""
        column = value.column_of(error.offset) if isinstance(value, tree.Scalar) else value.column
        if error.message:
            self.source.problem(value.line, column, error.message)

    def amount(self, value: tree.Tree, calculator: Calculator, where: str) -> Amount | None:
        """A scalar, the sum or the events of a list, or the sum of sends; None after a mistake that has been noted."""
        if isinstance(value, tree.Broken):
            return None
        if isinstance(value, tree.Scalar):
            return self.scalar(value, calculator, where)
        if len(value.items if isinstance(value, tree.Sequence) else value.entries) > MAX_TERMS:
            raise ExpressionError(f"a sum has at most {MAX_TERMS:,} terms", 0)
        parts: list[tuple[tree.Tree, Amount | None]] = []
        if isinstance(value, tree.Sequence):
            parts = [(item, self.part(item, calculator, where)) for item in value.items]
        else:
            for key, level in value.entries:
                parts.append((key, self.send(key, level, calculator, where)))
        if not parts:
            raise ExpressionError(f"{where} has no value", 0)
        total = parts[0][1]
        for at, part in parts[1:]:
            if total is None or part is None:
                total = None
                continue
            try:
                total = calculator.join(total, part)
            except ExpressionError as error:
                self.problem(at, error.message)
                total = None
        return total

    def part(self, value: tree.Tree, calculator: Calculator, where: str) -> Amount | None:
        """A term of a sum; its mistakes are noted where it stands."""
        try:
            return self.amount(value, calculator, where)
        except ExpressionError as error:
            self.at(value, error)
            return None

    def send(self, key: tree.Scalar, value: tree.Tree, calculator: Calculator, where: str) -> Amount | None:
        """`{echo: -12 dB}`: a cable with a level."""
        if key.text == "node":
            self.problem(key, "a node within a value: give it a name under `nodes:` and write that name here")
            return None
        audio, level = self.part(key, calculator, where), self.part(value, calculator, where)
        if audio is None or level is None:
            return None
        if not isinstance(audio.value, Cable):
            if audio.value is not None:
                self.problem(key, f"a send is a cable with a level, such as `{{osc: -6 dB}}`; `{key.text}` is a number")
            return None
        if isinstance(level.value, int | float) and level.dimension == "" and abs(level.value) >= LOUD:
            what = f"a level of {level.value:g} is {abs(level.value):g} times as loud; did you mean {level.value:g} dB?"
            self.doubts.append(self.source.at(value.line, value.column, what))
        try:
            return calculator.gain(audio, level)
        except ExpressionError as error:
            self.at(value, error)
            return None

    def scalar(self, value: tree.Scalar, calculator: Calculator, where: str) -> Amount | None:
        """An expression."""
        if not value.text.strip():
            raise ExpressionError(f"{where} has no value", 0)
        if any(name in value.text for name in self.scope.refused):
            return None
        calculator.text = value.text
        calculator.unknown = []
        amount = calculator.evaluate()
        for error in calculator.unknown:
            self.at(value, error)
        return None if calculator.unknown or amount.value is None else amount

    def seconds_per(self, unit: str, node: Node | None, where: str) -> Cable:
        """The seconds that a beat or a bar of a node's own clock lasts."""
        clock = node.inputs.get("clock") if node else None
        if node is None or "clock" not in node.ins():
            raise ExpressionError(f"{where} cannot be in {unit}, as no clock is here; write it in seconds or Hz", 0)
        if clock is None and node in self.clocked:
            raise ExpressionError("", 0)
        if not isinstance(clock, Cable):
            raise ExpressionError(f"{where} is in {unit}: connect a clock to {node.name} as well, `clock: ...`", 0)
        key = (clock, unit)
        if key not in self._seconds:
            cls = SecondsPerBeat if unit == "beats" else SecondsPerBar
            self._seconds[key] = cls(clock=clock).cable()
        return self._seconds[key]
