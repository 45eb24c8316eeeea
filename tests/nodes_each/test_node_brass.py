from __future__ import annotations

import numpy as np
import pytest
from struck import anything, band_level, blow, centroid, cents, need_compiled, partials, pitch

from graph.testing import block_of
from nodes import Brass

RATES = [44_100.0, 48_000.0, 96_000.0]
KEYS = [82.41, 116.54, 164.81, 261.63, 440.0, 698.46, 1_046.5]


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("velocity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("freq", KEYS)
def test_it_is_in_tune_from_e2_to_c6_however_hard_it_is_blown(freq, velocity, sample_rate):
    x = blow(Brass, 0.9, sample_rate, freq=freq, velocity=velocity)[round(0.3 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


@pytest.mark.parametrize(
    "values", [{"tension": -2.0}, {"tension": 2.0}, {"blare": 0.0}, {"blare": 1.0}, {"noise": 0.5}]
)
def test_other_controls_leave_it_in_tune(values):
    x = blow(Brass, 1.0, freq=233.08, **values)[19_200:]
    assert abs(cents(pitch(x, 48_000, 233.08), 233.08)) < 1


@pytest.mark.parametrize(("freq", "sample_rate"), [(116.54, 8_000.0), (523.25, 8_000.0), (116.54, 192_000.0)])
def test_it_is_in_tune_at_the_slowest_and_the_fastest_rate(freq, sample_rate):
    x = blow(Brass, 0.9, sample_rate, freq=freq)[round(0.3 * sample_rate) :]
    assert abs(cents(pitch(x, sample_rate, freq), freq)) < 1


@pytest.mark.parametrize("freq", KEYS)
def test_it_speaks_within_eighteen_periods(freq):
    x = np.abs(blow(Brass, 0.9, freq=freq))
    assert x[: round((0.03 + 18 / freq) * 48_000)].max() > 0.7 * x[-9_600:].max()


def test_a_loud_tone_blares():
    soft, loud = (partials(blow(Brass, velocity=v)[19_200:], 48_000, 220, 20) for v in (0.0, 1.0))
    assert (loud[9:] - loud[0]).mean() > (soft[9:] - soft[0]).mean() + 4


def test_blare_fills_in_the_high_partials():
    low, high = (partials(blow(Brass, velocity=1.0, blare=b)[19_200:], 48_000, 220, 20) for b in (0.0, 1.0))
    assert (high[9:] - low[9:]).mean() > 6


def test_more_breath_is_louder_and_brighter():
    tones = [blow(Brass, 0.6, velocity=v)[19_200:] for v in (0.0, 0.5, 1.0)]
    assert [np.abs(x).max() for x in tones] == sorted(np.abs(x).max() for x in tones)
    assert [centroid(x, 48_000) for x in tones] == sorted(centroid(x, 48_000) for x in tones)


@pytest.mark.parametrize("freq", [523.25, 698.46, 1_046.5])
def test_no_partials_of_a_loud_high_tone_alias_into_the_audible_range(freq):
    x = blow(Brass, 2.0, freq=freq, velocity=1.0)[48_000:]
    power = np.abs(np.fft.rfft(x * np.blackman(len(x)))) ** 2
    freqs = np.fft.rfftfreq(len(x), 1 / 48_000)
    between = np.abs(freqs - freq * np.round(freqs / freq)) > 10
    assert power[between & (freqs > 30) & (freqs < 20_000)].sum() < 1e-6 * power[~between].sum()


def test_a_bell_that_reflects_more_is_brighter():
    dark, light = (centroid(blow(Brass, 0.6, brightness=b)[19_200:], 48_000) for b in (600.0, 3_000.0))
    assert light > 1.1 * dark


def test_pressure_is_more_breath():
    np.testing.assert_allclose(blow(Brass, 0.2, velocity=0.3, pressure=0.4), blow(Brass, 0.2, velocity=0.7), atol=1e-3)


def test_breath_noise_is_audible():
    clean, airy = (blow(Brass, 0.5, freq=200.0, noise=n)[14_400:] for n in (0.0, 1.0))
    between = [band_level(x, 48_000, 280, 320) for x in (clean, airy)]
    assert between[1] > between[0] + 10


def test_a_slur_does_not_click():
    freq = np.where(np.arange(24_000) < 12_000, 220.0, 294.0)
    steps = np.abs(np.diff(blow(Brass, 0.5, freq=freq)))
    assert steps[11_900:12_500].max() < 1.5 * max(steps[8_000:11_900].max(), steps[18_000:].max())


def test_it_stays_in_range_and_has_no_offset():
    for freq in (58.0, 220.0, 1_000.0):
        x = blow(Brass, 0.8, freq=freq, velocity=1.0)[24_000:]
        assert 0.3 < np.abs(x).max() < 1.1
        assert abs(x.mean()) < 0.03


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_nothing_makes_it_burst(sample_rate):
    need_compiled(6_000)
    for seed in range(12):
        block = block_of(Brass, sample_rate=sample_rate, name="under test", **anything(Brass, seed))
        Brass.process(block)
        assert np.abs(block.out).max() < 4


def test_it_falls_to_exact_silence_when_the_breath_ends():
    x = blow(Brass, 1.5, gate=(np.arange(72_000) < 9_600).astype(float))
    assert np.abs(x[:9_600]).max() > 0.2
    assert not x[-1_200:].any()


def test_it_is_silent_until_the_gate_opens():
    assert not blow(Brass, 0.05, gate=0.0).any()
