"""Chord symbols: from `m7b5` to degrees and back."""

from __future__ import annotations

import re

from graph.errors import MusicError
from graph.music.chord_table import FORMULAS
from graph.music.notes import Degree, accidental, degrees

_QUALITY = re.compile(
    r"(?P<major>major|maj|ma(?!dd)|Maj|M|\^)|(?P<minor>minor|min|mi|m(?!aj)|-)|(?P<diminished>dim|°|o)|(?P<half>ø|h(?=7|$))|"
    r"(?P<augmented>aug|\+)|(?P<dominant>dom)"
)
_EXTENSION = re.compile(r"6/9|69|13|11|9|7|6|5")
_PART = re.compile(
    r"\(|\)|,|(?P<major7>(?:maj|Maj|ma|M|\^)(?P<stack>7|9|11|13)?)|sus(?P<sus>24|2|4)?|(?P<altered>alt)|add(?P<added>[#b]?\d{1,2})|"
    r"(?:no|omit)(?P<left>\d{1,2})|(?P<alter>[#b+-]+)(?P<number>\d{1,2})"
)
_STACK = {"7": (7,), "9": (7, 9), "11": (7, 9, 11), "13": (7, 9, 11, 13)}
_BY_DEGREES = {frozenset(degrees(formula)): (name, symbol) for name, (formula, symbol) in FORMULAS.items()}


def read_quality(text: str, whole: str) -> tuple[Degree, ...]:
    """The degrees of the part of a symbol after its root, such as `m7b5`; MusicError names what is unreadable."""
    quality = _QUALITY.match(text)
    kind = quality.lastgroup if quality else ""
    at = quality.end() if quality else 0
    found = {1: 0, 3: 0, 5: 0}
    if kind in ("minor", "diminished", "half"):
        found[3] = -1
    if kind in ("diminished", "half", "augmented"):
        found[5] = 1 if kind == "augmented" else -1
    if kind == "half":
        found[7] = -1
    extension = _EXTENSION.match(text, at)
    if quality and quality[0] == "^" and not extension:  # the triangle alone is a major seventh
        found[7] = 0
    if extension:
        at = extension.end()
        _extend(found, extension[0], kind or "", whole)
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise MusicError(f"cannot read '{text[at:]}' in the chord '{whole}'; write a symbol such as Cm7b5/G")
        at = part.end()
        _change(found, part, whole)
    return tuple(Degree(number, alter) for number, alter in sorted(found.items()))


def _extend(found: dict[int, int], extension: str, kind: str, whole: str) -> None:
    if extension == "5":
        if kind:
            raise MusicError(f"cannot read '5' in the chord '{whole}'; a power chord is written C5")
        del found[3]
    elif extension in ("6", "6/9", "69"):
        found[6] = 0
        if extension != "6":
            found[9] = 0
    else:
        found.update(dict.fromkeys(_STACK[extension], 0))
        found[7] = {"major": 0, "diminished": -2}.get(kind, -1)


def _change(found: dict[int, int], part: re.Match[str], whole: str) -> None:
    """Alterations, additions and omissions."""
    if part["major7"]:
        found.update(dict.fromkeys(_STACK[part["stack"] or "7"], 0))
    elif part[0].startswith("sus"):
        found.pop(3, None)
        found.update({int(digit): 0 for digit in part["sus"] or "4"})
    elif part["altered"]:
        found.update({5: 1, 7: -1, 9: 1})
    elif part["added"]:
        number = int(part["added"].lstrip("#b"))
        _allowed(number, whole)
        found[number] = part["added"].count("#") - part["added"].count("b")
    elif part["left"]:
        found.pop(int(part["left"]), None)
    elif part["alter"]:
        number = int(part["number"])
        _allowed(number, whole)
        found[number] = sum(1 if sign in "#+" else -1 for sign in part["alter"])


def _allowed(number: int, whole: str) -> None:
    if not 2 <= number <= 13:
        raise MusicError(f"a chord has degrees from 2 to 13, not {number} as in '{whole}'")


def name_of(found: tuple[Degree, ...]) -> str:
    """The name in the table of a chord with these degrees; empty if it has none there."""
    return _BY_DEGREES.get(frozenset(found), ("", ""))[0]


def symbol_of(found: tuple[Degree, ...]) -> str:
    """The symbol of these degrees after a root's name: the table's, or one that is read to the same degrees."""
    if frozenset(found) in _BY_DEGREES:
        return _BY_DEGREES[frozenset(found)][1]
    near = [known for known in _BY_DEGREES if Degree(1) in found and known <= frozenset(found)]
    base = max(near, key=len, default=frozenset({Degree(1), Degree(3), Degree(5)}))
    symbol = _BY_DEGREES[base][1]
    left = sorted(each.number for each in base - frozenset(found))
    more = sorted(frozenset(found) - base - {Degree(1)})
    inner = "".join(f"add{accidental(each.alter)}{each.number}" for each in more)
    return symbol + inner + "".join(f"no{number}" for number in left)
