from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, band_level, cents, decay_time, kept_in_step, pitch, play, steepest

from nodes import Snare


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("freq", [120.0, 185.0])
def test_the_skins_ring_as_a_pair(freq, sample_rate):
    x = play(Snare, 0.7, sample_rate, freq=freq, wires=0.0, decay=3.0)[round(0.15 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1
    assert abs(cents(pitch(x, sample_rate, 1.81 * freq), 1.81 * freq)) < 1


@pytest.mark.parametrize("sample_rate", RATES)
def test_skins_and_wires_fall_by_60_db_in_their_decays(sample_rate):
    skins = play(Snare, 0.7, sample_rate, wires=0.0, decay=0.5)
    assert decay_time(skins, sample_rate, -20, -45) == pytest.approx(0.5, rel=0.05)
    wires = play(Snare, 0.5, sample_rate, decay=0.01, wires_decay=0.4)
    assert decay_time(wires[round(0.03 * sample_rate) :], sample_rate) == pytest.approx(0.4, rel=0.12)


def test_the_wires_sound_above_tone():
    x = play(Snare, 0.3, decay=0.01, wires=1.0, tone=4_000.0)[960:]
    assert band_level(x, 48_000, 4_000, 16_000) - band_level(x, 48_000, 20, 1_000) > 25


def test_a_harder_strike_is_louder_and_brighter():
    soft, loud = (play(Snare, 0.3, velocity=v) for v in (0.2, 1.0))
    rise = [band_level(loud, 48_000, *band) - band_level(soft, 48_000, *band) for band in ((100, 250), (280, 400))]
    assert rise[0] == pytest.approx(14, abs=1.5)
    assert rise[1] > rise[0] + 2


@pytest.mark.parametrize("at", [0.0301, 0.0347, 0.0391])
def test_a_second_strike_does_not_click(at):
    once = play(Snare, 0.1, wires=0.0)
    again = play(Snare, 0.1, at=(0.0, at), wires=0.0)
    assert steepest(again) <= steepest(once) * 1.05


def test_it_stays_in_range():
    assert 0.5 < np.abs(play(Snare, 0.1, voices=8)).max() < 1.3
    assert np.abs(play(Snare, 0.3, at=np.arange(140) / 480, wires=1.0)).max() < 2


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(Snare, wires=0.0)
    np.testing.assert_allclose(early, late, atol=1e-6)
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(Snare, 1.0)[-2_400:].any()
    assert not play(Snare, 0.05, at=()).any()
