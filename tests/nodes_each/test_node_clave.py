from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, centroid, cents, decay_time, kept_in_step, pitch, play, steepest

from nodes import Clave


@pytest.mark.parametrize("sample_rate", RATES)
def test_its_modes_are_where_they_are_in_a_real_one(sample_rate):
    x = play(Clave, 0.6, sample_rate, decay=3.0, damping=0.0, click=0.0, position=0.6)
    for ratio in (1.0, 2.7565, 5.4039):
        freq = 2_450 * ratio
        if freq < 0.4 * sample_rate:
            assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


@pytest.mark.parametrize("sample_rate", RATES)
def test_it_falls_by_60_db_in_its_decay(sample_rate):
    x = play(Clave, 0.6, sample_rate, decay=0.4, damping=4.0, click=0.0)
    start = round(0.1 * sample_rate)
    assert decay_time(x[start:], sample_rate) == pytest.approx(0.4, rel=0.05)


def test_the_strike_position_changes_the_sound():
    first, second = (centroid(play(Clave, 0.2, position=p), 48_000) for p in (0.0, 1.0))
    assert abs(second / first - 1) > 0.03


def test_a_harder_strike_is_louder_and_brighter():
    soft, loud = (play(Clave, 0.02, velocity=v, click=0.0) for v in (0.25, 1.0))
    assert np.abs(loud).max() > 3 * np.abs(soft).max()
    assert centroid(loud, 48_000) > 1.01 * centroid(soft, 48_000)


@pytest.mark.parametrize("at", [0.0201, 0.0237, 0.0263])
def test_a_second_strike_does_not_click(at):
    once, again = (play(Clave, 0.06, at=times, click=0.0) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


def test_it_stays_in_range():
    for position in (0.0, 0.5, 1.0):
        assert 0.3 < np.abs(play(Clave, 0.1, position=position)).max() < 1.6
    assert np.abs(play(Clave, 0.3, at=np.arange(140) / 480)).max() < 3


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(Clave, click=0.0)
    np.testing.assert_allclose(early, late, atol=1e-4)
    assert early[0] > 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Clave, 0.8, decay=0.2)[-2_400:].any()
    assert not play(Clave, 0.05, at=()).any()
