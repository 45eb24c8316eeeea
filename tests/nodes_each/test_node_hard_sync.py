from __future__ import annotations

import numpy as np
import pytest
from alias import C8, alias, alias_of_a_glide, compiled, spectrum
from measure import render

from graph.testing import block_of
from nodes import HardSync, Saw


def fourier(ratio, n):
    """Amplitudes of the harmonics `n` of a saw restarted after `ratio` cycles."""
    wraps = int(np.ceil(ratio)) - 1
    falls = sum(np.exp(-2j * np.pi * n * k / ratio) for k in range(1, wraps + 1)) + (ratio - wraps)
    return 2 / np.pi / n * np.abs(falls)


@compiled
@pytest.mark.parametrize("freq", [100.0, 440.3, 2_093.3, C8])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 2.7, 4.3])
def test_harmonics_are_those_of_the_restarted_saw_within_half_a_decibel_below_16_khz(freq, ratio):
    freq = float(np.float32(freq))
    n = np.arange(1, int(16_000 / freq) + 1)
    x = render(HardSync, 2**17, freq=freq, ratio=ratio)
    _, _, _, power = spectrum(x, freq)
    heard = np.sqrt(power[: len(n)] / (np.sum(np.kaiser(len(x), 26) ** 2) * len(x) / 4))
    truth = fourier(min(float(np.float32(ratio)), 9_000 / freq), n)
    loud = truth > 1e-3
    assert np.abs(20 * np.log10(heard[loud] / truth[loud])).max() < 0.5


def test_a_ratio_of_one_is_the_saw():
    for freq in (123.4, 3_700.0):
        saw = block_of(Saw, frames=4_800, freq=freq)
        Saw.process(saw)
        np.testing.assert_allclose(render(HardSync, 4_800, freq=freq, ratio=1.0), saw.out[:, 0], atol=2e-5)


@compiled
@pytest.mark.parametrize("ratio", [1.5, 2.0, 2.15])
def test_alias_at_c8_is_below_minus_110_db(ratio):
    heard = render(HardSync, 2**17, freq=C8, ratio=ratio)
    print(f"sync of {ratio} at C8: {alias(heard, C8):.1f} dB, {alias(heard, C8, 16_000):.1f} dB below 16 kHz")
    assert alias(heard, C8) < -110


@compiled
def test_alias_stays_low_while_c8_glides():
    freq = np.geomspace(3_700, 4_700, 24_000)
    assert max(alias_of_a_glide(render(HardSync, len(freq), freq=freq, ratio=1.5), freq)) < -100


@compiled
@pytest.mark.parametrize("freq", [55.0, 220.1, 1_000.3])
@pytest.mark.parametrize("ratio", [1.5, 2.0, 3.3])
def test_alias_below_16_khz_is_under_minus_90_db(freq, ratio):
    freq = float(np.float32(freq))
    assert alias(render(HardSync, 2**17, freq=freq, ratio=ratio), freq, 16_000) < -90


def test_the_wave_is_the_restarted_saw_between_its_falls():
    out = render(HardSync, 4_800, freq=50.0, ratio=2.5)
    place = (np.arange(4_800) / 960 + 0.5) % 1
    saw = (2.5 * place) % 1
    naive = 2 * saw - 1 - 0.5 * (0.5 - 1) / 2.5
    flat = (saw > 0.03) & (saw < 0.97) & (place > 0.02) & (place < 0.98)
    assert np.abs(out - naive)[flat].max() < 1e-4


@compiled
def test_no_mean_at_any_ratio():
    for ratio in (1.0, 1.3, 2.0, 2.9, 7.5):
        assert abs(render(HardSync, 48_000, freq=100.0, ratio=ratio).mean()) < 1e-4


@compiled
def test_a_sweep_of_the_ratio_through_whole_numbers_does_not_glitch():
    ratio = np.geomspace(1, 16, 96_000)
    out = render(HardSync, 96_000, freq=110.0, ratio=ratio)
    assert np.abs(out).max() < 1.5
    beyond = np.abs(np.fft.rfft(out * np.kaiser(96_000, 20)))[2 * 23_000 :]
    assert 20 * np.log10(beyond.max() / 48_000) < -60


def test_inputs_may_move_every_sample_and_the_sound_stays_in_range():
    rng = np.random.default_rng(0)
    for sample_rate in (8_000.0, 48_000.0, 192_000.0):
        out = render(HardSync, 5_000, sample_rate, freq=rng.uniform(-1e5, 1e5, 5_000), ratio=rng.uniform(-9, 50, 5_000))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 4
