"""Values of expressions: numbers and cables with their dimension, fitted to a port."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from graph.language.expression import ExpressionError, evaluate
from graph.language.units import ANY, describe, in_own_unit, note_frequency, note_key, product, quantity, ratio
from graph.node.amount import (
    INTERVALS,
    MUSICAL,
    OWN,
    VERBS,
    Amount,
    other_unit,
    own_product,
    plain_sum,
    ratio_sum,
    two_readings,
)
from graph.node.arithmetic import Add, Divide, Gain, Merge, Multiply, Subtract
from graph.node.node import Cable, Node, article, bridge
from graph.node.ports import In, Out
from graph.node.signals import MADE

_OPERATORS: dict[str, type[Node]] = {"+": Add, "-": Subtract, "*": Multiply, "/": Divide}


class Scope(Protocol):
    """The names available to an expression."""

    def cable(self, path: str) -> Cable | None:
        """The cable `name` or `name.port`; None for a node with an error; ScopeError if it does not exist."""

    def known(self, path: str) -> bool:
        """Whether a node of that name exists."""


class ScopeError(Exception):
    """A name is undefined."""


class NoNames(Scope):
    """The scope of values that cannot contain cables, such as an option's."""

    def known(self, path: str) -> bool:  # noqa: ARG002
        return False

    def cable(self, path: str) -> Cable | None:
        """Always raises ScopeError."""
        raise ScopeError(f"a number is needed here, not `{path}`")


