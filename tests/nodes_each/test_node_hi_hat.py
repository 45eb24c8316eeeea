from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, band_level, decay_time, kept_in_step, play

from nodes import HiHat


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize(("pedal", "seconds"), [(0.0, 0.15), (0.5, 0.3873), (1.0, 1.0)])
def test_the_pedal_sets_the_decay(pedal, seconds, sample_rate):
    x = play(HiHat, min(0.6, 2 * seconds), sample_rate, open=pedal, decay=0.15, open_decay=1.0)
    start = round(0.02 * sample_rate)
    assert decay_time(x[start:], sample_rate, -3, -15) == pytest.approx(seconds, rel=0.2)


def test_a_closed_strike_ends_an_open_one():
    pedal = np.where(np.arange(24_000) < 9_600, 1.0, 0.0)
    shut = play(HiHat, 0.5, open=pedal)
    ringing = play(HiHat, 0.5, open=1.0)
    np.testing.assert_array_equal(shut[:9_600], ringing[:9_600])
    assert band_level(shut[-4_800:], 48_000, 20, 24_000) < band_level(ringing[-4_800:], 48_000, 20, 24_000) - 40


def test_choke_shuts_it_within_40_ms_and_the_next_strike_opens_it():
    choke = np.zeros(24_000)
    choke[4_800] = 1
    x = play(HiHat, 0.5, at=(0.0, 0.25), open=1.0, choke=choke)
    assert np.abs(x[4_800 + 1_920 : 12_000]).max() < 2e-3 * np.abs(x[:4_800]).max()
    assert np.abs(x[14_400:]).max() > 0.03


def test_choke_does_not_click():
    choke = np.zeros(4_800)
    choke[2_400] = 1
    x = play(HiHat, 0.1, open=1.0, choke=choke)[:, 0]
    assert np.abs(np.diff(x))[2_398:2_402].max() < 1.2 * np.abs(np.diff(x))[2_000:2_398].max()


def test_it_is_bright():
    x = play(HiHat, 0.2)
    high = band_level(x, 48_000, 5_000, 24_000)
    assert high - band_level(x, 48_000, 0, 5_000) > 7
    assert high - band_level(x, 48_000, 0, 1_000) > 30


def test_tone_moves_the_spectrum():
    dark, bright = (play(HiHat, 0.2, tone=tone) for tone in (3_000.0, 10_000.0))
    assert band_level(dark, 48_000, 1_000, 4_000) > band_level(bright, 48_000, 1_000, 4_000) + 6


@pytest.mark.parametrize("sample_rate", RATES)
def test_the_level_is_equal_at_every_rate(sample_rate):
    peaks = [
        np.abs(play(HiHat, 0.05, sample_rate, voices=8)).max(axis=0).mean() for sample_rate in (sample_rate, 48_000)
    ]
    assert peaks[0] == pytest.approx(peaks[1], rel=0.4)
    assert 0.4 < peaks[0] < 1.1


def test_a_fast_roll_stays_in_range():
    x = play(HiHat, 0.3, at=np.arange(140) / 480, open=1.0)
    assert np.abs(x).max() < 4


def test_each_strike_differs():
    first, second = np.split(play(HiHat, 0.4, at=(0.0, 0.2))[:, 0], 2)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.5


def test_a_strike_falls_on_its_exact_frame():
    early, _, before = kept_in_step(HiHat)
    assert early[0] != 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(HiHat, 0.5)[-2_400:].any()
    assert not play(HiHat, 0.05, at=()).any()
