from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, centroid, cents, decay_time, kept_in_step, pitch, play, steepest

from nodes import Tom

MEMBRANE = [1, 1.5933, 2.1355, 2.2954, 2.6531, 2.9173]


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", [70.0, 180.0])
def test_the_pitch_settles_at_freq(freq, sample_rate):
    x = play(Tom, 1.2, sample_rate, freq=freq, decay=3.0, click=0.0)[round(0.4 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


def test_the_modes_are_those_of_a_membrane():
    x = play(Tom, 1.0, freq=150.0, decay=5.0, damping=0.0, sweep=0.0, click=0.0, position=0.6, stick=20_000.0)
    for ratio in MEMBRANE:
        assert abs(cents(pitch(x, 48_000, 150 * ratio, 30), 150 * ratio)) < 5


def test_a_strike_in_the_middle_moves_the_round_modes_alone():
    x = play(Tom, 0.5, freq=150.0, position=0.0, damping=0.0, sweep=0.0, click=0.0, stick=20_000.0)
    found = pitch(x, 48_000, 150 * 1.95, 350)
    assert abs(cents(found, 150 * 2.2954)) < 10


@pytest.mark.parametrize("sample_rate", RATES)
def test_it_falls_by_60_db_in_its_decay(sample_rate):
    x = play(Tom, 0.9, sample_rate, decay=0.6, damping=4.0, click=0.0, position=0.0, stick=100.0)
    assert decay_time(x, sample_rate) == pytest.approx(0.6, rel=0.03)


def test_a_hard_strike_begins_higher():
    first = []
    for velocity in (0.2, 1.0):
        x = play(Tom, 0.05, velocity=velocity, sweep=12.0, click=0.0, position=0.0, stick=100.0)[:, 0]
        crossings = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
        first.append(crossings[0])
    assert first[1] < 0.8 * first[0]


def test_a_harder_stick_and_a_harder_strike_are_brighter():
    ways = [{"stick": 400.0}, {"velocity": 0.3}, {}, {"stick": 10_000.0}]
    middle = [centroid(play(Tom, 0.3, **way), 48_000) for way in ways]
    assert middle == sorted(middle)


@pytest.mark.parametrize("at", [0.0501, 0.0537, 0.0563])
def test_a_second_strike_does_not_click(at):
    once, again = (play(Tom, 0.1, at=times, click=0.0) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


def test_it_stays_in_range():
    for position in (0.0, 0.3, 1.0):
        assert np.abs(play(Tom, 0.1, position=position)).max() < 1.3
    assert np.abs(play(Tom, 0.1)).max() > 0.4
    assert np.abs(play(Tom, 0.3, at=np.arange(140) / 480)).max() < 3


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(Tom, click=0.0)
    np.testing.assert_allclose(early, late, atol=1e-4)
    assert early[0] > 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Tom, 0.9, decay=0.3)[-2_400:].any()
    assert not play(Tom, 0.05, at=()).any()