class Calculator:
    """The `Algebra` of patches: folds constants, turns operators on cables into nodes, checks dimensions.

    scope         resolves cable names
    seconds_per   the cable with the duration in seconds of one of "beats" or "bars"; ExpressionError
                  without a clock
    text          the expression
    own           the unit of the driven input, if it is one of `OWN`
    doubts        likely mistakes that are valid, with their offset
    made          the arithmetic nodes created
    """

    def __init__(self, scope: Scope, seconds_per: Callable[[str], Cable], text: str = "", own: str = "") -> None:
        self.scope = scope
        self.seconds_per = seconds_per
        self.text = text
        self.own = own if own in OWN else ""
        self.doubts: list[tuple[str, int]] = []
        self.unknown: list[ExpressionError] = []
        self.made: list[Node] = []

    def evaluate(self) -> Amount:
        """Evaluates the whole text; `unknown` collects all undefined names."""
        return evaluate(self.text, self)

    def known(self, path: str) -> bool:
        return self.scope.known(path)

    def quantity(self, number: float, unit: str, start: int, end: int) -> Amount:
        own = in_own_unit(number, unit, self.own) if self.own else None
        if own is not None:
            return Amount(self._finite(own, start), self.own, self.text, start, end)
        try:
            value, dimension = quantity(number, unit) if unit else (number, "")
        except OverflowError:
            value, dimension = math.inf, ""
        self._finite(value, start)
        return Amount(value, dimension, self.text, start, end, number, unit if dimension == "ratio" else "")

    def note(self, name: str, start: int, end: int) -> Amount:
        key = note_key(name)
        assert key is not None
        return Amount(note_frequency(key), "Hz", self.text, start, end)

    def reference(self, path: str, start: int, end: int) -> Amount:
        try:
            cable = self.scope.cable(path)
        except ScopeError as error:
            self.unknown.append(ExpressionError(str(error), start))
            cable = None
        port = cable.declared() if cable is not None else None
        scales = isinstance(port, Out) and port.unit == "" and not port.ratio
        return Amount(cable, port.unit if port else ANY, self.text, start, end, plain=path if scales else "")

    def negative(self, a: Amount, start: int) -> Amount:
        if isinstance(a.value, float):
            value: float | Cable | None = -a.value
        else:
            self._signal(a)
            value = None if a.value is None else self._make("*", a.value, -1.0)
        return Amount(value, a.dimension, self.text, start, a.end, plain=a.plain)

    def parenthesized(self, a: Amount, start: int, end: int) -> Amount:
        return replace(a, source=self.text, start=start, end=end, loose=False)

    def binary(self, operator: str, a: Amount, b: Amount) -> Amount:
        self._signal(a)
        self._signal(b)
        if a.value is None or b.value is None:
            return self._joined(None, ANY, a, b, loose=operator in "+-")
        dimension, left, right = (self._sum if operator in "+-" else self._product)(operator, a, b)
        made = self._make(operator, left, right, a.start if a.source == b.source else 0)
        joined = self._joined(made, dimension, a, b, loose=operator in "+-")
        if operator == "*" or (operator in "+-" and a.plain and b.plain):
            joined.plain = a.plain or b.plain
        for scaled, interval in ((a, b), (b, a)) if operator == "*" else ():
            if scaled.plain and interval.unit in OWN and isinstance(interval.value, float):
                joined.interval = interval.text
                if self.own:
                    self.doubts.append((other_unit(scaled, interval, interval.value, self.own), a.start))
                elif interval.unit in INTERVALS:
                    self.doubts.append((two_readings(scaled, interval, interval.value), a.start))
        return joined

    def join(self, a: Amount, b: Amount) -> Amount:
        """Adds the next term of a list: signals sum, events merge."""
        first, second = (article(x.value.declared().kind) if isinstance(x.value, Cable) else "a number" for x in (a, b))
        if "events" not in (first, second):
            return self.binary("+", a, b)
        if first != second:
            raise ExpressionError(f"a list cannot mix {first} and {second}: it merges events or sums signals", b.start)
        return self._joined(self.new(Merge(a=a.value, b=b.value)), "", a, b, loose=False)

    def gain(self, audio: Amount, level: Amount) -> Amount:
        """A send: a cable with a level."""
        self._signal(audio)
        self._signal(level)
        if self.own and level.dimension == self.own:
            return self.binary("*", audio, level)
        if level.value is not None and level.dimension not in ("", "ratio", ANY):
            raise ExpressionError(f"a level must be a number, dB or %, not {describe(level.dimension)}", level.start)
        if audio.value is None or level.value is None:
            return Amount(None, ANY, audio.source, audio.start, audio.end)
        value: float | Cable = audio.value
        if level.value != 1.0:
            value = self.new(Gain(audio=audio.value, gain=level.value))
        return Amount(value, audio.dimension, audio.source, audio.start, audio.end)

    def seconds(self, a: Amount) -> float | Cable:
        """Converts beats or bars to seconds."""
        assert a.value is not None
        if a.dimension not in MUSICAL:
            return a.value
        try:
            unit = self.seconds_per(a.dimension)
        except ExpressionError as error:
            raise ExpressionError(error.message, a.start) from None
        return self._make("*", unit, a.value)

    def _joined(self, value: float | Cable | None, dimension: str, a: Amount, b: Amount, loose: bool) -> Amount:
        if a.source is b.source:
            return Amount(value, dimension, a.source, a.start, b.end, loose=loose)
        return Amount(value, dimension, "[...]", 0, 5)

    def _make(self, operator: str, a: float | Cable | None, b: float | Cable | None, start: int = 0) -> float | Cable:
        """Folds constants and identity operations; otherwise creates an arithmetic node."""
        assert a is not None
        assert b is not None
        if isinstance(a, float) and isinstance(b, float):
            if operator == "/" and b == 0.0:
                raise ExpressionError("division by zero", start)
            value = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[operator]
            return self._finite(value, start)
        if b == (0.0 if operator in "+-" else 1.0):
            return a
        if (operator, a) in (("+", 0.0), ("*", 1.0)):
            return b
        return self.new(_OPERATORS[operator](a=a, b=b))

    def new(self, node: Node) -> Cable:
        """Creates a node for an expression; returns its cable."""
        self.made.append(node)
        return node.cable()

    def _finite(self, value: float, start: int) -> float:
        if not math.isfinite(value) or abs(value) > 3.4e38:
            raise ExpressionError("this number is too large", start)
        return value

    def _signal(self, a: Amount) -> None:
        if isinstance(a.value, Cable) and a.value.declared().kind != "signal":
            kind = a.value.declared().kind
            raise ExpressionError(f"{a.value} gives {article(kind)}; arithmetic works only on signals", a.start)

    def _sum(self, operator: str, a: Amount, b: Amount) -> tuple[str, float | Cable | None, float | Cable | None]:
        if "ratio" in (a.dimension, b.dimension):
            raise ExpressionError(ratio_sum(operator, a, b), a.start if a.source is b.source else b.start)
        if a.dimension == b.dimension or b.bare or (b.dimension == ANY and a.dimension not in MUSICAL):
            return a.dimension, a.value, b.value
        if a.bare or (a.dimension == ANY and b.dimension not in MUSICAL):
            return b.dimension, a.value, b.value
        times = (*MUSICAL, "s", ANY)
        if a.dimension in times and b.dimension in times:
            return "s", self.seconds(a), self.seconds(b)
        for plain, other in ((a, b), (b, a)):
            if plain.dimension == "":
                raise ExpressionError(plain_sum(operator, plain, other), plain.start)
        what = f"{describe(a.dimension)} and {describe(b.dimension)} cannot be {VERBS[operator]}"
        text = f"`{a.text} {operator} {b.text}`: {what}"
        raise ExpressionError(text, a.start)

    def _product(self, operator: str, a: Amount, b: Amount) -> tuple[str, float | Cable | None, float | Cable | None]:
        sign = 1 if operator == "*" else -1
        left, right, values = a.dimension, b.dimension, (a.value, b.value)
        if "ratio" in (left, right):
            if all(d == "ratio" or x.bare for d, x in ((left, a), (right, b))):
                return "ratio", *values
            left, right = left.replace("ratio", ""), right.replace("ratio", "")
        if left in MUSICAL and (right in ("", ANY) or (sign < 0 and left == right)):
            return "" if left == right else left, *values
        if sign > 0 and right in MUSICAL and left in ("", ANY):
            return right, *values
        if left in MUSICAL or right in MUSICAL:
            left, right = ("s" if d in MUSICAL else d for d in (left, right))
            values = (self.seconds(a), self.seconds(b))
        dimension = product(left, right, sign)
        if dimension is None and left == right == self.own and isinstance(b.value, float) and sign > 0:
            raise ExpressionError(own_product(a, b, ratio(b.value, self.own)), a.start)
        if dimension is None:
            what = f"{describe(left)} and {describe(right)} cannot be {VERBS[operator]}"
            raise ExpressionError(f"`{a.text} {operator} {b.text}`: {what}", a.start)
        return dimension, *values


