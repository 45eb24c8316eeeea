from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, band_level, centroid, decay_time, kept_in_step, play

from nodes import Cymbal


@pytest.mark.parametrize("sample_rate", RATES)
def test_it_falls_by_60_db_in_its_decay(sample_rate):
    x = play(Cymbal, 0.8, sample_rate, decay=1.0, damping=0.0, bloom=0.01)
    assert decay_time(x[round(0.03 * sample_rate) :], sample_rate, -3, -25) == pytest.approx(1.0, rel=0.12)


def test_high_modes_decay_faster():
    x = play(Cymbal, 1.2, decay=2.0, damping=0.2)
    early, late = x[2_400:12_000], x[-9_600:]
    assert centroid(late, 48_000) < 0.6 * centroid(early, 48_000)


def test_the_modes_are_as_dense_in_every_octave_as_a_plate_has_them():
    from nodes.dsp.drums.cymbal_modes import plate

    ratios = plate(160, 72.0)
    counts = [((ratios >= low) & (ratios < 2 * low)).sum() for low in (8, 16, 32)]
    assert counts[1] / counts[0] == pytest.approx(2, rel=0.15)
    assert counts[2] / counts[1] == pytest.approx(2, rel=0.15)
    assert np.diff(ratios).min() > 0


def test_it_blooms_at_the_requested_speed():
    peaks = []
    for bloom in (0.005, 0.5):
        x = np.sqrt((play(Cymbal, 0.4, voices=8, bloom=bloom) ** 2).mean(axis=1))
        peaks.append(np.argmax(np.convolve(x, np.ones(480) / 480, "valid")) / 48_000)
    assert peaks[0] < 0.02
    assert 0.04 < peaks[1] < 0.4


def test_a_harder_strike_is_louder_and_brighter():
    soft, loud = (play(Cymbal, 0.3, velocity=v) for v in (0.25, 1.0))
    assert np.abs(loud).max() > 2.5 * np.abs(soft).max()
    assert centroid(loud, 48_000) > 1.15 * centroid(soft, 48_000)


def test_a_hand_stops_it_without_a_click():
    choke = np.zeros(19_200)
    choke[7_200] = 1
    x = play(Cymbal, 0.4, choke=choke)[:, 0]
    assert np.abs(x[12_000:]).max() < 4e-3 * np.abs(x[:7_200]).max()
    assert np.abs(np.diff(x))[7_198:7_300].max() < 1.5 * np.abs(np.diff(x))[6_000:7_198].max()


@pytest.mark.parametrize("sample_rate", RATES)
def test_the_level_is_equal_at_every_rate(sample_rate):
    levels = [
        np.sqrt((play(Cymbal, 0.15, rate, voices=4, tone=1_500.0)[round(0.05 * rate) :] ** 2).mean())
        for rate in (sample_rate, 48_000)
    ]
    assert levels[0] == pytest.approx(levels[1], rel=0.3)


def test_a_roll_swells_within_bounds():
    once, roll = (play(Cymbal, 0.5, at=times) for times in ((0.0,), np.arange(24) / 50))
    late = [band_level(x[-4_800:], 48_000, 20, 20_000) for x in (once, roll)]
    assert late[1] > late[0] + 3
    assert np.abs(roll).max() < 3


def test_a_strike_falls_on_its_exact_frame():
    early, _, before = kept_in_step(Cymbal)
    assert early[0] != 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Cymbal, 0.9, decay=0.25)[-2_400:].any()
    assert not play(Cymbal, 0.05, at=()).any()
