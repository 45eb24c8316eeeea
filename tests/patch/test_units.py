"""Units checked against physics and the tuning of a piano."""

import pytest

from graph.language.units import UNITS, describe, in_own_unit, note_frequency, note_number, product, quantity, ratio


@pytest.mark.parametrize(
    ("number", "unit", "value", "dimension"),
    [
        (440, "Hz", 440.0, "Hz"),
        (1.2, "kHz", 1200.0, "Hz"),
        (2, "s", 2.0, "s"),
        (10, "ms", 0.01, "s"),
        (50, "us", 0.00005, "s"),
        (120, "bpm", 120.0, "bpm"),
        (90, "degrees", 90.0, "degrees"),
        (0.375, "beats", 0.375, "beats"),
        (2, "bars", 2.0, "bars"),
        (70, "%", 0.7, "ratio"),
        (-20, "dB", 0.1, "ratio"),
        (12, "semitones", 2.0, "ratio"),
        (-1200, "cents", 0.5, "ratio"),
    ],
)
def test_a_quantity_is_counted_in_the_base_unit_of_its_dimension(number, unit, value, dimension):
    assert quantity(number, unit) == (pytest.approx(value), dimension)


def test_six_decibels_nearly_double_an_amplitude():
    assert ratio(6.0206, "dB") == pytest.approx(2.0, rel=1e-5)


def test_seven_semitones_are_nearly_a_perfect_fifth():
    assert ratio(7, "semitones") == pytest.approx(1.5, rel=2e-3)
    assert ratio(700, "cents") == ratio(7, "semitones")


@pytest.mark.parametrize(
    ("name", "key", "hertz"),
    [
        ("C-1", 0, 8.1758),
        ("A0", 21, 27.5),
        ("C4", 60, 261.6256),
        ("A4", 69, 440.0),
        ("C8", 108, 4186.009),
        ("G9", 127, 12543.85),
    ],
)
def test_note_names_are_the_keys_and_frequencies_of_a_piano(name, key, hertz):
    assert note_number(name) == key
    assert note_frequency(key) == pytest.approx(hertz, rel=1e-6)


def test_accidentals_move_by_semitones_across_the_octave():
    assert note_number("C#4") == note_number("Db4") == 61
    assert note_number("B#3") == note_number("C4")
    assert note_number("Cb4") == note_number("B3")
    assert note_number("F##4") == note_number("G4") == note_number("Abb4")


@pytest.mark.parametrize("word", ["H4", "c4", "C", "C10", "C-2", "C#", "4C", "C4 ", "Cb#4", "C" + "9" * 5000])
def test_other_words_are_not_notes(word):
    assert note_number(word) is None


def test_intervals_convert_to_each_other_and_levels_to_nothing():
    assert in_own_unit(700, "cents", "semitones") == pytest.approx(7)
    assert in_own_unit(7, "semitones", "cents") == pytest.approx(700)
    assert in_own_unit(-6, "dB", "dB") == -6
    assert in_own_unit(-6, "dB", "semitones") is None
    assert in_own_unit(50, "%", "dB") is None


@pytest.mark.parametrize(
    ("a", "b", "sign", "dimension"),
    [
        ("Hz", "", 1, "Hz"),
        ("", "s", 1, "s"),
        ("Hz", "s", 1, ""),
        ("", "s", -1, "Hz"),
        ("", "Hz", -1, "s"),
        ("Hz", "Hz", -1, ""),
        ("Hz", "Hz", 1, "s^-2"),
        ("s^-2", "Hz", -1, "Hz"),
        ("bpm", "", 1, "bpm"),
        ("bpm", "bpm", -1, ""),
        ("bpm", "Hz", 1, None),
        ("", "bpm", -1, None),
        ("any", "Hz", 1, "any"),
    ],
)
def test_dimensions_multiply_as_in_physics(a, b, sign, dimension):
    assert product(a, b, sign) == dimension


def test_every_unit_is_described_in_words():
    for unit in UNITS.values():
        assert "value in" not in describe(unit.dimension)
    assert describe("s^-2") == "a value in s^-2"
