"""Formats values for patches, the inverse of `graph.node.values`. Every number is written exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from graph.language.units import ANY, note_frequency, product, quantity, ratio
from graph.node.arithmetic import Add, Divide, Gain, Merge, Multiply, SecondsPerBar, SecondsPerBeat, Subtract
from graph.node.node import Cable, Node
from graph.node.ports import In, Option

OPERATORS: dict[type[Node], str] = {Add: "+", Subtract: "-", Multiply: "*", Divide: "/", Merge: "+"}
MUSICAL: dict[type[Node], str] = {SecondsPerBeat: "beats", SecondsPerBar: "bars"}
ARITHMETIC = (*OPERATORS, *MUSICAL, Gain)
"""The node classes that expressions create without a name."""

LONG = 8
"""A number with more characters than this was probably written in another unit."""

MAX_DEPTH = 30
MAX_OPERATORS = 60
SUM, PRODUCT, ATOM = range(3)


class UnwritableError(Exception):
    """These nodes have no expression unless `node` gets its own line."""

    def __init__(self, node: Node | None = None) -> None:
        super().__init__()
        self.node = node


def plain(value: float) -> str:
    """A number without a unit."""
    text = repr(float(value))
    return text.removesuffix(".0")


def number(value: float, unit: str = "", *, percent: bool = False) -> str:
    """A number in the unit that suits its magnitude; reading it back gives exactly `value`."""
    if unit == "Hz" and value:
        return _first(value, (("kHz", 1e3),) if abs(value) >= 1000 else (), "Hz")
    if unit == "s" and value:
        return _first(value, () if abs(value) >= 1 else (("ms", 1e-3), ("us", 1e-6)), "s")
    if unit in ("beats", "bars"):
        return f"{_fraction(value)} {unit}"
    if unit in ("dB", "cents", "semitones", "degrees"):
        return f"{plain(value)} {unit}"
    if percent and value not in (0.0, 1.0):
        return next(_ratios(value, ("%",)), plain(value))
    return factor(value) if unit == "" else plain(value)


def factor(value: float) -> str:
    """A factor: in dB, semitones and so on if that is shorter."""
    text = plain(value)
    return text if len(text) <= LONG else min([text, *_ratios(value, ("dB", "semitones", "cents", "%"))], key=len)


def level(value: float) -> str:
    """The level of a send: in dB if that is exact."""
    return next(_ratios(value, ("dB",)), factor(value))


def port_number(port: In | Option, value: float) -> str:
    """The value of an input or an option."""
    unit = "" if port.unit in (ANY, "bpm") else port.unit
    share = (
        isinstance(port, In) and port.min is not None and port.max is not None and -1 < port.min < 0.9 <= port.max <= 1
    )
    return number(value, unit, percent=share)


def _first(value: float, units: tuple[tuple[str, float], ...], base: str) -> str:
    for unit, scale in units:
        short = plain(float(f"{value / scale:.10g}"))
        small = scale < 1
        exact = quantity(float(short), unit)[0] == value
        if exact and 0.1 <= abs(float(short)) < (1e3 if small else 1e9):
            return f"{short} {unit}"
    text = plain(value)
    if base == "Hz" and len(text) > LONG and value > 0:
        key = round(69 + 12 * math.log2(value / 440.0))
        if 0 <= key <= 127 and note_frequency(key) == value:
            return f"{('C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B')[key % 12]}{key // 12 - 1}"
    return f"{text} {base}"


def _ratios(value: float, units: tuple[str, ...]) -> Iterator[str]:
    """The number as a ratio, if a short one is exact."""
    for unit in units:
        if unit != "%" and value <= 0:
            continue
        steps = {"dB": (10.0, 20.0), "cents": (2.0, 1200.0), "semitones": (2.0, 12.0)}.get(unit)
        counted = value * 100.0 if steps is None else math.log(value, steps[0]) * steps[1]
        short = float(f"{counted:.6g}") + 0.0
        if abs(short) < 1e6 and ratio(short, unit) == value:
            yield f"{plain(short)}%" if unit == "%" else f"{plain(short)} {unit}"


def _fraction(value: float) -> str:
    for below in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64):
        above = round(value * below)
        if above and above / below == value:
            return f"{above}/{below}" if below > 1 else f"{above}"
    return plain(value)


class Text(NamedTuple):
    """Part of an expression with its operator precedence."""

    text: str
    binds: int = ATOM

    def within(self, least: int) -> str:
        """Adds parentheses if the precedence requires them."""
        return self.text if self.binds >= least else f"({self.text})"


class Writer:
    """Writes the value of an input.

    name      the name of a cable
    inline    whether a node may be written as part of an expression
    """

    def __init__(self, name: Callable[[Cable], str], inline: Callable[[Node], bool]) -> None:
        self.name = name
        self.inline = inline

    def value(self, value: float | Cable, port: In, *, units: bool = True) -> str:
        """A number, cable, expression, sum or sends, as one line of YAML; UnwritableError if that is impossible."""
        if not isinstance(value, Cable):
            return port_number(port, value)
        unit = port.unit if units and port.unit != ANY else ""
        terms = self.terms(value)
        if not any(self.is_send(term) for term in terms):
            cables = all(isinstance(term, Cable) and not self.operator(term) for term in terms)
            if len(terms) > 1 and cables and port.unit == "" and port.default is None:
                return f"[{', '.join(self.expression(term, unit).text for term in terms)}]"
            return self.hertz(value) if port.unit == "Hz" and self.hertz(value) else self.expression(value, unit).text
        sends = [self.send(term, unit) for term in terms]
        keys = [key for key, _ in sends]
        if all(isinstance(term, Cable) for term in terms) and len(set(keys)) == len(keys):
            return f"{{{', '.join(f'{key}: {how}' for key, how in sends)}}}"
        items = [
            f"{{{key}: {how}}}" if self.is_send(term) else key for term, (key, how) in zip(terms, sends, strict=True)
        ]
        return f"[{', '.join(items)}]"

    def operator(self, value: float | Cable) -> str:
        """The operator that produces a value, or "" if it is not an expression."""
        inside = isinstance(value, Cable) and value.port == "out" and self.inline(value.node)
        return OPERATORS.get(type(value.node), "") if inside and isinstance(value, Cable) else ""

    def terms(self, value: float | Cable, operator: str = "+") -> list[float | Cable]:
        """The terms of a sum or the factors of a product, from left to right."""
        terms: list[float | Cable] = []
        while isinstance(value, Cable) and self.operator(value) == operator and not self.musical(value):
            terms.append(value.node.inputs["b"])
            value = value.node.inputs["a"]
        return [value, *reversed(terms)]

    def is_send(self, value: float | Cable) -> bool:
        return (
            isinstance(value, Cable)
            and isinstance(value.node, Gain)
            and value.port == "out"
            and self.inline(value.node)
        )

    def send(self, term: float | Cable, unit: str) -> tuple[str, str]:
        """A cable and its level."""
        if not (isinstance(term, Cable) and self.is_send(term)):
            return self.expression(term, unit).text, "0 dB"
        audio, gain = term.node.inputs.get("audio"), term.node.inputs["gain"]
        if not isinstance(audio, Cable):
            raise UnwritableError
        return self.expression(audio, "").text, (
            self.expression(gain, "").text if isinstance(gain, Cable) else level(gain)
        )

    def hertz(self, value: Cable) -> str:
        """`1/4 beats` as a frequency."""
        if self.operator(value) == "/" and value.node.inputs["a"] == 1.0:
            return self.musical(value.node.inputs["b"])
        return ""

    def musical(self, value: float | Cable) -> str:
        """Beats or bars as a time."""
        count = 1.0
        if isinstance(value, Cable) and self.operator(value) == "*" and isinstance(value.node.inputs["b"], float):
            count, value = value.node.inputs["b"], value.node.inputs["a"]
        if isinstance(value, Cable) and type(value.node) in MUSICAL and self.inline(value.node):
            return number(count, MUSICAL[type(value.node)])
        return ""

    def expression(self, value: float | Cable, unit: str, depth: int = 0) -> Text:
        """An expression for a value in `unit`, as far as its numbers can carry the unit."""
        if depth > MAX_DEPTH:
            raise UnwritableError
        if not isinstance(value, Cable):
            return Text(number(value, unit) if unit else plain(value))
        spine: list[tuple[str, float | Cable]] = []
        while not self.musical(value) and (operator := self.operator(value)):
            assert isinstance(value, Cable)
            if len(spine) == MAX_OPERATORS:
                raise UnwritableError(value.node)
            spine.append((operator, value.node.inputs["b"]))
            if not isinstance(value.node.inputs["a"], Cable):
                value = value.node.inputs["a"]
                break
            value = value.node.inputs["a"]
        spine.reverse()
        units = self._units(value, spine, unit, depth)
        text = self._leaf(value, units[0], spine[0][0] if spine else "")
        for (operator, right), wanted in zip(spine, units[1:], strict=True):
            binds = SUM if operator in "+-" else PRODUCT
            other = self._operand(right, wanted, operator, depth)
            text = Text(f"{text.within(binds)} {operator} {other.within(binds + 1)}", binds)
        return text

    def _leaf(self, value: float | Cable, unit: str, operator: str) -> Text:
        if isinstance(value, Cable):
            return Text(self.musical(value) or self.name(value))
        return self._operand(value, unit, operator, 0)

    def _operand(self, value: float | Cable, unit: str, operator: str, depth: int) -> Text:
        if isinstance(value, Cable):
            return self.expression(value, unit, depth + 1)
        if unit:
            return Text(number(value, unit))
        return Text(factor(value) if operator in ("*", "/") else plain(value))

    def _units(self, first: float | Cable, spine: list[tuple[str, float | Cable]], unit: str, depth: int) -> list[str]:
        """The unit for the numbers of each operand.

        A sum passes its unit to all terms; a product gives it to its last number unless one of its cables has a unit.
        """
        operands = [first, *(right for _, right in spine)]
        units = [""] * len(operands)
        stop = len(spine)
        while stop and spine[stop - 1][0] in "+-":
            stop -= 1
        own = [self.dimension(operand, depth) for operand in operands]
        if stop < len(spine):
            known = [d for d in own[stop + 1 :] if d]
            head = self._product(own[: stop + 1], spine[:stop])
            unit = unit or next((d for d in [head, *known] if d and d != ANY), "")
            units[stop + 1 :] = [unit] * (len(units) - stop - 1)
        if stop == 0:
            units[0] = unit
        elif not self._product(own[: stop + 1], spine[:stop]):
            numbers = [
                i for i in range(stop + 1) if not isinstance(operands[i], Cable) and (i == 0 or spine[i - 1][0] == "*")
            ]
            if numbers:
                units[numbers[-1]] = unit
        return units

    def _product(self, own: list[str | None], spine: list[tuple[str, float | Cable]]) -> str | None:
        """The dimension of operands joined by operators; None if all are numbers."""
        found = own[0]
        for (operator, _), dimension in zip(spine, own[1:], strict=True):
            if operator in "+-":
                found = found or dimension
            else:
                joined = product(found or "", dimension or "", 1 if operator == "*" else -1)
                found = ANY if joined is None else joined
        return found

    def dimension(self, value: float | Cable, depth: int = 0) -> str | None:
        """The dimension of a value's cables when its numbers are unitless; None for a number."""
        if not isinstance(value, Cable):
            return None
        if depth > MAX_DEPTH:
            return ANY
        if self.musical(value):
            return "s"
        spine: list[tuple[str, float | Cable]] = []
        while isinstance(value, Cable) and not self.musical(value) and (operator := self.operator(value)):
            spine.append((operator, value.node.inputs["b"]))
            value = value.node.inputs["a"]
        spine.reverse()
        if isinstance(value, Cable):
            first: str | None = "s" if self.musical(value) else value.declared().unit
        else:
            first = None
        return self._product([first, *(self.dimension(right, depth + 1) for _, right in spine)], spine)
