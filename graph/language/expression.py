"""Parser for expressions in patches: numbers, quantities, notes, cables, `+ - * /` and parentheses.

The parser knows only the grammar. It passes each piece to an `Algebra`, which computes while the text is
parsed. A long sum therefore needs no deep tree.

    sum      product (("+" | "-") product)*
    product  signed (("*" | "/") signed)*
    signed   "-"* primary                   the sign of `-6 dB` belongs to its number
    primary  number ["/" number] unit | number | note [+ or - cents "c"] | name | name.port | "(" sum ")"
"""

from __future__ import annotations

import re
from typing import Generic, NamedTuple, Protocol, TypeVar

from graph.errors import did_you_mean
from graph.language.units import UNITS, note_key
from graph.language.yaml_traps import function_call, missing_space

MAX_LENGTH = 10_000
MAX_DEPTH = 50
POWER = "there is no power operator: write `a * a`"

V = TypeVar("V")

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<note>[A-G](?:##|#|bb|b)?-?[0-9]+(?:[+-][0-9]{1,4}(?:\.[0-9]+)?c(?!\w)|(?![\w.#])))"
    r"|(?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<unit>%)|(?P<operator>[-+*/])|(?P<open>\()|(?P<close>\))|(?P<other>\S))"
)
_STARTS = ("number", "note", "word", "open")


class ExpressionError(Exception):
    """An error in an expression, at an offset in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Token(NamedTuple):
    """A token of the language; an empty `kind` marks the end."""

    kind: str
    text: str
    start: int
    end: int


class Algebra(Protocol[V]):
    """Computes with the pieces of an expression; all positions are offsets in its text."""

    def quantity(self, number: float, unit: str, start: int, end: int) -> V:
        """A number with its unit, or with "" for no unit."""

    def note(self, name: str, start: int, end: int) -> V:
        """A note name such as C#4 or, 14 cents above it, C#4+14c."""

    def reference(self, path: str, start: int, end: int) -> V:
        """A cable, `name` or `name.port`."""

    def binary(self, operator: str, a: V, b: V) -> V:
        """One of + - * /."""

    def negative(self, a: V, start: int) -> V:
        """`-a`."""

    def parenthesized(self, a: V, start: int, end: int) -> V:
        """`(a)`."""

    def known(self, path: str) -> bool:
        """Whether a node of that name exists; used in messages."""


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, the last one empty; ExpressionError for an unexpected character."""
    found = []
    at = 0
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or ""
        at = match.end()
        if kind == "other":
            raise ExpressionError(_strange(text, match.start(kind)), match.start(kind))
        found.append(Token(kind, match[kind], match.start(kind), at))
    end = len(text.rstrip())
    found.append(Token("", "", end, end))
    return found


def _strange(text: str, at: int) -> str:
    character = text[at]
    if character == ":":
        return missing_space(text) or "unexpected `:`; put `key: value` in braces or on its own line"
    if character == ",":
        if function_call(text):
            return function_call(text)
        digits = re.match(r"(.*\d),(\d{3}(?!\d).*)", text)
        if digits:
            return f"numbers have no commas: write `{digits[1]}{digits[2]}`"
        return "unexpected `,`: for a sum, write `[a, b]` or `a + b`"
    late = re.match(r".*?([A-G])(-?\d)$", text[:at])
    if character == "#" and late:
        return f"write the sharp before the octave: `{late[1]}#{late[2]}`"
    if character == "^":
        return POWER
    if character in "\"'":
        return "names are not quoted: remove the quotes"
    if character == "°":
        return "for an angle, write `degrees`"
    return f"unexpected `{character}`"


def evaluate(text: str, algebra: Algebra[V]) -> V:
    """The value of `text`; ExpressionError with the position of the error."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"this value has {len(text):,} characters; the limit is {MAX_LENGTH:,}", 0)
    words = tokens(text)
    if len(words) == 1:
        raise ExpressionError("a value is missing", 0)
    return _Parser(text, words, algebra).whole()


