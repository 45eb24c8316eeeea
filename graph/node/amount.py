"""`Amount`: a number or cable with its dimension, and the messages for ambiguous expressions."""

from __future__ import annotations

from dataclasses import dataclass

from graph.language.units import describe
from graph.node.node import Cable

MUSICAL = ("beats", "bars")
INTERVALS = ("semitones", "cents")
OWN = (*INTERVALS, "dB")
"""Units that are ratios, except at an input in that unit: there `lfo * 12 semitones` is twelve times `lfo`."""
VERBS = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided"}


@dataclass(slots=True)
class Amount:
    """A number or cable with its dimension and its position in the source text.

    value       None after an error already recorded
    dimension   as in `graph.language.units`; "" for plain numbers
    number, unit   the number and unit as written if it is a single ratio, such as -6 and "dB"
    loose       whether it needs parentheses before it can be multiplied
    plain       the unitless cable that scales it, as written, if any
    interval    the ratio in semitones, cents or dB that a cable scales, as written, if any
    """

    value: float | Cable | None
    dimension: str
    source: str
    start: int
    end: int
    number: float = 0.0
    unit: str = ""
    loose: bool = False
    plain: str = ""
    interval: str = ""

    @property
    def text(self) -> str:
        """The source text, shortened for messages."""
        text = self.source[self.start : self.end]
        text = text if len(text) <= 60 else text[:57] + "..."
        return f"({text})" if self.loose else text

    @property
    def bare(self) -> bool:
        """Whether it is a number without a unit, which takes the unit of its other operand."""
        return isinstance(self.value, float) and self.dimension == ""


def two_readings(scaled: Amount, interval: Amount, factor: float) -> str:
    """The warning for `400 Hz * lfo * 12 semitones`."""
    up = f"up: {{node: Interval, semitones: {scaled.plain} * {interval.text}}}"
    return (
        f"`{scaled.text} * {interval.text}` is ambiguous. It plays as {factor:.6g} times `{scaled.text}`; if that "
        f"is intended, write `{scaled.text} * {factor:.6g}`. To modulate an interval with `{scaled.plain}`, write "
        f"`{up}` under `nodes:` and multiply by `up` instead of `{scaled.plain} * {interval.text}`"
    )


def other_unit(scaled: Amount, ratio: Amount, factor: float, own: str) -> str:
    """The warning for `lfo * 6 dB` in an input in semitones."""
    return (
        f"`{scaled.text} * {ratio.text}` is ambiguous, since this input is in {own}. It plays as {factor:.6g} times "
        f"`{scaled.text}`; if that is intended, write `{scaled.text} * {factor:.6g}`. For {ratio.number:g} {own} per "
        f"unit of `{scaled.plain}`, write `{scaled.text} * {ratio.number:g} {own}`"
    )


def own_product(a: Amount, b: Amount, factor: float) -> str:
    """The message for `-6 dB * lfo * 6 dB` in an input in dB."""
    unit = a.dimension
    return (
        f"`{a.text} * {b.text}` can mean two things, since this input is in {unit}. To add {unit}, write "
        f"`{a.text} + {b.text}`; to scale by a factor, write the plain number, `{a.text} * {factor:.4g}`"
    )


def plain_sum(operator: str, plain: Amount, other: Amount) -> str:
    """The message for `400 Hz + lfo * 0.5` and for `400 Hz + lfo * 12 semitones`."""
    unit, sign = other.dimension, "-" if operator == "-" else ""
    if plain.interval and unit == "Hz":
        return (
            f"`{plain.text}` is a factor and cannot be {VERBS[operator]}. It can mean two things: for an interval, "
            f"write `up: {{node: Interval, semitones: {sign}{plain.text}}}` under `nodes:` and `{other.text} * up`; "
            f"for a number of Hz, write `{other.text} {operator} {plain.plain} * 10 Hz`"
        )
    return (
        f"`{plain.text}` is a plain signal and `{other.text}` is {describe(unit)}; they cannot be {VERBS[operator]}: "
        f"give the signal a unit, such as `{plain.plain if plain.interval else plain.text} * 1 {unit}`"
    )


def ratio_sum(operator: str, a: Amount, b: Amount) -> str:
    """The message for `env - 6 dB`."""
    given = b if b.dimension == "ratio" else a
    name, write = given.unit or "a ratio", f"{a.text} * {b.text}"
    other = ""
    if given is b and b.unit in ("%", "dB") and isinstance(b.value, float):
        other = f", or with the plain number, `{a.text} {operator} {abs(b.value):.4g}`"
    if given is b and b.unit == "%" and operator == "-":
        write = f"{a.text} * {100 - b.number:g}%"
    elif given is b and b.unit == "%":
        write = f"{a.text} * {100 + b.number:g}%"
    elif given is b and b.unit and operator == "-":
        write = f"{a.text} * {-b.number:g} {b.unit}"
    verb = "multiply" if name in ("cents", "semitones") else "multiplies"
    return f"{name} {verb} and cannot be {VERBS[operator]}: write `{write}`{other}"
