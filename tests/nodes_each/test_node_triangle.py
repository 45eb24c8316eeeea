from __future__ import annotations

import numpy as np
import pytest
from alias import C8, alias, alias_of_a_glide, compiled, levels

from graph.testing import block_of
from nodes import Triangle


def render(frames, sample_rate=48_000.0, **values):
    block = block_of(Triangle, frames=frames, sample_rate=sample_rate, **values)
    Triangle.process(block)
    return block.out[:, 0].astype(np.float64)


@compiled
@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("freq", [8.0, 27.5, 440.0, 4_186.01, 12_000.0])
def test_pitch_is_right_within_a_hundredth_of_a_cent(freq, sample_rate):
    wanted = float(np.float32(freq))
    span = max(20_000, int(8 * sample_rate / freq))
    n = np.arange(2 * span)
    turning = render(2 * span, sample_rate, freq=freq) * np.exp(-2j * np.pi * (wanted / sample_rate * n % 1))
    window = np.hanning(span)
    drift = np.angle(np.sum(turning[span:] * window) / np.sum(turning[:span] * window))
    heard = wanted + drift / (2 * np.pi) / span * sample_rate
    assert abs(1200 * np.log2(heard / wanted)) < 0.01


@compiled
def test_mean_is_zero():
    assert abs(render(48_000, freq=100.0).mean()) < 1e-6


def test_it_starts_at_0_and_rises_to_1_in_a_quarter_of_a_turn():
    out = render(480, freq=100.0)
    np.testing.assert_allclose(out[:115], np.arange(115) / 120, atol=1e-5)
    assert np.argmax(out) == 120
    assert np.argmin(out) == 360


def test_frequency_may_move_every_sample_and_stays_finite():
    rng = np.random.default_rng(0)
    for sample_rate in (8_000.0, 48_000.0, 192_000.0):
        out = render(5_000, sample_rate, freq=rng.uniform(-1e5, 1e5, 5_000))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 1.1


def test_frequency_zero_is_held_at_its_least():
    assert (render(100, freq=np.zeros(100)) == render(100, freq=0.001)).all()


def test_phase_runs_on_from_block_to_block():
    whole = render(300, freq=1_234.5)
    first = block_of(Triangle, frames=111, freq=1_234.5)
    Triangle.process(first)
    then = block_of(Triangle, frames=189, freq=1_234.5, phase=first.phase)
    Triangle.process(then)
    assert (np.concatenate([first.out, then.out])[:, 0] == whole).all()


def test_compiled_equals_plain_python():
    freq = np.linspace(0, 20_000, 400)
    block = block_of(Triangle, freq=freq)
    Triangle.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - render(400, freq=freq)).max() < 1e-4


@compiled
@pytest.mark.parametrize("freq", [100.0, 1_000.3, 1_900.3, C8])
def test_odd_harmonics_are_at_1_over_n_squared_within_half_a_decibel_below_16_khz(freq):
    freq = float(np.float32(freq))
    n = np.arange(1, int(16_000 / freq) + 1, 2)
    heard = levels(render(2**17, freq=freq), freq)
    assert np.abs(heard[::2][: len(n)] + 40 * np.log10(n)).max() < 0.5
    assert heard[1::2].max() < -100


@compiled
def test_the_first_harmonic_is_eight_over_pi_squared():
    for freq in (100, 2_000, 5_000):
        assert np.abs(np.fft.rfft(render(48_000, freq=freq)))[freq] / 24_000 == pytest.approx(8 / np.pi**2, rel=0.02)


@compiled
def test_alias_at_c8_is_below_minus_120_db():
    heard = render(2**17, freq=C8)
    print(f"triangle at C8: {alias(heard, C8):.1f} dB in all, {alias(heard, C8, 16_000):.1f} dB below 16 kHz")
    assert alias(heard, C8) < -120


@compiled
def test_alias_stays_below_minus_110_db_while_c8_glides():
    freq = np.geomspace(3_700, 4_700, 24_000)
    assert max(alias_of_a_glide(render(len(freq), freq=freq), freq)) < -110


@compiled
@pytest.mark.parametrize("freq", [110.0, 440.3, 1_000.3, 1_760.1, 2_093.3, 2_991.3, 3_299.1, 7_040.3, 10_001.7])
def test_alias_below_16_khz_is_under_minus_110_db_at_every_pitch(freq):
    freq = float(np.float32(freq))
    heard = render(2**17, freq=freq)
    assert alias(heard, freq, 16_000) < -110
    assert alias(heard, freq) < -60
