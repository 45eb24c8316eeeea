"""Voicings: the keys in which a chord is played, and voice leading from one chord to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.errors import MusicError, did_you_mean
from graph.music.chords import Chord

VOICINGS = ("close", "open", "drop2", "drop3", "shell", "rootless", "spread")
"""Shapes: `close` within the chord's span; `open` every second note an octave up; `drop2` and `drop3` the second or
third highest an octave down; `shell` root, third or fourth and seventh or sixth; `rootless` without the root; `spread`
the root an octave down."""


def voiced(chord: Chord, voicing: str = "close", octave: int = 4) -> list[int]:
    """MIDI keys of a chord in a shape, ascending, with its root in an octave before notes are moved."""
    if voicing not in VOICINGS:
        known = ", ".join(VOICINGS)
        raise MusicError(f"there is no voicing '{voicing}'.{did_you_mean(voicing, VOICINGS)} The voicings are {known}")
    keys = chord.keys(octave)
    bass, rest = (keys[:1], keys[1:]) if chord.bass else ([], keys)
    if voicing == "open":
        rest = [key + 12 * (place % 2) for place, key in enumerate(rest)]
    elif voicing in ("drop2", "drop3"):
        place = len(rest) - int(voicing[-1])
        rest = [key - 12 * (each == place) for each, key in enumerate(rest)]
    elif voicing == "shell":
        root = 12 * (octave + 1) + chord.root.pitch_class
        wanted = [1, *([n for n in (3, 4, 2) if _has(chord, n)][:1]), *([n for n in (7, 6) if _has(chord, n)][:1])]
        shell = [root + degree.semitones for degree in chord.degrees if degree.number in wanted]
        rest = shell if len(shell) > 1 else rest
    elif voicing == "rootless":
        upper = [key for key in rest if key % 12 != chord.root.pitch_class]
        rest = upper or rest
    elif voicing == "spread":
        rest = [rest[0] - 12, *rest[1:]]
    return sorted({*bass, *rest})


def _has(chord: Chord, number: int) -> bool:
    return any(degree.number == number for degree in chord.degrees)


def voice_led(chords: Sequence[Chord], start: Iterable[int] = (), low: int = 48, high: int = 79) -> list[list[int]]:
    """Keys of each chord such that the voices move as little as possible from chord to chord.

    start      keys of the first chord; by default its close position nearest to the middle of the range
    low, high  the range of the keys

    All chords have as many voices as the largest has notes; smaller ones double a note. Between two chords, the sum
    of the distances that the voices move is minimal, with the voices in order: for such a sum that is the best
    assignment (D. Tymoczko, A Geometry of Music, 2011, chapter 2).
    """
    if high - low < 23:
        raise MusicError(f"voice leading needs a range of two octaves; {low} to {high} is less")
    voices = max((len(chord.pitch_classes) for chord in chords), default=0)
    found: list[list[int]] = []
    before = sorted(start)
    for chord in chords:
        before = _led(before, chord, voices, low, high) if before else _close(chord, voices, low, high)
        found.append(before)
    return found


def _close(chord: Chord, voices: int, low: int, high: int) -> list[int]:
    """The close position of a chord whose middle is nearest to that of the range."""
    allowed = [key for key in range(low, high + 1) if key % 12 in chord.pitch_classes]
    rows = [allowed[place : place + voices] for place in range(max(len(allowed) - voices, 0) + 1)]
    return min(rows, key=lambda keys: abs(keys[0] + keys[-1] - low - high))


def _led(before: list[int], chord: Chord, voices: int, low: int, high: int) -> list[int]:
    """The keys with every pitch class of a chord that lie nearest to the ones before, voice by voice.

    Voice after voice, it keeps the cheapest way to each highest key with each set of pitch classes so far.
    """
    allowed = [key for key in range(low, high + 1) if key % 12 in chord.pitch_classes]
    voices = min(max(voices, len(before)), len(allowed))
    aims = (before + before[-1:] * voices)[:voices]
    bit = {each: 1 << place for place, each in enumerate(sorted(chord.pitch_classes))}
    ways: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {(low - 1, 0): (0, ())}
    for aim in aims:
        longer: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {}
        for (last, seen), (cost, keys) in ways.items():
            for key in allowed:
                if key > last:
                    state, way = (key, seen | bit[key % 12]), (cost + abs(key - aim), (*keys, key))
                    longer[state] = min(longer.get(state, way), way)
        ways = longer
    whole = [way for (_, seen), way in ways.items() if seen == (1 << len(bit)) - 1]
    return list(min(whole)[1]) if whole else _close(chord, voices, low, high)
