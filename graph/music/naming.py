"""The names of a set of notes: which chords they form."""

from __future__ import annotations

from collections.abc import Iterable

from graph.errors import MusicError
from graph.music.chord_table import CHORDS, FORMULAS
from graph.music.chords import Chord
from graph.music.notes import Note, degrees, note

_ORDER = {name: place for place, name in enumerate(CHORDS)}
_CLASSES = {
    name: frozenset(semitones % 12 for semitones in found)
    for name, found in CHORDS.items()
    if name not in ("power_octave", "octave")  # as sets, these are `power` and a single note
}


def name_chord(notes: str | Iterable[int | str | Note]) -> list[Chord]:
    """All chords of the table with exactly these pitch classes, the most likely first; empty if there is none.

    notes   names or MIDI keys, as text (`"C E G Bb"`) or as a list; the first or lowest is the bass

    A chord whose root is the bass comes first, then simpler chords: `C E G A` is C6, `A C E G` is Am7.
    """
    given = [_note(each) for each in (notes.split() if isinstance(notes, str) else notes)]
    if not given:
        raise MusicError("there is no note to name a chord from")
    bass = min(given, key=lambda each: each.key) if all(each.octave is not None for each in given) else given[0]
    classes = frozenset(each.pitch_class for each in given)
    found = []
    for root in given:
        relative = frozenset((each - root.pitch_class) % 12 for each in classes)
        for name, known in _CLASSES.items():
            if known == relative:
                plain = Note(root.letter, root.alter)
                under = None if root.pitch_class == bass.pitch_class else Note(bass.letter, bass.alter)
                found.append((under is not None, _ORDER[name], Chord(plain, degrees(FORMULAS[name][0]), under)))
    unique: dict[tuple[int, str], Chord] = {}
    for _, _, chord in sorted(found, key=lambda entry: entry[:2]):
        unique.setdefault((chord.root.pitch_class, chord.name), chord)
    return list(unique.values())


def _note(given: int | str | Note) -> Note:
    return given if isinstance(given, Note) else note(int(given) if str(given).isdigit() else given)
