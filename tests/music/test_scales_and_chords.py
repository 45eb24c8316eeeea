"""Scales, chords, intervals and their names, against values written by hand."""

from __future__ import annotations

import pytest

from graph import music
from graph.music import MusicError

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11), "natural_minor": (0, 2, 3, 5, 7, 8, 10), "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 9, 11), "ionian": (0, 2, 4, 5, 7, 9, 11), "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10), "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10), "locrian": (0, 1, 3, 5, 6, 8, 10), "major_pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10), "blues": (0, 3, 5, 6, 7, 10), "major_blues": (0, 2, 3, 4, 7, 9),
    "whole_tone": (0, 2, 4, 6, 8, 10), "diminished": (0, 2, 3, 5, 6, 8, 9, 11),
    "diminished_whole_half": (0, 1, 3, 4, 6, 7, 9, 10), "chromatic": tuple(range(12)),
    "hungarian_minor": (0, 2, 3, 6, 7, 8, 11), "phrygian_dominant": (0, 1, 4, 5, 7, 8, 10),
    "double_harmonic": (0, 1, 4, 5, 7, 8, 11), "hirajoshi": (0, 2, 3, 7, 8), "in_sen": (0, 1, 5, 7, 10),
    "iwato": (0, 1, 5, 6, 10), "arabian": (0, 2, 4, 5, 6, 8, 10), "persian": (0, 1, 4, 5, 6, 8, 11),
    "balinese": (0, 1, 3, 7, 8),
}  # fmt: skip
"""The scale names of coremusic."""

CHORDS = {
    "major": (0, 4, 7), "minor": (0, 3, 7), "diminished": (0, 3, 6), "augmented": (0, 4, 8), "sus2": (0, 2, 7),
    "sus4": (0, 5, 7), "major_7": (0, 4, 7, 11), "minor_7": (0, 3, 7, 10), "dominant_7": (0, 4, 7, 10),
    "diminished_7": (0, 3, 6, 9), "half_diminished_7": (0, 3, 6, 10), "minor_major_7": (0, 3, 7, 11),
    "augmented_7": (0, 4, 8, 10), "augmented_major_7": (0, 4, 8, 11), "major_6": (0, 4, 7, 9), "minor_6": (0, 3, 7, 9),
    "add9": (0, 4, 7, 14), "add11": (0, 4, 7, 17), "minor_add9": (0, 3, 7, 14), "major_9": (0, 4, 7, 11, 14),
    "minor_9": (0, 3, 7, 10, 14), "dominant_9": (0, 4, 7, 10, 14), "major_11": (0, 4, 7, 11, 14, 17),
    "minor_11": (0, 3, 7, 10, 14, 17), "dominant_11": (0, 4, 7, 10, 14, 17), "major_13": (0, 4, 7, 11, 14, 17, 21),
    "minor_13": (0, 3, 7, 10, 14, 17, 21), "dominant_13": (0, 4, 7, 10, 14, 17, 21),
    "dominant_7_flat_5": (0, 4, 6, 10), "dominant_7_sharp_5": (0, 4, 8, 10), "dominant_7_flat_9": (0, 4, 7, 10, 13),
    "dominant_7_sharp_9": (0, 4, 7, 10, 15), "dominant_7_flat_5_flat_9": (0, 4, 6, 10, 13),
    "dominant_7_sharp_5_sharp_9": (0, 4, 8, 10, 15), "power": (0, 7), "power_octave": (0, 7, 12),
}  # fmt: skip
"""The chord names of coremusic."""

MAQAMAT = "ajam bayati hijaz hijazkar kurd nahawand nakriz rast saba suznak"


@pytest.mark.parametrize("name", SCALES)
def test_a_scale_by_name_and_by_numbers(name: str) -> None:
    assert music.scale(name).steps == SCALES[name]
    assert music.scale(name.upper().replace("_", " ")).steps == SCALES[name]
    numbers = " ".join(map(str, SCALES[name]))
    assert music.scale(numbers).steps == SCALES[name]


@pytest.mark.parametrize("name", CHORDS)
def test_a_chord_by_name(name: str) -> None:
    assert music.chord(name).intervals == CHORDS[name]
    assert music.chord(f"C {name.replace('_', ' ')}").intervals == CHORDS[name]


