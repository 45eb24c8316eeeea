from __future__ import annotations

import numpy as np
import pytest
from struck import RATES, band_level, centroid, cents, decay_time, kept_in_step, pitch, play, steepest

from nodes import HandDrum
from nodes.hand_drum import DRUMS


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("drum", DRUMS)
def test_the_open_tone_is_in_tune(drum, sample_rate):
    x = play(HandDrum, 0.8, sample_rate, drum=drum, freq=240.0, decay=3.0, click=0.0)[round(0.25 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, 240), 240)) < 1


def test_the_tabla_is_nearly_harmonic_and_the_bongo_is_not():
    def away(drum):
        x = play(HandDrum, 0.6, drum=drum, freq=240.0, decay=5.0, damping=0.0, sweep=0.0, click=0.0, position=0.7)
        return [abs(cents(pitch(x, 48_000, 240 * n, 200), 240 * n)) for n in (2, 3)]

    assert max(away("tabla")) < 15
    assert max(away("bongo")) > 50


@pytest.mark.parametrize("drum", ["djembe", "cajon"])
def test_a_strike_in_the_middle_excites_the_air_mode(drum):
    low = DRUMS[drum][0][0] * 330
    bass, slap = (play(HandDrum, 0.3, drum=drum, freq=330.0, sweep=0.0, position=p) for p in (0.0, 1.0))
    band = (0.8 * low, 1.2 * low)
    assert band_level(bass, 48_000, *band) > band_level(slap, 48_000, *band) + 12


@pytest.mark.parametrize("drum", DRUMS)
def test_bass_tone_and_slap_are_ever_brighter(drum):
    middle = [centroid(play(HandDrum, 0.2, drum=drum, position=p, click=0.0), 48_000) for p in (0.0, 0.5, 1.0)]
    assert middle == sorted(middle)
    assert middle[2] > 1.3 * middle[0]


def test_it_falls_by_60_db_in_its_decay():
    x = play(HandDrum, 0.7, decay=0.5, damping=4.0, click=0.0, position=0.0)
    assert decay_time(x[4_800:], 48_000) == pytest.approx(0.5, rel=0.04)


@pytest.mark.parametrize("at", [0.0501, 0.0537, 0.0563])
def test_a_second_strike_does_not_click(at):
    once, again = (play(HandDrum, 0.1, at=times, click=0.0) for times in ((0.0,), (0.0, at)))
    assert steepest(again) <= 2 * steepest(once)


@pytest.mark.parametrize("drum", DRUMS)
def test_it_stays_in_range(drum):
    for position in (0.0, 0.5, 1.0):
        assert 0.25 < np.abs(play(HandDrum, 0.1, drum=drum, position=position)).max() < 1.6
    assert np.abs(play(HandDrum, 0.2, drum=drum, at=np.arange(90) / 480)).max() < 3.5


def test_a_strike_falls_on_its_exact_frame():
    early, late, before = kept_in_step(HandDrum, click=0.0)
    np.testing.assert_allclose(early, late, atol=1e-4)
    assert early[0] > 0
    assert not before.any()


def test_it_starts_and_ends_in_silence():
    assert not play(HandDrum, 0.8, decay=0.25)[-2_400:].any()
    assert not play(HandDrum, 0.05, at=()).any()
