from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, band_level, cents, kept_in_step, pitch, play, steepest

from nodes import Tambourine


@pytest.mark.parametrize("ratio", [2.43, 3.52])
def test_the_jingles_ring_at_their_frequencies(ratio):
    x = play(Tambourine, 0.4, voices=4, skin=0.0).T.ravel()
    peak = 2_300 * ratio
    assert band_level(x, 48_000, 0.95 * peak, 1.05 * peak) > band_level(x, 48_000, 1.18 * peak, 1.28 * peak) + 8


@pytest.mark.parametrize("sample_rate", RATES)
def test_the_skin_is_in_tune(sample_rate):
    x = play(Tambourine, 0.2, sample_rate, skin=1.0, pitch=300.0, decay=0.02)[round(0.05 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, 300), 300)) < 5


def test_freq_moves_jingles_and_frame():
    low, high = (play(Tambourine, 0.3, voices=4, freq=f, skin=0.0).T.ravel() for f in (1_500.0, 3_500.0))
    assert band_level(low, 48_000, 3_000, 6_000) > band_level(high, 48_000, 3_000, 6_000) + 3
    assert band_level(high, 48_000, 8_000, 13_000) > band_level(low, 48_000, 8_000, 13_000) + 6


def test_it_lasts_as_long_as_its_decay():
    late = [np.sqrt((play(Tambourine, 0.5, decay=d, skin=0.0, voices=4)[-4_800:] ** 2).mean()) for d in (0.3, 1.5)]
    assert late[1] > 10 * late[0]


@pytest.mark.parametrize("at", [0.0201, 0.0237])
def test_a_second_strike_does_not_click(at):
    values = {"skin": 1.0, "jingles": 10.0, "attack": 1.0}
    once, again = (play(Tambourine, 0.06, at=times, **values) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


def test_velocity_is_loudness_and_no_two_strikes_are_alike():
    assert np.abs(play(Tambourine, 0.2)).max() > 2.5 * np.abs(play(Tambourine, 0.2, velocity=0.25)).max()
    first, second = np.split(play(Tambourine, 0.6, at=(0.0, 0.3), skin=0.0)[:, 0], 2)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.3


def test_it_stays_in_range():
    assert 0.25 < np.abs(play(Tambourine, 0.2, voices=8)).max(axis=0).mean() < 1.1
    assert np.abs(play(Tambourine, 0.3, at=np.arange(140) / 480)).max() < 2.5


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(Tambourine, jingles=10.0, skin=1.0, attack=1.0)
    np.testing.assert_allclose(early[:200], late[:200], atol=0.05)
    assert early[0] > 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Tambourine, 1.0, decay=0.08)[-2_400:].any()
    assert not play(Tambourine, 0.05, at=()).any()
