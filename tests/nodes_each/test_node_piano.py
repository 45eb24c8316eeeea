from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, centroid, cents, let_go, peak_db, pitch, play, steepest, stolen

from nodes import Piano
from nodes.dsp.physical.string import inharmonicity

KEYS = [27.5, 82.4, 220.0, 659.26, 1_760.0, 4_186.0]


def level(x, freq):
    """Amplitude of a partial in dB."""
    turns = freq / 48_000 * np.arange(len(x))
    return 20 * np.log10(np.abs((x * np.hanning(len(x)) * np.exp(-2j * np.pi * turns)).sum()))


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", KEYS)
def test_each_string_is_in_tune(freq, sample_rate):
    if freq > sample_rate / 9:
        pytest.skip("the string does not reach so high at this rate")
    x = play(Piano, 1.0, sample_rate, freq=freq, detune=0.0, knock=0.0)[round(0.05 * sample_rate) :, 0]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 0.2


@pytest.mark.parametrize(("freq", "low", "high"), [(27.5, 1e-4, 6e-4), (110, 5e-5, 3e-4), (440, 4e-4, 1e-3)])
def test_inharmonicity_is_a_grands(freq, low, high):
    assert low < inharmonicity(np.float32(freq)) < high


def test_the_partials_are_stretched():
    x = play(Piano, 1.0, freq=220.0, detune=0.0, velocity=1.0, hardness=1.0)[:, 0]
    stiff = float(inharmonicity(np.float32(220)))
    for n in range(2, 9):
        wanted = 220 * n * np.sqrt((1 + stiff * n * n) / (1 + stiff))
        if n % 8:
            assert abs(cents(pitch(x, 48_000, wanted, 20), wanted)) < 2


def test_it_decays_twice_first_fast_then_slowly():
    x = play(Piano, 2.4, freq=220.0, decay=2.0, detune=0.0, knock=0.0)[:, 0]
    parts = [level(x[at : at + 9_600], 220) for at in (2_400, 21_600, 84_000, 103_200)]
    assert parts[0] - parts[1] > 1.4 * (parts[2] - parts[3])


def test_a_faster_hammer_is_louder_and_brighter():
    soft, loud = (play(Piano, 0.4, velocity=v, knock=0.0, freq=130.8) for v in (0.2, 1.0))
    assert np.abs(loud).max() > 3 * np.abs(soft).max()
    assert centroid(loud, 48_000) > 1.2 * centroid(soft, 48_000)


def test_two_strings_beat():
    x = play(Piano, 2.0, freq=220.0, detune=16.0, knock=0.0, decay=30.0)[:, 0]
    beat = 220 * (2 ** (8 / 1200) - 2 ** (-8 / 1200))
    parts = np.array([level(x[at : at + 4_800], 220) for at in range(0, 90_000, 1_200)])
    period = 1 / beat * 40
    dips = np.flatnonzero((parts[1:-1] < parts[:-2]) & (parts[1:-1] < parts[2:]) & (parts[1:-1] < parts.mean()))
    assert np.diff(dips).mean() == pytest.approx(period, rel=0.15)


def test_the_gate_damps_all_but_the_highest_notes():
    gate = (np.arange(24_000) < 9_600).astype(float)
    for freq, damped in ((220.0, True), (1_760.0, False)):
        x = play(Piano, 0.5, freq=freq, gate=gate, release=0.1, knock=0.0)
        assert (np.abs(x[9_600 + 7_200 :]).max() < 5e-3 * np.abs(x[:9_600]).max()) == damped


@pytest.mark.parametrize("velocity", [0.1, 1.0])
@pytest.mark.parametrize("freq", [32.7, 130.8, 369.99, 587.33, 932.33, 1_396.9])
def test_letting_go_of_a_key_does_not_click(freq, velocity):
    for values in ({}, {"release": 0.01}, {"decay": 2.0, "release": 1.0}):
        tone, click = let_go(Piano, freq=freq, velocity=velocity, **values)
        assert click < tone - 60


@pytest.mark.parametrize("before", [32.7, 220.0, 1_046.5])
@pytest.mark.parametrize("after", [32.7, 246.94, 932.33, 4_186.0])
def test_a_stolen_voice_clicks_no_louder_than_the_new_note(before, after):
    for detune in (0.8, 50.0):
        taken, own = stolen(Piano, (before, 0.8), (after, 0.3), detune=detune)
        assert taken < own + 1


def test_a_key_that_is_struck_again_and_again_is_as_loud_as_at_first():
    x = play(Piano, 4.0, at=np.arange(32) / 8, freq=1_318.5, velocity=1.0, knock=0.0)[:, 0]
    loud = [peak_db(x[at : at + 24_000]) for at in (24_000, 168_000)]
    assert abs(loud[1] - loud[0]) < 1.5


@pytest.mark.parametrize("release", [0.3, 1.0])
@pytest.mark.parametrize("freq", [110.0, 440.0, 1_108.7])
def test_the_damper_reaches_the_requested_release(freq, release):
    gate = (np.arange(38_400) < 12_000).astype(float)
    x = play(Piano, 0.8, freq=freq, gate=gate, release=release, knock=0.0, detune=0.0)[:, 0]
    lost = level(x[14_400:24_000], freq) - level(x[24_000:33_600], freq)
    assert 60 * 0.2 / lost == pytest.approx(release, rel=0.05)


@pytest.mark.parametrize("at", [0.0501, 0.0537, 0.0563])
def test_repeating_a_ringing_key_does_not_click(at):
    once, again = (play(Piano, 0.12, at=times, knock=0.0) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


def test_a_strike_falls_on_its_exact_frame():
    early, late = (play(Piano, 0.1, at=(time,), knock=0.0)[:, 0] for time in (0.0, 0.01))
    np.testing.assert_allclose(early[:-480], late[480:], atol=1e-5)
    assert early[0] > 0
    assert not late[:480].any()


def test_it_stays_in_range():
    for freq in (32.7, 220.0, 2_093.0):
        assert 0.25 < np.abs(play(Piano, 0.2, freq=freq, velocity=1.0)).max() < 1.4
    assert np.abs(play(Piano, 0.3, at=np.arange(140) / 480, decay=60.0)).max() < 17


def test_it_starts_and_ends_in_silence():
    assert not play(Piano, 0.9, decay=0.12, freq=440.0)[-1_200:].any()
    assert not play(Piano, 0.05, at=()).any()