@pytest.mark.parametrize("name", music.CHORDS)
def test_a_symbol_reads_as_the_chord_that_wrote_it(name: str) -> None:
    for root in ("C", "F#", "Bb"):
        chord = music.chord(name, root)
        assert music.chord(chord.symbol) == chord


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("D major", "D E F# G A B C#"),
        ("Eb major", "Eb F G Ab Bb C D"),
        ("F# major", "F# G# A# B C# D# E#"),
        ("Gb major", "Gb Ab Bb Cb Db Eb F"),
        ("A harmonic minor", "A B C D E F G#"),
        ("G altered", "G Ab Bb Cb Db Eb F"),
        ("C blues", "C Eb F Gb G Bb"),
        ("C double-harmonic", "C Db E F G Ab B"),
        ("D bhupali", "D E F# A B"),
    ],
)
def test_a_scale_is_spelled_as_musicians_write_it(text: str, notes: str) -> None:
    assert music.scale(text).notes == notes.split()


@pytest.mark.parametrize(
    ("symbol", "notes"),
    [
        ("C", "C E G"), ("Am", "A C E"), ("A-7", "A C E G"), ("G7", "G B D F"), ("CΔ", "C E G B"), ("CM7", "C E G B"),
        ("F♯m7♭5", "F# A C E"), ("Bø7", "B D F A"), ("B°7", "B D F Ab"), ("Bdim7", "B D F Ab"), ("C+", "C E G#"),
        ("Caug7", "C E G# Bb"), ("Ebmaj9", "Eb G Bb D F"), ("C6/9", "C E G A D"), ("Csus", "C F G"),
        ("D9sus4", "D G A C E"), ("C7#9b13", "C E G Bb D# Ab"), ("C7alt", "C E G# Bb D#"), ("CmMaj7", "C Eb G B"),
        ("Cadd9no5", "C E D"), ("C(add9)", "C E G D"), ("F5", "F C"), ("C/E", "C E G"), ("C/D", "D C E G"),
        ("Cm7b5/G", "G C Eb Gb Bb"),
    ],
)  # fmt: skip
def test_a_symbol_has_these_notes(symbol: str, notes: str) -> None:
    assert music.chord(symbol).notes == notes.split()


@pytest.mark.parametrize(
    ("notes", "symbols"),
    [
        ("C E G", "C"),
        ("E G C", "C/E"),
        ("A C E G", "Am7 C6/A"),
        ("C E G A", "C6 Am7/C"),
        ("C Eb Gb A", "Cdim7 Ebdim7/C Gbdim7/C Adim7/C"),
        ("B D F A", "Bm7b5 Dm6/B"),
        ("C G", "C5"),
        ("C C# D", ""),
    ],
)
def test_notes_are_named_as_a_chord(notes: str, symbols: str) -> None:
    assert [chord.symbol for chord in music.name_chord(notes)] == symbols.split()


def test_the_lowest_key_is_the_bass() -> None:
    assert music.name_chord([67, 52, 60])[0].symbol == "C/E"


def test_keys_inversions_and_transposition_of_a_chord() -> None:
    chord = music.chord("Cmaj7")
    assert chord.keys() == [60, 64, 67, 71]
    assert [chord.inversion(number).symbol for number in range(4)] == ["Cmaj7", "Cmaj7/E", "Cmaj7/G", "Cmaj7/B"]
    assert chord.inversion(1).keys(3) == [40, 48, 55, 59]
    assert music.chord("Bb7/F").transposed(2).symbol == "C7/G"
    with pytest.raises(MusicError, match="has inversions 0 to 3, not 4"):
        chord.inversion(4)


def test_chords_on_the_degrees_of_a_scale() -> None:
    major, minor = music.scale("C major"), music.scale("A harmonic minor")
    assert [major.chord(degree).symbol for degree in range(1, 8)] == ["C", "Dm", "Em", "F", "G", "Am", "Bdim"]
    assert [major.chord(degree, 4).symbol for degree in range(1, 8)] == [
        "Cmaj7",
        "Dm7",
        "Em7",
        "Fmaj7",
        "G7",
        "Am7",
        "Bm7b5",
    ]
    assert [minor.chord(degree).symbol for degree in range(1, 8)] == ["Am", "Bdim", "Caug", "Dm", "E", "F", "G#dim"]
    assert major.chord(5, 5).symbol == "G9"


