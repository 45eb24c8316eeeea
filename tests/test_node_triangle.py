from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Triangle


def render(frames, sample_rate=48_000.0, **values):
    block = block_of(Triangle, frames=frames, sample_rate=sample_rate, **values)
    Triangle.process(block)
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


def test_odd_harmonics_are_at_1_over_n_squared_within_half_a_decibel_below_8_khz():
    n = np.arange(1, 80)
    heard = harmonics(100, 79)
    error = 20 * np.log10(heard[::2] / (8 / np.pi**2 / n[::2] ** 2))
    assert np.abs(error).max() < 0.3
    assert heard[1::2].max() < 1e-5


def test_mean_is_zero():
    assert abs(render(48_000, freq=100.0).mean()) < 1e-6


def test_alias_at_c8_is_lower_than_the_naive_triangles():
    freq = float(np.float32(4_186.009))
    naive = 4 * np.abs((np.arange(2**17) * freq / 48_000) % 1 - 0.5) - 1
    heard, raw = alias(render(2**17, freq=freq), freq), alias(naive, freq)
    print(f"triangle at C8: {heard:.1f} dB between the harmonics, naive {raw:.1f} dB")
    assert heard < raw - 20


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
