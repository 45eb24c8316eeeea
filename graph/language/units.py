"""Units, note names, and the conversion of quantities."""

from __future__ import annotations

import re
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit: its `dimension`, and its size in that dimension's base unit.

    The dimension "ratio" covers dB, %, cents and semitones, which can only multiply.
    """

    dimension: str
    scale: float


UNITS = {
    "Hz": Unit("Hz", 1.0),
    "kHz": Unit("Hz", 1e3),
    "s": Unit("s", 1.0),
    "ms": Unit("s", 1e-3),
    "us": Unit("s", 1e-6),
    "beats": Unit("beats", 1.0),
    "bars": Unit("bars", 1.0),
    "bpm": Unit("bpm", 1.0),
    "degrees": Unit("degrees", 1.0),
    "dB": Unit("ratio", 1.0),
    "%": Unit("ratio", 1.0),
    "cents": Unit("ratio", 1.0),
    "semitones": Unit("ratio", 1.0),
}
"""Every unit of the language, as written in a patch."""

ANY = "any"
"""The unit of a port that takes its unit from the patch: a `Constant` declares none."""

WORDS = {
    "": "a plain number",
    "Hz": "a frequency (Hz)",
    "s": "a time (s)",
    "beats": "a number of beats",
    "bars": "a number of bars",
    "bpm": "a tempo (bpm)",
    "degrees": "an angle (degrees)",
    "ratio": "a ratio",
    "dB": "a level (dB)",
    "cents": "an interval (cents)",
    "semitones": "an interval (semitones)",
    ANY: "any number",
}

NOTE = re.compile(r"([A-G])(##|#|bb|b)?(-?\d+)", re.ASCII)
CENTS = re.compile(r"(.+?)(?:([+-]\d{1,4}(?:\.\d+)?)c)?", re.ASCII)
NOTE_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {None: 0, "#": 1, "##": 2, "b": -1, "bb": -2}


def describe(dimension: str) -> str:
    """A dimension or a port's unit as a phrase, such as `a frequency (Hz)`."""
    return WORDS.get(dimension, f"a value in {dimension}")


def note_number(name: str) -> int | None:
    """The MIDI note number of a note name: C4 is 60, A4 is 69; None for any other word.

    Octaves run from -1 to 9; B#3 is C4.
    """
    match = NOTE.fullmatch(name)
    if match is None or not -1 <= int(match[3][:3]) <= 9:
        return None
    return 12 * (int(match[3]) + 1) + NOTE_STEPS[match[1]] + ACCIDENTALS[match[2]]


def note_key(name: str) -> float | None:
    """Like `note_number`, with an optional offset in cents: `A4+14c` is 69.14, `E4-50c` is 63.5."""
    match = CENTS.fullmatch(name)
    key = note_number(match[1]) if match else None
    return None if match is None or key is None else key + float(match[2] or 0) / 100


def note_frequency(number: float) -> float:
    """Frequency in Hz of a MIDI note number in equal temperament with A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((number - 69.0) / 12.0))


def ratio(number: float, unit: str) -> float:
    """The factor for `number` dB, %, cents or semitones; OverflowError if it is infinite."""
    if unit == "%":
        return number / 100.0
    base, steps = {"dB": (10.0, 20.0), "cents": (2.0, 1200.0), "semitones": (2.0, 12.0)}[unit]
    return float(base ** (number / steps))


def quantity(number: float, unit: str) -> tuple[float, str]:
    """`number` of `unit` as (value, dimension): `quantity(1.2, "kHz")` is `(1200.0, "Hz")`."""
    dimension, scale = UNITS[unit]
    if dimension == "ratio":
        return ratio(number, unit), dimension
    if scale < 1.0:  # 9 / 1000 equals 0.009 exactly, 9 * 0.001 does not
        return number / round(1.0 / scale), dimension
    return number * scale, dimension


def in_own_unit(number: float, unit: str, wanted: str) -> float | None:
    """Converts `number` of the ratio `unit` to `wanted`: 700 cents are 7 semitones."""
    if unit == wanted:
        return number
    factor = {("cents", "semitones"): 0.01, ("semitones", "cents"): 100.0}.get((unit, wanted))
    return None if factor is None else number * factor


_POWERS = {"": 0, "s": 1, "Hz": -1}


def product(a: str, b: str, sign: int = 1) -> str | None:
    """The dimension of a product (`sign` -1: of a quotient), or None if it is undefined.

    Times and frequencies multiply as in physics: 2 Hz * 3 s is a plain 6, and 1 / (10 ms) is 100 Hz.
    """
    if ANY in (a, b):
        return ANY
    if a == b and sign < 0:
        return ""
    if b == "":
        return a
    if a == "" and sign > 0:
        return b
    powers = [_power(a), _power(b)]
    if powers[0] is None or powers[1] is None:
        return None
    power = powers[0] + sign * powers[1]
    return next((word for word, known in _POWERS.items() if known == power), f"s^{power}")


def _power(dimension: str) -> int | None:
    if dimension.startswith("s^"):
        return int(dimension[2:])
    return _POWERS.get(dimension)