def test_keys_and_degrees_of_a_scale() -> None:
    scale = music.scale("D dorian")
    assert scale.keys(60, 72) == [60, 62, 64, 65, 67, 69, 71, 72]
    assert [scale.key(degree) for degree in (0, 1, 2, 8)] == [60, 62, 64, 74]
    assert "F" in scale
    assert "F#" not in scale
    assert 65 in scale


def test_a_raga_has_an_ascent_a_descent_and_a_just_tuning() -> None:
    yaman = music.scale("yaman")
    assert yaman.ascent == (-1, 2, 4, 6, 9, 11, 12)
    assert yaman.descent == (12, 11, 9, 7, 6, 4, 2, 0)
    assert yaman.steps == (0, 2, 4, 6, 7, 9, 11)
    assert yaman.cents == pytest.approx((0, 203.910, 386.314, 590.224, 701.955, 884.359, 1088.269), abs=1e-3)
    assert len(music.RAGAS) == 54
    assert music.scale("Ahir Bhairav", "D").notes == ["D", "Eb", "F#", "G", "A", "B", "C"]


def test_a_maqam_has_quarter_tones() -> None:
    rast = music.scale("maqam rast", "D")
    assert rast.steps == (0, 2, 3.5, 5, 7, 9, 10.5)
    assert rast.descent == (12, 10, 9, 7, 5, 3.5, 2, 0)
    assert rast.keys(62, 66) == [62, 64, 65.5]
    assert set(music.MAQAMAT) == {*MAQAMAT.split()}


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("C4", "G4", "perfect fifth"), ("C", "Eb", "minor third"), ("B", "C", "minor second"),
        ("F", "B", "augmented fourth"),
        ("B", "F", "diminished fifth"), ("C4", "E5", "major 10th"), ("G4", "C4", "perfect fifth"),
        ("C", "C", "perfect unison"),
        ("Ab", "G#", "augmented seventh"),
    ],
)  # fmt: skip
def test_the_interval_between_two_notes(first: str, second: str, name: str) -> None:
    assert music.interval(first, second).name == name


def test_intervals_by_name_and_size() -> None:
    found = [music.interval(size).short for size in (0, 1, 3, 6, 7, 11, 12, 16)]
    assert found == ["P1", "m2", "m3", "A4", "P5", "M7", "P8", "M10"]
    assert music.interval("m3").semitones == 3
    assert music.interval("minor third") == music.interval("m3")
    assert music.interval("M3").inversion.name == "minor sixth"
    assert music.interval("P5").ratio == pytest.approx(2 ** (7 / 12))


def test_notes() -> None:
    assert (music.note("Bb3").key, music.note(61).name, str(music.note("c#5"))) == (58, "C#", "C#5")
    assert music.note("A4").frequency == 440.0
    assert music.pitch_class("Cb") == 11


@pytest.mark.parametrize(
    ("call", "text", "message"),
    [
        (music.chord, "H7#x", "'H7#x' is not a chord: it does not begin with a note from A to G; write a symbol such"),
        (music.chord, "C7#x", "cannot read '#x' in the chord 'C7#x'; write a symbol such as Cm7b5/G"),
        (music.chord, "Cadd99", "a chord has degrees from 2 to 13, not 99 as in 'Cadd99'"),
        (music.chord, "", "'' is not a chord"),
        (music.scale, "", "the scale has no notes; write a name such as dorian, or steps in semitones"),
        (music.scale, "[]", "the scale has no notes"),
        (music.scale, "dorain", "there is no scale 'dorain'. Did you mean 'dorian'?"),
        (music.scale, "2 4 7", "'2 4 7' is not a scale: its steps must rise from 0 to below 12"),
        (music.scale, "0 7 3", "must rise from 0 to below 12"),
        (music.scale, "0 3 12", "must rise from 0 to below 12"),
        (music.note, "H", "'H' is not a note; write a letter A to G"),
        (music.interval, "P3", "'P3' is not an interval; write a short name such as P5 or m3"),
        (music.name_chord, "", "there is no note to name a chord from"),
        (music.name_chord, "C X", "'X' is not a note"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_answered_in_a_sentence(call: object, text: str, message: str) -> None:
    with pytest.raises(MusicError) as error:
        call(text)  # type: ignore[operator]
    assert message in str(error.value)
