"""Range checks for values played from Python; a GraphError states the valid range."""

from __future__ import annotations

from typing import Any

from graph.errors import GraphError
from graph.language.units import note_key


def amount(value: Any, what: str, low: float = float("-inf"), high: float = float("inf")) -> float:
    """Returns `value` as a float; GraphError naming `what` unless it is a number from `low` to `high`."""
    try:
        number = float("nan") if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if low <= number <= high:
        return number
    wanted = "takes a number" if low == -high == float("-inf") else f"must be {low:g} .. {high:g}"
    raise GraphError(f"{what} {wanted}, not {value!r}")


def whole(value: int, what: str, low: int, high: int) -> int:
    """Returns `value` as an int; GraphError unless it is a whole number from `low` to `high`."""
    number = amount(value, what, low, high)
    if number != int(number):
        raise GraphError(f"{what} must be a whole number, not {value!r}")
    return int(number)


def key(value: float | str) -> float:
    """A MIDI key, 0 .. 127 or a note name such as "C#4" or "A4+14c"; fractions are microtuning."""
    if isinstance(value, str):
        number = note_key(value)
        if number is None:
            upper = value[:1].upper() + value[1:]
            hint = f" Write notes with a capital letter: '{upper}'" if note_key(upper) is not None else ""
            raise GraphError(
                f"a key must be 0 .. 127 or a note from C-1 to G9, such as 'C#4', not '{value}'.{hint}".rstrip(".")
            )
        value = number
    return amount(value, "a key", 0.0, 127.0)


def channel(value: int) -> int:
    """A MIDI channel, 1 .. 16."""
    return whole(value, "a channel", 1, 16)
