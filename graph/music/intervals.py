"""Intervals by name, by number of semitones, or between two notes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.errors import MusicError
from graph.music.notes import LETTERS, MAJOR, Degree, Note, note

NUMBERS = ("unison", "second", "third", "fourth", "fifth", "sixth", "seventh", "octave")
QUALITIES = {"P": "perfect", "M": "major", "m": "minor", "A": "augmented", "d": "diminished"}
_PERFECT = (1, 4, 5)
_PLAIN = ("P1", "m2", "M2", "m3", "M3", "P4", "A4", "P5", "m6", "M6", "m7", "M7")
"""The usual interval of 0 to 11 semitones; the tritone counts as an augmented fourth."""
_SHORT = re.compile(r"([PMmAd])(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class Interval:
    """An interval: its quality, `P M m A d`, and its number, which is 8 for an octave."""

    quality: str
    number: int

    @property
    def short(self) -> str:
        """Short name, such as `P5`."""
        return f"{self.quality}{self.number}"

    @property
    def name(self) -> str:
        """Name, such as `perfect fifth`; beyond two octaves with its number, `major 16th`."""
        if self.number <= 8:
            return f"{QUALITIES[self.quality]} {NUMBERS[self.number - 1]}"
        ends = {1: "st", 2: "nd", 3: "rd"}
        end = "th" if self.number in (11, 12, 13) else ends.get(self.number % 10, "th")
        return f"{QUALITIES[self.quality]} {self.number}{end}"

    @property
    def degree(self) -> Degree:
        """The interval as a degree above a root: a minor third is b3."""
        perfect = (self.number - 1) % 7 + 1 in _PERFECT
        alter = {"P": 0, "M": 0, "m": -1, "A": 1, "d": -1 if perfect else -2}[self.quality]
        return Degree(self.number, alter)

    @property
    def semitones(self) -> int:
        """Size in semitones."""
        return self.degree.semitones

    @property
    def ratio(self) -> float:
        """Frequency ratio in equal temperament."""
        return float(2 ** (self.semitones / 12))

    @property
    def inversion(self) -> Interval:
        """The interval that completes it to an octave: of a major third, the minor sixth."""
        number = 9 - ((self.number - 1) % 7 + 1)
        return Interval({"M": "m", "m": "M", "A": "d", "d": "A"}.get(self.quality, "P"), number)

    def __str__(self) -> str:
        return self.name


def interval(first: str | int | Note, second: str | Note | None = None) -> Interval:
    """An interval: `interval("P5")`, `interval(7)` semitones, or `interval("C4", "G4")`; MusicError otherwise."""
    if second is not None:
        return _between(_note(first), _note(second))
    if isinstance(first, int):
        octave, rest = divmod(abs(first), 12)
        quality, number = _PLAIN[rest][0], int(_PLAIN[rest][1:])
        return Interval(quality, number + 7 * octave)
    match = _SHORT.fullmatch(str(first))
    name = str(first).replace("_", " ").lower()
    known = {each.name: each for q in QUALITIES for n in range(1, 9) for each in [Interval(q, n)] if _exists(each)}
    found = Interval(match[1], int(match[2])) if match and int(match[2]) else known.get(name)
    if found is None or not _exists(found):
        raise MusicError(
            f"'{first}' is not an interval; write a short name such as P5 or m3, or a name such as major third"
        )
    return found


def _exists(one: Interval) -> bool:
    perfect = (one.number - 1) % 7 + 1 in _PERFECT
    return one.quality in ("PAd" if perfect else "MmAd") and one.short != "d1"


def _note(given: str | int | Note) -> Note:
    return given if isinstance(given, Note) else note(given)


def _between(low: Note, high: Note) -> Interval:
    """The interval up from one note to another; without octaves, the next one above."""
    number = LETTERS.index(high.letter) - LETTERS.index(low.letter)
    semitones = high.pitch_class - low.pitch_class
    if low.octave is not None and high.octave is not None:
        if high.key < low.key:
            low, high = high, low
        number = LETTERS.index(high.letter) - LETTERS.index(low.letter) + 7 * ((high.octave or 0) - (low.octave or 0))
        semitones = high.key - low.key
    else:
        number %= 7
        semitones = (semitones + 6) % 12 - 6 + (12 if (semitones + 6) % 12 - 6 < MAJOR[number] - 6 else 0)
    octave, step = divmod(number, 7)
    alter = semitones - 12 * octave - MAJOR[step]
    names = {-1: "d", 0: "P", 1: "A"} if step + 1 in _PERFECT else {-2: "d", -1: "m", 0: "M", 1: "A"}
    if alter not in names:
        raise MusicError(f"the interval from {low} to {high} has no name")
    return Interval(names[alter], number + 1)
