from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, centroid, decay_time, kept_in_step, play, spectrum

from nodes import Clap


@pytest.mark.parametrize("sample_rate", RATES)
def test_four_bursts_follow_each_other_by_the_spread(sample_rate):
    x = play(Clap, 0.2, sample_rate, voices=64, spread=0.02, decay=0.05, q=0.5)
    level = np.sqrt((x**2).mean(axis=1))
    size = round(0.002 * sample_rate)
    level = np.convolve(level, np.ones(size) / size, "valid")
    for n in range(1, 4):
        at = round(0.02 * n * sample_rate)
        assert level[at + size // 4] > 3 * level[at - size]
    assert level[round(0.08 * sample_rate)] < level[round(0.0605 * sample_rate)]


@pytest.mark.parametrize("sample_rate", RATES)
def test_the_room_falls_by_60_db_in_its_decay(sample_rate):
    x = np.sqrt((play(Clap, 0.7, sample_rate, decay=0.5, voices=4) ** 2).mean(axis=1))
    assert decay_time(x[round(0.07 * sample_rate) :], sample_rate) == pytest.approx(0.5, rel=0.12)


@pytest.mark.parametrize("freq", [800.0, 1_500.0])
def test_the_hands_resonate_at_their_frequency(freq):
    x = play(Clap, 0.3, voices=16, freq=freq, q=8.0, velocity=0.2)
    power = np.mean([10 ** (spectrum(lane, 48_000, pad=1)[1] / 10) for lane in x.T], axis=0)
    smooth = np.convolve(power, np.ones(15), "same")
    assert np.argmax(smooth) * 48_000 / len(x) == pytest.approx(freq, rel=0.08)


def test_a_harder_clap_is_louder_and_brighter():
    soft, loud = (play(Clap, 0.2, velocity=v) for v in (0.3, 1.0))
    assert np.abs(loud).max() > 2.5 * np.abs(soft).max()
    assert centroid(loud, 48_000) > centroid(soft, 48_000)


def test_every_clap_differs():
    first, second = np.split(play(Clap, 0.6, at=(0.0, 0.3))[:, 0], 2)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.3


def test_it_stays_in_range():
    assert 0.3 < np.abs(play(Clap, 0.1, voices=8)).max(axis=0).mean() < 1.1
    assert np.abs(play(Clap, 0.2, at=np.arange(90) / 480)).max() < 3


def test_a_clap_begins_on_its_exact_frame():
    early, _, before = kept_in_step(Clap)
    assert early[0] != 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Clap, 1.2)[-2_400:].any()
    assert not play(Clap, 0.05, at=()).any()
