from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, centroid, cents, decay_time, kept_in_step, pitch, play, steepest

from nodes import Kick


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", [30.0, 50.0, 110.0])
def test_the_pitch_settles_at_freq(freq, sample_rate):
    x = play(Kick, 1.5, sample_rate, freq=freq, decay=2.0, click=0.0, drive=0.1)
    assert abs(cents(pitch(x[round(0.4 * sample_rate) :], sample_rate, freq), freq)) < 1


@pytest.mark.parametrize("sample_rate", RATES)
def test_it_falls_by_60_db_in_its_decay(sample_rate):
    x = play(Kick, 1.5, sample_rate, decay=0.8, click=0.0, drive=0.1)
    assert decay_time(x, sample_rate) == pytest.approx(0.8, rel=0.02)


def test_the_pitch_begins_a_sweep_above_where_it_ends():
    x = play(Kick, 0.5, freq=60.0, sweep=24.0, sweep_time=3.0, decay=10.0, click=0.0)[:, 0]
    crossings = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    assert 48_000 / (crossings[1] - crossings[0]) == pytest.approx(240, rel=0.07)


@pytest.mark.parametrize("at", [0.0301, 0.0347, 0.0391, 0.0432])
def test_a_second_strike_does_not_click(at):
    once = play(Kick, 0.2, click=0.0, drive=0.1)
    again = play(Kick, 0.2, at=(0.0, at), click=0.0, drive=0.1)
    assert steepest(again) <= steepest(once) * 1.01
    assert np.abs(again).max() <= 1.01


def test_any_roll_stays_in_range():
    x = play(Kick, 0.3, at=np.arange(140) / 480)
    assert np.abs(x).max() < 1.6


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(Kick, click=0.0)
    np.testing.assert_allclose(early, late, atol=1e-6)
    assert not before.any()


def test_a_gate_strikes_once():
    trigger = np.ones(4_800)
    np.testing.assert_array_equal(play(Kick, 0.1, trigger=trigger), play(Kick, 0.1))


def test_velocity_makes_it_louder_and_brighter():
    soft, loud = (play(Kick, 0.3, velocity=v, drive=0.1) for v in (0.3, 1.0))
    assert np.abs(loud).max() / np.abs(soft).max() > 2.5
    assert centroid(loud, 48_000) > centroid(soft, 48_000)


def test_it_ends_in_silence():
    x = play(Kick, 1.0, decay=0.3)
    assert not x[-4_800:].any()


def test_it_is_silent_until_it_is_struck():
    assert not play(Kick, 0.05, at=()).any()
