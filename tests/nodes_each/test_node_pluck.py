from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, centroid, cents, let_go, pitch, play, spectrum, steepest

from nodes import Pluck

KEYS = [27.5, 61.7, 110.0, 261.63, 554.37, 1_244.5, 2_489.0, 4_186.0]


def level(x, sample_rate, freq):
    """Amplitude of a partial in dB."""
    turns = freq / sample_rate * np.arange(len(x))
    return 20 * np.log10(np.abs((x * np.hanning(len(x)) * np.exp(-2j * np.pi * turns)).sum()))


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", KEYS)
def test_it_is_in_tune(freq, sample_rate):
    if freq > sample_rate / 10:
        pytest.skip("the string does not reach so high at this rate")
    x = play(Pluck, 1.0, sample_rate, freq=freq)[round(0.05 * sample_rate) :, 0]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 0.1


@pytest.mark.parametrize("values", [{"damping": 1_500.0}, {"stiffness": 0.002}, {"stiffness": 0.0}])
def test_other_controls_leave_it_in_tune(values):
    x = play(Pluck, 1.0, freq=329.63, **values)[2_400:, 0]
    assert abs(cents(pitch(x, 48_000, 329.63), 329.63)) < 0.1


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", [110.0, 440.0])
def test_the_fundamental_falls_by_60_db_in_its_decay(freq, sample_rate):
    x = play(Pluck, 1.0, sample_rate, freq=freq, decay=2.0)[:, 0]
    half = len(x) // 2
    lost = level(x[:half], sample_rate, freq) - level(x[half:], sample_rate, freq)
    assert lost == pytest.approx(60 * 0.5 / (2.0 * np.sqrt(220 / freq)), rel=0.02)


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("freq", [2_489.0, 3_520.0, 3_729.3, 4_186.0])
@pytest.mark.parametrize("decay", [4.0, 20.0])
def test_the_top_of_the_keyboard_reaches_the_requested_decay(decay, freq, sample_rate):
    asked = decay * np.sqrt(220 / freq)
    half = round(min(0.3 * asked, 0.4) * sample_rate)
    x = play(Pluck, 0.06 + 2 * half / sample_rate, sample_rate, freq=freq, decay=decay)[round(0.05 * sample_rate) :, 0]
    lost = level(x[:half], sample_rate, freq) - level(x[half : 2 * half], sample_rate, freq)
    assert 60 * half / sample_rate / lost == pytest.approx(asked, rel=0.01)


def test_partials_fall_the_faster_the_higher():
    x = play(Pluck, 1.0, freq=220.0, damping=3_000.0, stiffness=0.0)[:, 0]
    lost = [level(x[:24_000], 48_000, 220 * n) - level(x[24_000:], 48_000, 220 * n) for n in (1, 3, 6, 9)]
    assert lost == sorted(lost)
    assert lost[-1] > lost[0] + 10


def test_stiffness_stretches_the_partials_as_a_stiff_string_does():
    stiffness = 0.0004
    x = play(Pluck, 1.0, freq=220.0, stiffness=stiffness, damping=20_000.0, position=0.03, brightness=1.0)[:, 0]
    for n in range(2, 11):
        wanted = 220 * n * np.sqrt((1 + stiffness * n * n) / (1 + stiffness))
        assert abs(cents(pitch(x, 48_000, wanted, 25), wanted)) < 3


def test_a_string_plucked_in_its_middle_lacks_the_even_partials():
    x = play(Pluck, 1.0, freq=200.0, position=0.5, stiffness=0.0)[:, 0]
    freqs, levels = spectrum(x, 48_000)
    at = [levels[np.argmin(np.abs(freqs - 200 * n))] for n in range(1, 7)]
    assert min(at[0:6:2]) > max(at[1:6:2]) + 25


def test_brightness_and_velocity_make_it_brighter():
    middle = [centroid(play(Pluck, 0.3, **more), 48_000) for more in ({"brightness": 0.2}, {"velocity": 0.4}, {})]
    assert middle[0] < middle[1] < middle[2]


def test_the_gate_damps_it():
    gate = (np.arange(24_000) < 9_600).astype(float)
    x = play(Pluck, 0.5, gate=gate, release=0.1)[:, 0]
    assert np.abs(x[9_600 + 5_760 :]).max() < 2e-3 * np.abs(x[:9_600]).max()


@pytest.mark.parametrize("velocity", [0.1, 1.0])
@pytest.mark.parametrize("freq", [32.7, 130.8, 523.25, 1_046.5, 2_093.0, 4_186.0])
def test_letting_go_of_a_string_does_not_click(freq, velocity):
    for values in ({}, {"release": 0.01}, {"decay": 2.0, "release": 0.5}):
        tone, click = let_go(Pluck, freq=freq, velocity=velocity, **values)
        assert click < max(tone - 60, -120)


@pytest.mark.parametrize("release", [0.15, 0.6])
@pytest.mark.parametrize("freq", [110.0, 440.0])
def test_the_damper_reaches_the_requested_release(freq, release):
    gate = (np.arange(28_800) < 4_800).astype(float)
    x = play(Pluck, 0.6, freq=freq, gate=gate, release=release)[:, 0]
    lost = level(x[7_200:12_000], 48_000, freq) - level(x[12_000:16_800], 48_000, freq)
    assert 60 * 0.1 / lost == pytest.approx(release, rel=0.03)


@pytest.mark.parametrize("at", [0.0501, 0.0537, 0.0563])
def test_plucking_a_ringing_string_does_not_click(at):
    once = play(Pluck, 0.15, freq=196.0)
    again = play(Pluck, 0.15, at=(0.0, at), freq=196.0)
    assert steepest(again) <= 2 * steepest(once)


def test_a_ringing_string_that_takes_another_note_does_not_click():
    freq = np.where(np.arange(9_600) < 4_800, 196.0, 330.0)
    x = play(Pluck, 0.2, freq=freq)[:, 0]
    assert np.abs(np.diff(x[4_700:5_000])).max() < steepest(x[:4_700])


def test_a_pluck_falls_on_its_exact_frame():
    early, late = (play(Pluck, 0.1, at=(time,))[:, 0] for time in (0.0, 0.01))
    np.testing.assert_allclose(early[:-480], late[480:], atol=1e-5)
    assert early[0] > 0
    assert not late[:480].any()


def test_it_stays_in_range():
    for freq in (40.0, 220.0, 3_000.0):
        assert 0.3 < np.abs(play(Pluck, 0.1, freq=freq)).max() < 1.2
    assert np.abs(play(Pluck, 0.3, at=np.arange(140) / 480, decay=60.0)).max() < 8.1


def test_it_starts_and_ends_in_silence():
    assert not play(Pluck, 0.7, decay=0.2)[-1_200:].any()
    assert not play(Pluck, 0.05, at=()).any()
