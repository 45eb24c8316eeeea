"""Scales by name, alias or numbers; ragas and maqamat are scales too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from graph.errors import MusicError
from graph.music.chord_table import SYMBOLS
from graph.music.chords import Chord, chord_of
from graph.music.notes import FLATS, LETTERS, SHARPS, Degree, Note, degrees, note
from graph.music.ragas import MAQAMAT, RAGAS, SWARA_CENTS
from graph.music.scale_table import ALIASES, FORMULAS, SCALES
from graph.music.words import find, unknown

MOST = 128
"""Maximum number of steps in a scale given by numbers."""
HOW = "write a name such as dorian, or steps in semitones from 0 up to below 12, such as 0 2 3 7 8"
_ROOT = re.compile(r"\s*([A-Ga-g][#b]{0,2})(?:\s+(.+))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Scale:
    """A scale on a root.

    name      name in the table, or the steps as text
    root      its first note
    steps     semitones above the root, 0 first, below 12; 1.5 is a neutral second
    ascent, descent   semitones of one octave up and down, where a raga or maqam prescribes them; they may lead in
              from below
    cents     tuning of `steps`: just for a raga, otherwise 100 cents per semitone
    """

    name: str
    root: Note
    steps: tuple[float, ...]
    ascent: tuple[float, ...]
    descent: tuple[float, ...]
    cents: tuple[float, ...]

    @property
    def notes(self) -> list[str]:
        """Names of its notes; one letter per degree where the scale has seven."""
        return [str(each) for each in self.spelled()]

    def spelled(self) -> list[Note]:
        """Its notes; quarter tones have the name of the note below."""
        formula: tuple[Degree, ...] = ()
        if self.name in FORMULAS:
            formula = degrees(FORMULAS[self.name])
        elif len(self.steps) == 7:
            formula = tuple(Degree(i + 1, int(s) - Degree(i + 1).semitones) for i, s in enumerate(self.steps))
        if formula:
            return [self.root.above(each) for each in formula]
        names = FLATS if self.root.alter < 0 or self.root.letter == "F" else SHARPS
        return [note(names[(self.root.pitch_class + int(step)) % 12]) for step in self.steps]

    def keys(self, low: float = 0, high: float = 127) -> list[float]:
        """MIDI keys of the scale from `low` to `high`."""
        first = self.root.pitch_class - 12
        found = [first + 12 * octave + step for octave in range(12) for step in self.steps]
        return [key for key in found if low <= key <= high]

    def key(self, degree: int, octave: int = 4) -> float:
        """MIDI key of a degree; 1 is the root in that octave, 8 with seven steps the root above, 0 the step below."""
        turn, place = divmod(degree - 1, len(self.steps))
        return 12 * (octave + 1 + turn) + self.root.pitch_class + self.steps[place]

    def chord(self, degree: int, size: int = 3) -> Chord:
        """The chord of every other step from a degree on, 1 being the root: triads, sevenths with `size=4`."""
        if not 1 <= size <= 7:
            raise MusicError(f"a chord of a scale has 1 to 7 notes, not {size}")
        count = len(self.steps)
        spelled = self.spelled()
        base = self.key(degree)
        found = []
        for place in range(size):
            key = self.key(degree + 2 * place)
            letter = LETTERS.index(spelled[(degree - 1 + 2 * place) % count].letter)
            step = (letter - LETTERS.index(spelled[(degree - 1) % count].letter)) % 7
            octave = (key - base) // 12 if step else round((key - base) / 12)
            number = 1 + step + 7 * int(octave)
            found.append(Degree(number, int(key - base) - Degree(number).semitones))
        root = spelled[(degree - 1) % count]
        return chord_of(root, tuple(found))

    def __contains__(self, key: object) -> bool:
        if isinstance(key, str | Note):
            key = (note(key) if isinstance(key, str) else key).key
        return isinstance(key, int | float) and (key - self.root.pitch_class) % 12 in self.steps

    def __str__(self) -> str:
        return f"{self.root} {self.name}"


def scale(text: str, root: str | Note = "C") -> Scale:
    """A scale: `dorian`, `D dorian`, `Yaman`, `rast` or `0 2 3 7 8`; MusicError if it is none of these."""
    first = root if isinstance(root, Note) else note(root)
    match = _ROOT.fullmatch(text)
    if match and not _known(text):
        first, text = note(match[1][0].upper() + match[1][1:]), match[2] or "major"
    name = find(text, SCALES, ALIASES)
    if name is not None:
        return _made(name, first, SCALES[name])
    name = find(text, RAGAS, {})
    if name is not None:
        up, down = RAGAS[name]
        steps = tuple(sorted({step % 12 for step in (*up, *down)}))
        return Scale(name, first, steps, up, down, tuple(SWARA_CENTS[step] for step in steps))
    name = find(text.removeprefix("maqam "), MAQAMAT, {})
    if name is not None:
        ways = MAQAMAT[name]
        rising = tuple(float(step) for step in ways[0])
        below = tuple(step for step in rising if step < 12)
        return Scale(name, first, below, rising, tuple(map(float, ways[1])), tuple(100 * step for step in below))
    return _made(text.strip(), first, _numbers(text))


@cache
def scale_steps(text: str) -> tuple[float, ...]:
    """Semitones above the root of a scale by name or numbers, as an option of a node gives it."""
    if _ROOT.fullmatch(text) and not _known(text):
        raise MusicError(f"'{text}' has a root of its own; write only the scale here, and its root at `root`")
    return scale(text).steps


def _known(text: str) -> bool:
    return any(find(text, table, aliases) for table, aliases in ((SCALES, ALIASES), (RAGAS, {}), (MAQAMAT, {})))


def _made(name: str, root: Note, steps: tuple[float, ...]) -> Scale:
    up = (*steps, 12)
    return Scale(name, root, steps, up, up[::-1], tuple(100.0 * step for step in steps))


def _numbers(text: str) -> tuple[float, ...]:
    words = re.split(r"[\s,]+", text.strip(" \t\n[]()"))
    if words == [""]:
        raise MusicError(f"the scale has no notes; {HOW}")
    if not all(re.fullmatch(r"-?\d{1,3}(\.\d{1,6})?", word, re.ASCII) for word in words):
        if any(character.isdigit() for character in words[0]) or find(text, SYMBOLS, {}):
            raise MusicError(f"'{text}' is not a scale; {HOW}")
        raise unknown("scale", text, [*SCALES, *ALIASES, *RAGAS, *MAQAMAT], f"You may also {HOW}")
    steps = [float(word) for word in words]
    if steps != sorted(set(steps)) or steps[0] != 0 or steps[-1] >= 12 or len(steps) > MOST:
        raise MusicError(f"'{text}' is not a scale: its steps must rise from 0 to below 12; {HOW}")
    return tuple(int(step) if step.is_integer() else step for step in steps)
