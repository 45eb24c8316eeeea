"""What expressions amount to: numbers and cables with their dimension, and how they fit a port."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from graph.language.expression import ExpressionError, evaluate
from graph.language.units import ANY, describe, in_own_unit, note_frequency, note_number, product, quantity
from graph.node.arithmetic import Add, Divide, Gain, Merge, Multiply, Subtract
from graph.node.node import Cable, Node, article
from graph.node.ports import In

MUSICAL = ("beats", "bars")
_OPERATORS: dict[str, type[Node]] = {"+": Add, "-": Subtract, "*": Multiply, "/": Divide}
_VERBS = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided"}


@dataclass(slots=True)
class Amount:
    """A number or a cable with its dimension, and where in which text it is written.

    value       None after a mistake that has been reported
    dimension   as in `graph.language.units`; "" for plain numbers
    number, unit   what is written where that is one ratio, such as -6 and "dB"
    loose       whether it needs parentheses before it is multiplied
    """

    value: float | Cable | None
    dimension: str
    source: str
    start: int
    end: int
    number: float = 0.0
    unit: str = ""
    loose: bool = False

    @property
    def text(self) -> str:
        """As written, cut to what a message bears."""
        text = self.source[self.start : self.end]
        text = text if len(text) <= 60 else text[:57] + "..."
        return f"({text})" if self.loose else text

    @property
    def bare(self) -> bool:
        """Whether it is a number without a unit: it takes the unit of what it meets."""
        return isinstance(self.value, float) and self.dimension == ""


class Scope(Protocol):
    """The names that an expression may use."""

    def cable(self, path: str) -> Cable | None:
        """The cable `name` or `name.port`; None for a node that has a mistake; ScopeError if there is none."""

    def known(self, path: str) -> bool:
        """Whether there is a node of that name."""


class ScopeError(Exception):
    """A name stands for nothing."""


class Calculator:
    """The `Algebra` of patches: constants fold, cables become arithmetic nodes, dimensions are checked.

    scope         the cables
    seconds_per   the cable with the seconds that one of "beats" or "bars" lasts; ExpressionError
                  where there is no clock
    text          the expression
    made          the arithmetic nodes that were needed
    """

    def __init__(self, scope: Scope, seconds_per: Callable[[str], Cable], text: str = "") -> None:
        self.scope = scope
        self.seconds_per = seconds_per
        self.text = text
        self.unknown: list[ExpressionError] = []
        self.made: list[Node] = []

    def evaluate(self) -> Amount:
        """The whole text; all unknown names are in `unknown`."""
        return evaluate(self.text, self)

    def known(self, path: str) -> bool:
        return self.scope.known(path)

    def quantity(self, number: float, unit: str, start: int, end: int) -> Amount:
        try:
            value, dimension = quantity(number, unit) if unit else (number, "")
        except OverflowError:
            value, dimension = math.inf, ""
        self._finite(value, start)
        ratio = unit if dimension == "ratio" else ""
        return Amount(value, dimension, self.text, start, end, number, ratio)

    def note(self, name: str, start: int, end: int) -> Amount:
        key = note_number(name)
        assert key is not None
        return Amount(note_frequency(key), "Hz", self.text, start, end)

    def reference(self, path: str, start: int, end: int) -> Amount:
        try:
            cable = self.scope.cable(path)
        except ScopeError as error:
            self.unknown.append(ExpressionError(str(error), start))
            cable = None
        return Amount(cable, cable.declared().unit if cable else ANY, self.text, start, end)

    def negative(self, a: Amount, start: int) -> Amount:
        if isinstance(a.value, float):
            value: float | Cable | None = -a.value
        else:
            self._signal(a)
            value = None if a.value is None else self._make("*", a.value, -1.0)
        return Amount(value, a.dimension, self.text, start, a.end)

    def parenthesised(self, a: Amount, start: int, end: int) -> Amount:
        return Amount(a.value, a.dimension, self.text, start, end, a.number, a.unit)

    def binary(self, operator: str, a: Amount, b: Amount) -> Amount:
        self._signal(a)
        self._signal(b)
        if a.value is None or b.value is None:
            return self._joined(None, ANY, a, b, loose=operator in "+-")
        dimension, left, right = (self._sum if operator in "+-" else self._product)(operator, a, b)
        made = self._make(operator, left, right, a.start if a.source == b.source else 0)
        return self._joined(made, dimension, a, b, loose=operator in "+-")

    def join(self, a: Amount, b: Amount) -> Amount:
        """The next term of a list: signals sum, events merge."""
        first, second = (article(x.value.declared().kind) if isinstance(x.value, Cable) else "a number" for x in (a, b))
        if "events" not in (first, second):
            return self.binary("+", a, b)
        if first != second:
            raise ExpressionError(f"a list merges events or sums signals, not {first} with {second}", b.start)
        return self._joined(self.new(Merge(a=a.value, b=b.value)), "", a, b, loose=False)

    def gain(self, audio: Amount, level: Amount) -> Amount:
        """A send: a cable with a level."""
        self._signal(audio)
        self._signal(level)
        if level.value is not None and level.dimension not in ("", "ratio", ANY):
            raise ExpressionError(f"a level is a number, dB or %, not {describe(level.dimension)}", level.start)
        if audio.value is None or level.value is None:
            return Amount(None, ANY, audio.source, audio.start, audio.end)
        value: float | Cable = audio.value
        if level.value != 1.0:
            value = self.new(Gain(audio=audio.value, gain=level.value))
        return Amount(value, audio.dimension, audio.source, audio.start, audio.end)

    def seconds(self, a: Amount) -> float | Cable:
        """The value of a number of beats or bars in seconds."""
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
        """Folds two numbers and what changes nothing; otherwise makes an arithmetic node."""
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
        """The cable from a node that an expression needs."""
        self.made.append(node)
        return node.cable()

    def _finite(self, value: float, start: int) -> float:
        if not math.isfinite(value) or abs(value) > 3.4e38:
            raise ExpressionError("this number is too large", start)
        return value

    def _signal(self, a: Amount) -> None:
        if isinstance(a.value, Cable) and a.value.declared().kind != "signal":
            kind = a.value.declared().kind
            raise ExpressionError(f"{a.value} gives {article(kind)}; only signals can be computed with", a.start)

    def _sum(self, operator: str, a: Amount, b: Amount) -> tuple[str, float | Cable | None, float | Cable | None]:
        if "ratio" in (a.dimension, b.dimension):
            raise ExpressionError(_ratio_sum(operator, a, b), a.start if a.source is b.source else b.start)
        if a.dimension == b.dimension or b.bare or (b.dimension == ANY and a.dimension not in MUSICAL):
            return a.dimension, a.value, b.value
        if a.bare or (a.dimension == ANY and b.dimension not in MUSICAL):
            return b.dimension, a.value, b.value
        times = (*MUSICAL, "s", ANY)
        if a.dimension in times and b.dimension in times:
            return "s", self.seconds(a), self.seconds(b)
        verb = _VERBS[operator]
        for plain, other in ((a, b), (b, a)):
            if plain.dimension == "":
                unit = other.dimension
                message = (
                    f"`{plain.text}` is a plain signal and `{other.text}` {describe(unit)}, they cannot be {verb}: "
                    f"give the signal a unit, such as `{plain.text} * 1 {unit}`"
                )
                raise ExpressionError(message, plain.start)
        text = f"`{a.text} {operator} {b.text}`: {describe(a.dimension)} and {describe(b.dimension)} cannot be {verb}"
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
        if dimension is None:
            what = f"{describe(left)} and {describe(right)} cannot be {_VERBS[operator]}"
            raise ExpressionError(f"`{a.text} {operator} {b.text}`: {what}", a.start)
        return dimension, *values


def _ratio_sum(operator: str, a: Amount, b: Amount) -> str:
    """What to say to `env - 6 dB`."""
    given = b if b.dimension == "ratio" else a
    name, write = given.unit or "a ratio", f"{a.text} * {b.text}"
    if given is b and b.unit == "%" and operator == "-":
        write = f"{a.text} * {100 - b.number:g}%"
    elif given is b and b.unit == "%":
        write = f"{a.text} * {100 + b.number:g}%"
    elif given is b and b.unit and operator == "-":
        write = f"{a.text} * {-b.number:g} {b.unit}"
    verb = "multiply" if name in ("cents", "semitones") else "multiplies"
    return f"{name} {verb} and cannot be {_VERBS[operator]}: write `{write}`"


def fit(a: Amount, port: In, where: str, calculator: Calculator) -> float | Cable:
    """What is given to `port` (called `where`): a number in its unit, or a cable."""
    value = a.value
    assert value is not None
    kind = value.declared().kind if isinstance(value, Cable) else "signal"
    if kind != port.kind or (port.kind != "signal" and not isinstance(value, Cable)):
        name = value if isinstance(value, Cable) and value.node.name else f"`{a.text}`"
        got = f"{name} gives {article(kind)}" if isinstance(value, Cable) else f"{name} is a number"
        raise ExpressionError(f"{where} takes {article(port.kind)}, but {got}", a.start)
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
        described = describe(a.unit) if a.unit in ("cents", "semitones") else "a ratio"
    else:
        described = describe(a.dimension)
    raise ExpressionError(f"{where} takes {describe(port.unit)}, but `{a.text}` is {described}", a.start)
