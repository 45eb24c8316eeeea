from __future__ import annotations

import numpy as np
import pytest
from struck import anything, band_level, blow, centroid, cents, need_compiled, partials, pitch

from graph.testing import block_of
from nodes import Flute

RATES = [44_100.0, 48_000.0, 96_000.0]
KEYS = [261.63, 349.23, 523.25, 783.99, 1_046.5, 1_568.0, 2_093.0]


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("velocity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("freq", KEYS)
def test_it_is_in_tune_from_c4_to_c7_however_hard_it_is_blown(freq, velocity, sample_rate):
    x = blow(Flute, 0.8, sample_rate, freq=freq, velocity=velocity)[round(0.3 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


@pytest.mark.parametrize(
    "values", [{"jet": 0.4}, {"jet": 0.6}, {"brightness": 1_000.0}, {"brightness": 15_000.0}, {"noise": 0.5}]
)
def test_other_controls_leave_it_in_tune(values):
    x = blow(Flute, 1.0, freq=440.0, **values)[19_200:]
    assert abs(cents(pitch(x, 48_000, 440), 440)) < 1


@pytest.mark.parametrize(("freq", "sample_rate"), [(261.63, 8_000.0), (587.33, 8_000.0), (261.63, 192_000.0)])
def test_it_is_in_tune_at_the_slowest_and_the_fastest_rate(freq, sample_rate):
    x = blow(Flute, 0.8, sample_rate, freq=freq)[round(0.3 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


@pytest.mark.parametrize("freq", KEYS)
def test_it_speaks_within_a_tenth_of_a_second(freq):
    x = np.abs(blow(Flute, 0.6, freq=freq))
    assert x[3_600:4_800].max() > 0.8 * x[-4_800:].max()


@pytest.mark.parametrize("velocity", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("freq", [20.6, 32.7, 46.25, 65.41, 98.0])
def test_it_speaks_in_the_bass_too(freq, velocity):
    x = blow(Flute, 2.0, freq=freq, velocity=velocity)[48_000:]
    assert abs(cents(pitch(x, 48_000, freq, 100.0), freq)) < 4
    levels = partials(x, 48_000, freq)
    assert levels[0] > levels[1:].max() + 6


def test_a_soft_tone_is_nearly_a_sine_and_a_loud_one_has_more_partials():
    soft, loud = (partials(blow(Flute, freq=440.0, velocity=v)[19_200:], 48_000, 440) for v in (0.0, 1.0))
    assert soft[0] > soft[1:].max() + 10
    assert loud[2] - loud[0] > soft[2] - soft[0] + 3


def test_more_breath_is_louder_and_brighter():
    tones = [blow(Flute, 0.5, velocity=v)[14_400:] for v in (0.0, 0.5, 1.0)]
    assert [np.abs(x).max() for x in tones] == sorted(np.abs(x).max() for x in tones)
    assert [centroid(x, 48_000) for x in tones] == sorted(centroid(x, 48_000) for x in tones)


def test_pressure_is_more_breath():
    np.testing.assert_allclose(blow(Flute, 0.2, velocity=0.3, pressure=0.4), blow(Flute, 0.2, velocity=0.7), atol=1e-3)


def test_it_has_even_partials_too_as_an_open_pipe_has():
    levels = partials(blow(Flute, freq=330.0)[19_200:], 48_000, 330)
    assert levels[1] > levels[0] - 25


def test_breath_noise_is_audible():
    clean, airy = (blow(Flute, 0.5, noise=n)[14_400:] for n in (0.0, 1.0))
    assert band_level(airy, 48_000, 7_000, 20_000) > band_level(clean, 48_000, 7_000, 20_000) + 10


def test_it_follows_a_vibrato_about_the_note():
    turn = 2 * np.pi * 5 / 48_000 * np.arange(72_000)
    x = blow(Flute, 1.5, freq=440 * 2 ** (0.3 / 12 * np.sin(turn)))[24_000:]
    rises = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    times = rises + x[rises] / (x[rises] - x[rises + 1])
    heard = cents(48_000 / np.diff(times), 440)
    assert 25 < heard.max() < 40
    assert -40 < heard.min() < -25
    assert abs(heard.mean()) < 2


def test_a_slur_does_not_click():
    freq = np.where(np.arange(19_200) < 9_600, 440.0, 660.0)
    steps = np.abs(np.diff(blow(Flute, 0.4, freq=freq)))
    assert steps[9_500:10_000].max() < 1.5 * max(steps[7_000:9_500].max(), steps[14_000:].max())


def test_it_stays_in_range_and_has_no_offset():
    for freq in (131.0, 440.0, 2_000.0):
        x = blow(Flute, 0.5, freq=freq, velocity=1.0, noise=1.0)[12_000:]
        assert 0.3 < np.abs(x).max() < 1.2
        assert abs(x.mean()) < 0.02


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_nothing_makes_it_burst(sample_rate):
    need_compiled(6_000)
    for seed in range(12):
        block = block_of(Flute, sample_rate=sample_rate, name="under test", **anything(Flute, seed))
        Flute.process(block)
        assert np.abs(block.out).max() < 2


def test_it_falls_to_exact_silence_when_the_breath_ends():
    x = blow(Flute, 1.5, gate=(np.arange(72_000) < 9_600).astype(float))
    assert np.abs(x[:9_600]).max() > 0.2
    assert not x[-1_200:].any()


def test_it_is_silent_until_the_gate_opens():
    assert not blow(Flute, 0.05, gate=0.0).any()
