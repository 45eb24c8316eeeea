"""`Amount`: a number or a cable with its dimension, and what to say where one can mean two things."""

from __future__ import annotations

from dataclasses import dataclass

from graph.node.node import Cable

MUSICAL = ("beats", "bars")
INTERVALS = ("semitones", "cents")
OWN = (*INTERVALS, "dB")
"""Units that are ratios, except in an input that counts in them: there `lfo * 12 semitones` is twelve times `lfo`."""
VERBS = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided"}


@dataclass(slots=True)
class Amount:
    """A number or a cable with its dimension, and where in which text it is written.

    value       None after a mistake that has been reported
    dimension   as in `graph.language.units`; "" for plain numbers
    number, unit   what is written where that is one ratio, such as -6 and "dB"
    loose       whether it needs parentheses before it is multiplied
    plain       the cable without a unit that scales it, as written, if there is one
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


def two_readings(scaled: Amount, interval: Amount, factor: float) -> str:
    """What to say to `400 Hz * lfo * 12 semitones`."""
    up = f"up: {{node: Interval, semitones: {scaled.plain} * {interval.text}}}"
    return (
        f"`{scaled.text} * {interval.text}` can mean two things. Played is {factor:.6g} times `{scaled.text}`; if that "
        f"is meant, write `{scaled.text} * {factor:.6g}`. For an interval that `{scaled.plain}` moves, write "
        f"`{up}` under `nodes:` and multiply by `up` instead of `{scaled.plain} * {interval.text}`"
    )


def ratio_sum(operator: str, a: Amount, b: Amount) -> str:
    """What to say to `env - 6 dB`."""
    given = b if b.dimension == "ratio" else a
    name, write = given.unit or "a ratio", f"{a.text} * {b.text}"
    other = ""
    if given is b and b.unit in ("%", "dB") and isinstance(b.value, float):
        other = f", or for the number itself `{a.text} {operator} {abs(b.value):.4g}`"
    if given is b and b.unit == "%" and operator == "-":
        write = f"{a.text} * {100 - b.number:g}%"
    elif given is b and b.unit == "%":
        write = f"{a.text} * {100 + b.number:g}%"
    elif given is b and b.unit and operator == "-":
        write = f"{a.text} * {-b.number:g} {b.unit}"
    verb = "multiply" if name in ("cents", "semitones") else "multiplies"
    return f"{name} {verb} and cannot be {VERBS[operator]}: write `{write}`{other}"
