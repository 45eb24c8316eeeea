from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Sine


def render(frames, sample_rate=48_000.0, **values):
    block = block_of(Sine, frames=frames, sample_rate=sample_rate, **values)
    Sine.process(block)
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


def test_it_is_a_sine_that_starts_at_0():
    out = render(4_800, freq=100.0)
    assert np.abs(out - np.sin(2 * np.pi * np.arange(4_800) / 480)).max() < 1e-5


def test_nothing_but_the_tone_is_heard_above_minus_120_db():
    power = np.abs(np.fft.rfft(render(48_000, freq=997.0) * np.kaiser(48_000, 26))) ** 2
    tone = power[980:1015].sum()
    power[980:1015] = 0
    assert 10 * np.log10(power.sum() / tone) < -120


def test_phase_is_in_turns():
    quarter = render(500, freq=1_000.0, phase=0.25)
    assert np.abs(quarter - np.cos(2 * np.pi * np.arange(500) / 48)).max() < 1e-5
    assert np.abs(render(500, freq=1_000.0, phase=-99.75) - quarter).max() < 1e-4


def test_phase_modulation_gives_bessel_sidebands():
    from scipy.special import jv

    index, n = 2.5, np.arange(48_000)
    out = render(48_000, freq=3_000.0, phase=index / (2 * np.pi) * np.sin(2 * np.pi * 100 * n / 48_000))
    lines = np.abs(np.fft.rfft(out))[3_000:4_000:100] / 24_000
    assert np.abs(lines - np.abs(jv(np.arange(10), index))).max() < 1e-4


def test_mean_is_zero():
    assert abs(render(48_000, freq=100.0).mean()) < 1e-6


def test_frequency_may_move_every_sample_and_stays_finite():
    rng = np.random.default_rng(0)
    for sample_rate in (8_000.0, 48_000.0, 192_000.0):
        out = render(5_000, sample_rate, freq=rng.uniform(-1e5, 1e5, 5_000))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 1.001


def test_frequency_zero_stands_still():
    assert np.ptp(render(100, freq=0)) == 0


def test_phase_runs_on_from_block_to_block():
    whole = render(300, freq=1_234.5)
    first = block_of(Sine, frames=111, freq=1_234.5)
    Sine.process(first)
    then = block_of(Sine, frames=189, freq=1_234.5, turn=first.turn)
    Sine.process(then)
    assert (np.concatenate([first.out, then.out])[:, 0] == whole).all()


def test_compiled_equals_plain_python():
    freq = np.linspace(0, 20_000, 400)
    block = block_of(Sine, freq=freq)
    Sine.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - render(400, freq=freq)).max() < 1e-4
