"""Chords by name, symbol (`Cm7b5/G`) or numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.errors import MusicError
from graph.music.chord_table import ALIASES, CHORDS, FORMULAS
from graph.music.notes import FLATS, SHARPS, Degree, Note, degrees, note, plain
from graph.music.symbols import name_of, read_quality, symbol_of
from graph.music.words import find

_ROOT = re.compile(r"([A-G][#b]{0,2})(.*?)(?:/([A-G][#b]{0,2}))?", re.ASCII | re.DOTALL)
_NUMBERS = re.compile(r"[+-]?\d{1,2}(?:[\s,]+[+-]?\d{1,2})*")
HOW = "write a symbol such as Cm7b5/G"


@dataclass(frozen=True)
class Chord:
    """A chord on a root.

    degrees   the notes above the root, as musicians count, the root included
    bass      lowest note, if it is not the root
    """

    root: Note
    degrees: tuple[Degree, ...]
    bass: Note | None = None

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones of its notes above the root, ascending."""
        return tuple(sorted(degree.semitones for degree in self.degrees))

    @property
    def name(self) -> str:
        """Name in the table of chords, such as `minor_seventh`; empty if it has none."""
        return name_of(self.degrees)

    @property
    def symbol(self) -> str:
        """Symbol such as `Cm7b5/G`; `chord` reads it as the same chord."""
        return f"{self.root.name}{symbol_of(self.degrees)}" + (f"/{self.bass.name}" if self.bass else "")

    @property
    def notes(self) -> list[str]:
        """Names of its notes from the root up; a bass that is not one of them comes first."""
        found = [self.root.above(degree).name for degree in sorted(self.degrees, key=lambda each: each.semitones)]
        return found if self.bass is None or self.bass.name in found else [self.bass.name, *found]

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Its pitch classes, 0 for C, the bass included."""
        found = {(self.root.pitch_class + semitones) % 12 for semitones in self.intervals}
        return frozenset(found | ({self.bass.pitch_class} if self.bass else set()))

    def keys(self, octave: int = 4) -> list[int]:
        """MIDI keys with the root in an octave, and the bass below them all."""
        root = 12 * (octave + 1) + self.root.pitch_class
        found = [root + semitones for semitones in self.intervals]
        if self.bass is None:
            return found
        bass = root - 12 + (self.bass.pitch_class - self.root.pitch_class) % 12
        return [bass, *(key for key in found if key % 12 != self.bass.pitch_class)]

    def inversion(self, number: int) -> Chord:
        """The same chord with its second note in the bass for 1, its third for 2 and so on; 0 is the root."""
        order = sorted(self.degrees, key=lambda each: each.semitones)
        if not 0 <= number < len(order):
            raise MusicError(f"{self.symbol} has inversions 0 to {len(order) - 1}, not {number}")
        return replace(self, bass=self.root.above(order[number]) if number else None)

    def transposed(self, semitones: int) -> Chord:
        """The chord moved by semitones, with flats if its root has one."""
        names = FLATS if self.root.alter < 0 else SHARPS

        def moved(one: Note) -> Note:
            return note(names[(one.pitch_class + semitones) % 12])

        return replace(self, root=moved(self.root), bass=moved(self.bass) if self.bass else None)

    def __str__(self) -> str:
        return self.symbol


def chord(text: str, root: str | Note = "C") -> Chord:
    """A chord: `Cm7b5/G`, `C minor seventh`, `minor_seventh` or `0 3 7 10`; MusicError if it is none of these.

    root   root of a chord given by name or numbers alone
    """
    base = root if isinstance(root, Note) else note(root)
    said = plain(text)
    if _NUMBERS.fullmatch(said):
        return chord_of(base, semitone_degrees(int(word) for word in re.split(r"[\s,]+", said)))
    name = find(said, FORMULAS, ALIASES)
    if name is not None:
        return Chord(base, degrees(FORMULAS[name][0]))
    match = _ROOT.fullmatch(said)
    if match is None:
        raise MusicError(f"'{text}' is not a chord: it does not begin with a note from A to G; {HOW}")
    base, quality = note(match[1]), match[2].strip()
    name = find(quality, FORMULAS, ALIASES) if len(quality) > 3 else None
    found = degrees(FORMULAS[name][0]) if name else read_quality(quality, text)
    bass = note(match[3]) if match[3] else None
    return Chord(base, found, bass if bass is not None and bass.pitch_class != base.pitch_class else None)


def chord_intervals(text: str) -> tuple[int, ...]:
    """Semitones above a root, which is not included: of `3 7`, a name, or a symbol without root such as `m7b5`.

    This is how an option of a node gives a chord.
    """
    said = plain(text)
    if _NUMBERS.fullmatch(said):
        return tuple(int(word) for word in re.split(r"[\s,]+", said))
    name = find(said, FORMULAS, ALIASES)
    found = degrees(FORMULAS[name][0]) if name else read_quality(said, text) if said else ()
    if not found:
        raise MusicError("the chord has no notes")
    return tuple(sorted(each.semitones for each in found))[1:]


def chord_of(root: Note, found: Iterable[Degree]) -> Chord:
    """A chord from degrees, in the table's spelling where it has the same semitones."""
    exact = tuple(found)
    if not exact:
        raise MusicError(f"the chord has no notes; {HOW}")
    semitones = tuple(sorted(degree.semitones for degree in exact))
    if not name_of(exact):
        for name, known in CHORDS.items():
            if tuple(sorted(known)) == semitones:
                return Chord(root, degrees(FORMULAS[name][0]))
    return Chord(root, exact)


def semitone_degrees(semitones: Iterable[int]) -> tuple[Degree, ...]:
    """Degrees of plain semitones above a root; the root is added where it is missing."""
    plain_degrees = (
        (1, 0), (2, -1), (2, 0), (3, -1), (3, 0), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0), (7, -1), (7, 0),
    )  # fmt: skip
    found = []
    for each in sorted({0, *semitones}):
        octave, rest = divmod(each, 12)
        number, alter = plain_degrees[rest]
        found.append(Degree(number + 7 * octave, alter))
    return tuple(found)
