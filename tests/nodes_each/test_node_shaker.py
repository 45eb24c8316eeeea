from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kurtosis
from struck import RATES, band_level, decay_time, kept_in_step, play

from nodes import Shaker


@pytest.mark.parametrize("sample_rate", RATES)
def test_it_falls_by_60_db_in_its_decay(sample_rate):
    x = np.sqrt((play(Shaker, 0.9, sample_rate, voices=16, freq=2_000.0, beans=5_000.0, decay=0.6) ** 2).mean(axis=1))
    assert decay_time(x[round(0.1 * sample_rate) :], sample_rate, -3, -20) == pytest.approx(0.6, rel=0.12)


@pytest.mark.parametrize("freq", [2_000.0, 6_000.0])
def test_the_gourd_resonates(freq):
    x = play(Shaker, 0.3, voices=4, freq=freq, q=8.0)
    octave = band_level(x.T.ravel(), 48_000, freq / 1.41, freq * 1.41)
    assert octave > band_level(x.T.ravel(), 48_000, 20, freq / 2) + 8
    assert octave > band_level(x.T.ravel(), 48_000, freq * 2, 24_000) + 6


def test_a_few_beans_are_heard_individually():
    many, few = (play(Shaker, 0.4, beans=n, decay=4.0, voices=4)[4_800:].ravel() for n in (10_000.0, 40.0))
    assert kurtosis(few) > 3 * abs(kurtosis(many)) + 5


def test_the_wrist_takes_its_time():
    peaks = []
    for attack in (0.001, 0.05):
        x = np.sqrt((play(Shaker, 0.3, attack=attack, voices=16, decay=1.0) ** 2).mean(axis=1))
        peaks.append(np.argmax(np.convolve(x, np.ones(240) / 240, "same")))
    assert peaks[0] < 1_000 < peaks[1]


@pytest.mark.parametrize("sample_rate", RATES)
def test_the_level_is_equal_at_every_rate(sample_rate):
    levels = [
        np.sqrt((play(Shaker, 0.2, rate, voices=8, freq=1_500.0, decay=2.0) ** 2).mean())
        for rate in (sample_rate, 48_000)
    ]
    assert levels[0] == pytest.approx(levels[1], rel=0.3)


def test_velocity_is_loudness_and_no_two_shakes_are_alike():
    assert np.abs(play(Shaker, 0.2)).max() > 3 * np.abs(play(Shaker, 0.2, velocity=0.25)).max()
    first, second = np.split(play(Shaker, 0.6, at=(0.0, 0.3))[:, 0], 2)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.3


def test_it_stays_in_range():
    assert 0.25 < np.abs(play(Shaker, 0.2, voices=8)).max(axis=0).mean() < 1.1
    assert np.abs(play(Shaker, 0.3, at=np.arange(140) / 480)).max() < 2.5


def test_a_shake_does_not_begin_before_its_frame():
    _, late, before = kept_in_step(Shaker)
    assert late.any()
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Shaker, 1.0, decay=0.08)[-2_400:].any()
    assert not play(Shaker, 0.05, at=()).any()
