"""Notation of `Pattern`, parsed when the graph is built: `kick: x...x... snare: ....X..o`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from graph import NodeError
from nodes.dsp.patterns.drum_words import drum_key

GHOST, NORMAL, ACCENT = 0, 1, 2
ALLOWED = (
    "x a hit, X an accent, o a ghost note, f and F a flam, d and D a drag, 1 to 9 a probability in tenths, . a rest, "
    "(xx) several in one step"
)
MOST_MARKS = 2048
"""Maximum marks per lane."""

MOST_HITS = 16_384
"""Maximum hits per node."""

FLAM, DRAG = (0.03,), (0.07, 0.035)
"""Seconds by which grace notes precede the hit: fixed in time, not in beats, as drummers play them."""

_LEVELS = {"o": GHOST, "x": NORMAL, "f": NORMAL, "d": NORMAL, "X": ACCENT, "F": ACCENT, "D": ACCENT}
_GRACES = {"f": FLAM, "F": FLAM, "d": DRAG, "D": DRAG}
_BROAD_TRIPLETS = (Fraction(3, 2), Fraction(3, 4))
_LANE = re.compile(r"(?P<drum>[\w#-]+)\s*(?:\((?P<beats>[^()]*)\)\s*)?:")
_BEATS = re.compile(r"(\d+(?:\.\d+|/[1-9]\d*)?)\s*beats?")


@dataclass(frozen=True, order=True)
class Hit:
    """One hit: beat within its lane, key, level, probability, seconds by which it is early, and beats of its mark."""

    beat: Fraction
    key: int
    level: int = NORMAL
    chance: float = 1.0
    ahead: float = 0.0
    width: Fraction = Fraction(0)


@dataclass(frozen=True)
class Lane:
    """Hits of one drum, and the length in beats after which they repeat."""

    hits: tuple[Hit, ...]
    beats: Fraction


def parse_lanes(text: str, beats: Fraction) -> tuple[Lane, ...]:
    """Lanes of `kick: x...x... snare: ....x...`; raises NodeError with the text and its position."""
    names = list(_LANE.finditer(text))
    before = text[: names[0].start()] if names else text
    if before.strip():
        raise NodeError(f"'{_short(before)}' has no drum; write `kick: x...x...`")
    if not names:
        raise NodeError("there is no lane; write `kick: x...x...`, one line per drum")
    ends = [match.start() for match in names[1:]] + [len(text)]
    return tuple(
        parse_lane(match["drum"], text[match.end() : end], beats, match["beats"])
        for match, end in zip(names, ends, strict=True)
    )


def parse_lane(drum: str, marks: str, beats: Fraction, own: str | None = None) -> Lane:
    """One lane, whose marks divide `beats` equally, or the length given in parentheses after the drum."""
    if own is not None:
        match = _BEATS.fullmatch(own.strip())
        if match is None or not 0 < Fraction(match[1]) <= 256:
            raise NodeError(f"lane '{drum}': '({own})' is not a length; write `{drum} (3 beats): x..x..`")
        beats = Fraction(match[1])
    try:
        key = drum_key(drum)
        steps = list(_steps(marks))
        if not steps:
            raise NodeError(f"there are no marks; write {ALLOWED}")
        rate = len(steps) / beats
        if len(steps) > 1 and 1 not in (rate.numerator, rate.denominator) and rate not in _BROAD_TRIPLETS:
            raise NodeError(f"{len(steps)} marks do not divide {_count(beats)} evenly; {_near(len(steps), beats)}")
    except NodeError as error:
        raise NodeError(f"lane '{drum}': {error}") from None
    hits = []
    for number, step in enumerate(steps):
        for part, mark in enumerate(step):
            if mark != ".":
                at, width = (number + Fraction(part, len(step))) / rate, 1 / (rate * len(step))
                hits += [Hit(at, key, GHOST, 1.0, ahead, width) for ahead in _GRACES.get(mark, ())]
                chance = int(mark) / 10 if mark.isdecimal() else 1.0
                hits.append(Hit(at, key, _LEVELS.get(mark, NORMAL), chance, 0.0, width))
    return Lane(tuple(hits), beats)


def _steps(marks: str) -> Iterator[str]:
    """Marks of each step: one mark, or those in parentheses."""
    inside: str | None = None
    count = 0
    for at, mark in enumerate(marks):
        if mark.isspace() or mark == "|":
            continue
        if mark == "(" and inside is None:
            inside = ""
        elif mark == ")" and inside:
            yield inside
            inside = None
        elif mark == "." or mark in _LEVELS or mark in "123456789":
            if inside is None:
                yield mark
            else:
                inside += mark
            count += 1
        else:
            raise NodeError(f"cannot read '{mark}' at character {len(marks[:at].lstrip()) + 1}: write {ALLOWED}")
        if count > MOST_MARKS:
            raise NodeError(f"there are more than {MOST_MARKS} marks")
    if inside is not None:
        raise NodeError("a '(' is not closed")


def _count(beats: Fraction) -> str:
    return "1 beat" if beats == 1 else f"{float(beats):g} beats"


def _near(count: int, beats: Fraction) -> str:
    """Suggestion of the nearest number of marks that fits."""
    fits = [n for n in range(1, 2 * count + 1) if n == 1 or 1 in ((n / beats).denominator, (beats / n).denominator)]
    near = min(fits, key=lambda n: abs(n - count))
    a_beat = near / beats
    return (
        f"{near} are {float(a_beat):g} per beat" if a_beat >= 1 else f"{near} are one every {float(1 / a_beat):g} beats"
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:37] + "..."