def fit(a: Amount, port: In, where: str, calculator: Calculator) -> float | Cable:
    """The value for `port` (called `where` in messages): a number in its unit, or a cable."""
    value = a.value
    assert value is not None
    kind = value.declared().kind if isinstance(value, Cable) else "signal"
    if kind != port.kind or (port.kind != "signal" and not isinstance(value, Cable)):
        name = value if isinstance(value, Cable) and value.node.name else f"`{a.text}`"
        got = f"{name} gives {article(kind)}" if isinstance(value, Cable) else f"{name} is a number"
        hint = bridge(port, kind, value.node.name or "...") if isinstance(value, Cable) else ""
        raise ExpressionError(f"{where} takes {article(port.kind)}, but {got}{hint}", a.start)
    if port.kind != "signal":
        return value
    if a.dimension in MUSICAL and port.unit != a.dimension:
        if port.unit not in ("s", "Hz", ANY):
            raise ExpressionError(f"{where} takes {describe(port.unit)}, not {describe(a.dimension)}", a.start)
        seconds = calculator.seconds(a)
        return calculator.new(Divide(a=1.0, b=seconds)) if port.unit == "Hz" else seconds
    if isinstance(value, Cable):
        if a.dimension not in ("", ANY, "ratio", port.unit) and port.unit not in ("", ANY):
            raise ExpressionError(
                f"{where} takes {describe(port.unit)}, but `{a.text}` gives {describe(a.dimension)}", a.start
            )
        return value
    number = _number(a, value, port, where)
    if not port.allows(number):
        unit = f" {port.unit}" if port.unit not in ("", ANY) else ""
        raise ExpressionError(f"{where}: {number:.10g}{unit} is outside {port.range_text()}", a.start)
    return number


def _number(a: Amount, value: float, port: In, where: str) -> float:
    """A constant in the port's own unit."""
    if port.unit == ANY or a.dimension in ("", port.unit):
        return value
    if a.dimension == "ratio":
        if port.unit == "":
            return value
        own = in_own_unit(a.number, a.unit, port.unit) if a.unit else None
        if own is not None:
            return own
        described = describe(a.unit) if a.unit in INTERVALS else "a ratio"
        if port.unit == "Hz":
            described += f": it needs a frequency to start from, such as `440 Hz * {a.text}`"
    else:
        described = describe(a.dimension)
    raise ExpressionError(f"{where} takes {describe(port.unit)}, but `{a.text}` is {described}", a.start)


def value_of(text: str, port: In, where: str, clock: Cable | None = None) -> float | Cable:
    """`text` as a number in the port's unit, or in beats or bars of `clock`; ExpressionError if it is neither."""

    def seconds_per(unit: str) -> Cable:
        if clock is None:
            raise ExpressionError(f"{where} cannot be in {unit}: write a plain number", 0)
        made: Node = MADE["SecondsPerBeat" if unit == "beats" else "SecondsPerBar"](clock=clock)
        return made.cable()

    calculator = Calculator(NoNames(), seconds_per, text, port.unit)
    amount = calculator.evaluate()
    if calculator.unknown:
        raise calculator.unknown[0]
    return fit(amount, port, where, calculator)


def constant(text: str, port: In, where: str) -> float:
    """`text` as a number in the port's unit; ExpressionError if it is not one."""
    number = value_of(text, port, where)
    assert isinstance(number, float)
    return number


MADE["constant"] = constant
MADE["value"] = value_of