class _Parser(Generic[V]):
    """Recursive-descent parser."""

    def __init__(self, text: str, words: list[Token], algebra: Algebra[V]) -> None:
        self.text = text
        self.words = words
        self.algebra = algebra
        self.at = 0

    @property
    def next(self) -> Token:
        return self.words[self.at]

    def take(self) -> Token:
        token = self.words[self.at]
        self.at += 1
        return token

    def whole(self) -> V:
        value = self.sum(0)
        if self.next.kind:
            raise ExpressionError("this `)` has no matching `(`", self.next.start)
        return value

    def sum(self, depth: int) -> V:
        value = self.product(depth)
        while self.next.text in ("+", "-"):
            operator = self.take().text
            value = self.algebra.binary(operator, value, self.product(depth))
        return value

    def product(self, depth: int) -> V:
        value = self.signed(depth)
        while self.next.text in ("*", "/"):
            operator = self.take().text
            value = self.algebra.binary(operator, value, self.signed(depth))
        return value

    def signed(self, depth: int) -> V:
        start, minus = self.next.start, 0
        while self.next.text in ("-", "+"):
            if self.take().text == "+":
                raise ExpressionError("a value is missing before `+`", self.words[self.at - 1].start)
            minus += 1
        first = self.at
        sign = -1.0 if minus % 2 else 1.0
        if self.next.kind == "number":
            value = self.number(sign, start)
        else:
            value = self.primary(depth)
            if sign < 0:
                value = self.algebra.negative(value, start)
        if self.next.kind in _STARTS or self.next.kind == "unit":
            self.no_operator(self.words[first], self.words[self.at - 1])
        return value

    def number(self, sign: float, start: int) -> V:
        """A number with the unit that follows it; fractions are allowed only before a unit."""
        token = self.take()
        value = float(token.text)
        following = self.words[self.at : self.at + 3]
        if (
            len(following) == 3
            and following[0].text == "/"
            and following[1].kind == "number"
            and _is_unit(following[2])
        ):
            below = float(following[1].text)
            if below == 0.0:
                raise ExpressionError("division by zero", following[1].start)
            value /= below
            self.at += 2
        if _is_unit(self.next):
            unit = self.take()
            return self.algebra.quantity(sign * value, unit.text, start, unit.end)
        return self.algebra.quantity(sign * value, "", start, self.words[self.at - 1].end)

    def primary(self, depth: int) -> V:
        token = self.take()
        if token.kind == "note" and note_key(token.text) is not None:
            letter, minus, _ = token.text.partition("-")
            if minus and not token.text.endswith("c") and self.algebra.known(letter):
                spaced = token.text.replace("-", " - ")
                raise ExpressionError(f"`{token.text}` is a note: to subtract, write `{spaced}`", token.start)
            return self.algebra.note(token.text, token.start, token.end)
        if token.kind == "note":
            raise ExpressionError(f"`{token.text}` is not a note: octaves run from -1 to 9", token.start)
        if token.kind == "word":
            if self.next.kind == "open" and self.next.start == token.end:
                raise ExpressionError(function_call(self.text[token.start :]), token.start)
            if token.text in UNITS and not self.algebra.known(token.text):
                raise ExpressionError(f"`{token.text}` is a unit: write a number before it", token.start)
            return self.algebra.reference(token.text, token.start, token.end)
        if token.kind == "open":
            if depth >= MAX_DEPTH:
                raise ExpressionError(f"parentheses are nested more than {MAX_DEPTH} deep", token.start)
            value = self.sum(depth + 1)
            if self.next.kind != "close":
                raise ExpressionError("this `(` is never closed", token.start)
            return self.algebra.parenthesized(value, token.start, self.take().end)
        raise ExpressionError(self.no_value(token), token.start)

    def no_value(self, token: Token) -> str:
        """`* 2`, `2 *` or `2 ** 2`."""
        if token.text == "*" and self.at > 1 and self.words[self.at - 2].end == token.start:
            return POWER
        if self.at > 1:
            return f"a value is missing after `{self.words[self.at - 2].text}`"
        return f"a value is missing before `{token.text}`"

    def no_operator(self, first: Token, last: Token) -> None:
        """`env 6 dB`, `2 khz` or `1 200`: two values side by side."""
        token = self.next
        left = self.text[first.start : last.end]
        if token.text in UNITS and token.kind == "word":
            raise ExpressionError(f"a unit must follow a number: write `{left} * 1 {token.text}`", token.start)
        if token.kind == "unit":
            raise ExpressionError("`%` must follow a number, as in `70%`", token.start)
        if last.kind == "number" and token.kind == "word" and not self.algebra.known(token.text):
            known = ", ".join(UNITS)
            near = did_you_mean(token.text, list(UNITS)) or f" The units are {known}"
            near = " For microseconds, write `us`" if token.text in ("µs", "μs") else near
            raise ExpressionError(f"there is no unit '{token.text}'.{near}", token.start)
        if last.kind == "number" and token.kind == "number":
            joined = f"{last.text}{token.text}"
            raise ExpressionError(
                f"an operator is missing between `{left}` and `{token.text}`. Did you mean `{joined}`?", token.start
            )
        after = self.words[self.at + 1] if token.kind == "number" else token
        end = after.end if token.kind == "number" and _is_unit(after) else token.end
        right = self.text[token.start : end]
        if token.kind == "open":
            right = "(...)"
        message = f"an operator is missing between `{left}` and `{right}`: write `{left} * {right}`"
        raise ExpressionError(message, token.start)


def _is_unit(token: Token) -> bool:
    return token.kind in ("word", "unit") and token.text in UNITS
