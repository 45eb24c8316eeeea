"""Progressions: chords from roman numerals such as `I V vi IV`, with secondary dominants such as `V7/V`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graph.errors import MusicError
from graph.music.chords import Chord, chord, chord_of
from graph.music.notes import Degree, Note, note, plain
from graph.music.scales import Scale, scale
from graph.music.symbols import read_quality

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")
_NUMERAL = re.compile(r"([#b]{0,2})(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)(?![IViv])(.*)", re.DOTALL)
_STACKS = {"7": 4, "9": 5, "11": 6, "13": 7}
_FIGURES = {"64": 2, "65": 1, "43": 2, "42": 3}
"""Figured bass of inversions; `6` alone is an added sixth, as in chord symbols. `I/3` is the first inversion."""
MOST = 256
"""Maximum number of chords in a progression."""
HOW = "write roman numerals such as I V7 vi IV or V7/V, or symbols such as C G7"


def key(text: str) -> Scale:
    """A key: `C`, `A minor`, `Am`, `D dorian`; MusicError for a scale without seven notes."""
    said = plain(text)
    short = re.fullmatch(r"([A-Ga-g][#b]{0,2})(m|M)?", said)
    if short:
        minor = short[2] == "m" or (short[2] is None and short[1][0].islower())
        said = f"{short[1][0].upper()}{short[1][1:]} {'minor' if minor else 'major'}"
    if not re.match(r"[A-G][#b]{0,2}\s", said):
        raise MusicError(f"'{text}' is not a key; write a root and a scale, such as C, A minor or D dorian")
    found = scale(said)
    if len(found.steps) != 7 or any(step != int(step) for step in found.steps):
        raise MusicError(f"the scale of the key '{text}' has {len(found.steps)} notes; roman numerals count seven")
    return found


_key_of = key


def signature(of: str | Scale) -> int:
    """Sharps of a key signature, negative for flats: 2 for D major, -3 for C minor, that of the notes for a mode."""
    found = key(of) if isinstance(of, str) else of
    return sum(each.alter for each in found.spelled())


def progression(text: str | Iterable[str], key: str | Scale = "C major") -> list[Chord]:
    """The chords of a text such as `I V vi IV | ii V7/V V`, in a key; MusicError names an unreadable one.

    The case of a numeral decides major or minor, `°` diminished, `ø` half-diminished, `+` augmented. A bare `7`, `9`,
    `11` or `13` takes the notes of the key: in C, I7 is Cmaj7 and V7 is G7; `Idom7` is C7 and `Vmaj7` Gmaj7. Other
    parts are those of chord symbols: `IVsus4`, `Iadd9`, `ii6`. `b` and `#` move the root: bVII is Bb in C. After
    `/`, a numeral is a key of its own (`V7/ii`), a number is the chord's note in the bass (`I/3`). In a minor key
    VI and VII are those of natural minor, and `vii°` is on the raised seventh. Chord symbols may stand between them.
    """
    home = _key_of(key) if isinstance(key, str) else key
    words = text.replace("|", " ").replace(",", " ").split() if isinstance(text, str) else list(text)
    words = [word for each in words for word in (each.split("-") if re.fullmatch(r"[IViv°+7-]+", each) else [each])]
    if not words:
        raise MusicError(f"the progression has no chord; {HOW}")
    if len(words) > MOST:
        raise MusicError(f"a progression has at most {MOST} chords, not {len(words):,}")
    return [_chord(word, home) for word in words]


def _chord(word: str, home: Scale) -> Chord:
    said = plain(word)
    match = _NUMERAL.fullmatch(said)
    if match is None:
        try:
            return chord(said)
        except MusicError:
            raise MusicError(f"'{word}' is not a chord of a progression; {HOW}") from None
    rest, _, under = match[3].replace("6/9", "69").partition("/")
    if _NUMERAL.fullmatch(under):
        target = _chord(under, home)
        minor = 3 in target.intervals
        home = scale("minor" if minor else "major", target.root)
    elif under and not re.fullmatch(r"[1-9]|1[0-3]", under):
        raise MusicError(f"'{word}' is not a chord of a progression: after '/' write a numeral or a note of the chord")
    root = _root(match[1], match[2], rest, home)
    found = _quality(match[2], rest, root, home, word)
    if under.isdigit():
        return _over(found, int(under), word)
    figure = next((each for each in _FIGURES if rest.endswith(each)), "")
    return found.inversion(_FIGURES[figure]) if figure else found


def _root(signs: str, numeral: str, rest: str, home: Scale) -> Note:
    """The root: the key's degree; a flat counts from the major scale, a sharp from the key."""
    place = ROMAN.index(numeral.upper())
    alter = signs.count("#") - signs.count("b")
    major = Degree(place + 1)
    own = Degree(place + 1, int(home.steps[place]) - major.semitones)
    minor_key = home.steps[2] == 3
    if minor_key and not signs and numeral in ("vi", "vii") and rest[:1] in ("°", "o", "ø", "d", "h"):
        return home.root.above(major)
    if alter < 0 and minor_key:
        return home.root.above(Degree(place + 1, alter))
    return home.root.above(Degree(place + 1, own.alter + alter))


def _quality(numeral: str, rest: str, root: Note, home: Scale, word: str) -> Chord:
    """The chord of a numeral: its triad by case, with the parts of a symbol."""
    minor = numeral.islower()
    figure = next((each for each in _FIGURES if rest.endswith(each)), "")
    rest = rest.removesuffix(figure) + ("7" if figure in ("65", "43", "42") else "")
    if rest in _STACKS:
        stacked = [Degree(1), Degree(3, -1 if minor else 0), Degree(5)]
        notes = {each.letter: each for each in home.spelled()}
        for number in range(7, 2 * _STACKS[rest], 2):
            letter = root.above(Degree(number)).letter
            semitones = (notes[letter].pitch_class - root.pitch_class) % 12 + 12 * ((number - 1) // 7)
            alter = semitones - Degree(number).semitones
            stacked.append(Degree(number, alter if abs(alter) < 6 else alter - 12 * (1 if alter > 0 else -1)))
        return chord_of(root, stacked)
    if minor and rest[:1] not in ("°", "o", "ø", "h") and not rest.startswith("dim"):
        rest = f"m{rest.removeprefix('m') if rest[:2] not in ('ma',) else rest}"
    try:
        return Chord(root, read_quality(rest, word))
    except MusicError:
        raise MusicError(f"cannot read '{rest}' in '{word}'; {HOW}") from None


def _over(found: Chord, number: int, word: str) -> Chord:
    """A chord over one of its notes."""
    order = sorted(found.degrees, key=lambda each: each.semitones)
    for place, degree in enumerate(order):
        if degree.number == number:
            return found.inversion(place)
    known = ", ".join(str(each.number) for each in order)
    raise MusicError(f"'{word}': the chord has no {number} to stand on; its notes are {known}")


def relative(of: str | Scale) -> Scale:
    """The relative key: A minor of C major, and the other way round."""
    found = key(of) if isinstance(of, str) else of
    minor = found.steps[2] == 3
    root = found.root.above(Degree(3, -1)) if minor else found.root.above(Degree(6))
    return scale("major" if minor else "minor", note(root.name))
