from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Saw


def render(frames, sample_rate=48_000.0, **values):
    block = block_of(Saw, frames=frames, sample_rate=sample_rate, **values)
    Saw.process(block)
    return block.out[:, 0].astype(np.float64)


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


def harmonics(freq, count, **values):
    """Amplitudes of the first harmonics of a tone with a whole number of turns in a second."""
    return np.abs(np.fft.rfft(render(48_000, freq=freq, **values)))[freq : freq * count + 1 : freq] / 24_000


def alias(x, freq, sample_rate=48_000.0):
    """Power between the harmonics over that of the harmonics, in decibels."""
    power = np.abs(np.fft.rfft(x * np.kaiser(len(x), 26))) ** 2
    tone = np.zeros(len(power), bool)
    for k in np.arange(0, sample_rate / 2, freq) * len(x) / sample_rate:
        tone[max(0, round(k) - 16) : round(k) + 17] = True
    return 10 * np.log10(power[~tone].sum() / power[tone].sum())


def test_harmonics_are_at_1_over_n_within_half_a_decibel_below_8_khz():
    n = np.arange(1, 80)
    error = 20 * np.log10(harmonics(100, 79) / (2 / np.pi / n))
    assert np.abs(error).max() < 0.3


def test_mean_is_zero():
    assert abs(render(48_000, freq=100.0).mean()) < 1e-6


def test_alias_at_c8_is_20_db_below_the_naive_saws():
    freq = float(np.float32(4_186.009))
    naive = 2 * ((np.arange(2**17) * freq / 48_000) % 1) - 1
    heard, raw = alias(render(2**17, freq=freq), freq), alias(naive, freq)
    print(f"saw at C8: {heard:.1f} dB between the harmonics, naive {raw:.1f} dB")
    assert heard < raw - 20
    assert heard < -29


@pytest.mark.parametrize(("freq", "most"), [(110.0, -46), (1_000.3, -36), (7_040.3, -30), (10_001.7, -30)])
def test_alias_is_low_at_every_pitch(freq, most):
    assert alias(render(2**16, freq=freq), float(np.float32(freq))) < most


def test_first_sample_is_0_and_it_rises_to_1_in_half_a_turn():
    out = render(480, freq=100.0)
    assert out[0] == 0
    np.testing.assert_allclose(out[:230], np.arange(230) / 240, atol=1e-5)
    assert out[244] < -0.95


def test_frequency_may_move_every_sample_and_stays_finite():
    rng = np.random.default_rng(0)
    for sample_rate in (8_000.0, 48_000.0, 192_000.0):
        out = render(5_000, sample_rate, freq=rng.uniform(-1e5, 1e5, 5_000))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 1.2


def test_frequency_zero_is_held_at_its_least():
    assert (render(100, freq=np.zeros(100)) == render(100, freq=0.001)).all()


def test_phase_runs_on_from_block_to_block():
    whole = render(300, freq=1_234.5)
    first = block_of(Saw, frames=111, freq=1_234.5)
    Saw.process(first)
    then = block_of(Saw, frames=189, freq=1_234.5, phase=first.phase)
    Saw.process(then)
    assert (np.concatenate([first.out, then.out])[:, 0] == whole).all()


def test_compiled_equals_plain_python():
    freq = np.linspace(0, 20_000, 400)
    block = block_of(Saw, freq=freq)
    Saw.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - render(400, freq=freq)).max() < 1e-4
