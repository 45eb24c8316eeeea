"""Notes: letters with accidentals, and degrees such as `b7`, which give scales and chords their spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from graph.errors import MusicError
from graph.language.units import NOTE_STEPS, note_frequency

LETTERS = "CDEFGAB"
MAJOR = (0, 2, 4, 5, 7, 9, 11)
"""Semitones of the seven letters, from C, and of the degrees 1 to 7."""
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
ROOTS = (*SHARPS, *(name for name in FLATS if name not in SHARPS))
"""Roots that an option offers; `pitch_class` is their number."""

SIGNS = str.maketrans(
    {"♯": "#", "♭": "b", "♮": "", "\U0001d12a": "##", "\u25b3": "^", "\u0394": "^", "\u2212": "-", "\u2013": "-"}
)
"""Typographic signs, and what is typed for them: the triangle of a major seventh is `^`."""
NOTE = re.compile(r"([A-Ga-g])([#b]{0,3})(-?\d{1,2})?", re.ASCII)
_DEGREE = re.compile(r"([#b]*)(\d{1,2})", re.ASCII)


class Degree(NamedTuple):
    """A degree above a root, as musicians count: 1 is the root, 3 the major third, 9 the second an octave higher.

    alter   semitones by which it is raised: -1 for `b7`
    """

    number: int
    alter: int = 0

    @property
    def semitones(self) -> int:
        """Semitones above the root."""
        octave, step = divmod(self.number - 1, 7)
        return 12 * octave + MAJOR[step] + self.alter

    def __str__(self) -> str:
        return f"{accidental(self.alter)}{self.number}"


def degrees(formula: str) -> tuple[Degree, ...]:
    """The degrees of a formula such as `1 b3 5 b7`."""
    found = [_DEGREE.fullmatch(word) for word in formula.split()]
    return tuple(Degree(int(m[2]), m[1].count("#") - m[1].count("b")) for m in found if m)


@dataclass(frozen=True)
class Note:
    """A spelled note; `octave` is None for a pitch class. C4 is middle C, key 60."""

    letter: str
    alter: int = 0
    octave: int | None = None

    @cached_property
    def name(self) -> str:
        """Name without octave, such as `Bb`."""
        return f"{self.letter}{accidental(self.alter)}"

    @property
    def pitch_class(self) -> int:
        """0 for C to 11 for B."""
        return (NOTE_STEPS[self.letter] + self.alter) % 12

    @property
    def key(self) -> int:
        """MIDI key number; in octave 4 if the note has no octave."""
        return 12 * ((4 if self.octave is None else self.octave) + 1) + NOTE_STEPS[self.letter] + self.alter

    @property
    def frequency(self) -> float:
        """Hz in equal temperament with A4 at 440 Hz."""
        return note_frequency(self.key)

    def above(self, degree: Degree) -> Note:
        """The note at a degree above this one, spelled with that degree's letter: the b3 above C is Eb."""
        octave, index = divmod(LETTERS.index(self.letter) + degree.number - 1, 7)
        letter = LETTERS[index]
        base = NOTE_STEPS[self.letter] + self.alter + degree.semitones
        alter = base - (12 * octave + NOTE_STEPS[letter])
        if abs(alter) > 2:  # Fb in a scale of flats and sharps: the plain name is readable, a triple flat is not
            names = FLATS if alter < 0 else SHARPS
            octave, plain = divmod(base, 12)
            letter, alter = names[plain][0], len(names[plain][1:]) * (1 if names is SHARPS else -1)
        return Note(letter, alter, None if self.octave is None else self.octave + octave)

    def __str__(self) -> str:
        return self.name if self.octave is None else f"{self.name}{self.octave}"


def note(text: str | int) -> Note:
    """A note by name (`C#4`, or `Bb` without octave) or by key number; MusicError for other text."""
    if isinstance(text, int):
        name = SHARPS[text % 12]
        return Note(name[0], len(name) - 1, text // 12 - 1)
    match = NOTE.fullmatch(plain(text))
    if match is None:
        raise MusicError(f"'{text}' is not a note; write a letter A to G, # or b, and perhaps an octave, such as Bb3")
    return Note(match[1].upper(), match[2].count("#") - match[2].count("b"), int(match[3]) if match[3] else None)


def pitch_class(name: str) -> int:
    """0 for C to 11 for B, of a note name; MusicError for other text."""
    return note(name).pitch_class


def accidental(alter: int) -> str:
    """`#` or `b`, as often as needed."""
    return ("#" if alter > 0 else "b") * abs(alter)


def plain(text: str) -> str:
    """Text with typed signs in place of typographic ones."""
    return text.translate(SIGNS).strip()
