"""Progressions from roman numerals, keys and voice leading."""

from __future__ import annotations

import pytest

from graph import music
from graph.music import MusicError


@pytest.mark.parametrize(
    ("key", "numerals", "symbols"),
    [
        ("C", "I V vi IV", "C G Am F"),
        ("C", "I-V-vi-IV", "C G Am F"),
        ("G major", "I | vi, ii V7", "G Em Am D7"),
        ("C", "I7 ii7 iii7 IV7 V7 vi7 viiø7", "Cmaj7 Dm7 Em7 Fmaj7 G7 Am7 Bm7b5"),
        ("C", "Idom7 Imaj7 V9 V13 ii9 Vsus4 Iadd9 iv6 I6", "C7 Cmaj7 G9 G13 Dm9 Gsus4 Cadd9 Fm6 C6"),
        ("C", "V7/V V/ii V7/ii vii°7/V IV/IV", "D7 A A7 F#dim7 Bb"),
        ("C", "bVII bIII bVI #iv° bII", "Bb Eb Ab F#dim Db"),
        ("C", "I/3 V7/5 V65 V43 V42 I64", "C/E G7/D G7/B G7/D G7/F C/G"),
        ("A minor", "i iv V7 i VI VII III", "Am Dm E7 Am F G C"),
        ("Am", "ii° iiø7 vii° vii°7 bVII bVI", "Bdim Bm7b5 G#dim G#dim7 G F"),
        ("D dorian", "i IV bVII", "Dm G C"),
        ("Eb", "ii V I", "Fm Bb Eb"),
        ("C", "I+ vi° C#dim7 Dm7", "Caug Adim C#dim7 Dm7"),
    ],
)
def test_roman_numerals_in_a_key(key: str, numerals: str, symbols: str) -> None:
    assert [chord.symbol for chord in music.progression(numerals, key)] == symbols.split()


def test_a_progression_may_be_a_list_in_a_key_made_before() -> None:
    assert [chord.symbol for chord in music.progression(["ii7", "V7"], music.key("F"))] == ["Gm7", "C7"]


@pytest.mark.parametrize(
    ("key", "sharps", "other"),
    [
        ("C", 0, "A minor"),
        ("D major", 2, "B minor"),
        ("Cm", -3, "Eb major"),
        ("F#", 6, "D# minor"),
        ("Ab", -4, "F minor"),
    ],
)
def test_signatures_and_relative_keys(key: str, sharps: int, other: str) -> None:
    assert music.signature(key) == sharps
    assert str(music.relative(key)) == other


def test_voices_move_as_little_as_possible() -> None:
    assert music.voice_led(music.progression("I V vi IV")) == [[60, 64, 67], [59, 62, 67], [60, 64, 69], [60, 65, 69]]


def test_voice_leading_is_the_best_of_all_placements() -> None:
    """Against a search through every set of keys."""
    from itertools import combinations

    chords = music.progression("I ii7 V7 I", "D")
    led = music.voice_led(chords, low=55, high=79)
    for before, keys, chord in zip(led, led[1:], chords[1:], strict=False):
        choices = [key for key in range(55, 80) if key % 12 in chord.pitch_classes]
        complete = [c for c in combinations(choices, len(before)) if {key % 12 for key in c} == chord.pitch_classes]
        best = min(sum(abs(a - b) for a, b in zip(before, each, strict=True)) for each in complete)
        assert sum(abs(a - b) for a, b in zip(before, keys, strict=True)) == best
        assert {key % 12 for key in keys} == chord.pitch_classes


@pytest.mark.parametrize(
    ("voicing", "keys"),
    [
        ("close", [60, 64, 67, 71, 74]), ("open", [60, 67, 74, 76, 83]), ("drop2", [59, 60, 64, 67, 74]),
        ("drop3", [55, 60, 64, 71, 74]), ("shell", [60, 64, 71]), ("rootless", [64, 67, 71, 74]),
        ("spread", [48, 64, 67, 71, 74]),
    ],
)  # fmt: skip
def test_voicings_of_a_major_ninth(voicing: str, keys: list[int]) -> None:
    assert music.voiced(music.chord("Cmaj9"), voicing) == keys


@pytest.mark.parametrize(
    ("numerals", "key", "message"),
    [
        ("", "C", "the progression has no chord; write roman numerals such as I V7 vi IV"),
        ("I VIII", "C", "'VIII' is not a chord of a progression"),
        ("I H7#x", "C", "'H7#x' is not a chord of a progression; write roman numerals"),
        ("I7b", "C", "cannot read '7b' in 'I7b'"),
        ("I/9", "C", "'I/9': the chord has no 9 to stand on; its notes are 1, 3, 5"),
        ("I/x", "C", "after '/' write a numeral or a note of the chord"),
        ("I", "C blues", "the scale of the key 'C blues' has 6 notes; roman numerals count seven"),
        ("I", "H", "'H' is not a key; write a root and a scale, such as C, A minor or D dorian"),
        ("I " * 257, "C", "a progression has at most 256 chords, not 257"),
    ],
)
def test_what_cannot_be_read_is_answered_in_a_sentence(numerals: str, key: str, message: str) -> None:
    with pytest.raises(MusicError) as error:
        music.progression(numerals, key)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
