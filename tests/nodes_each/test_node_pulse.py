from __future__ import annotations

import numpy as np
import pytest
from alias import C8, alias, alias_of_a_glide, compiled

from graph.testing import block_of
from nodes import Pulse


def render(frames, sample_rate=48_000.0, **values):
    block = block_of(Pulse, frames=frames, sample_rate=sample_rate, **values)
    Pulse.process(block)
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
@pytest.mark.parametrize("width", [0.05, 0.3, 0.5, 0.95])
def test_mean_is_zero_at_every_width(width):
    assert abs(render(48_000, freq=100.0, width=width).mean()) < 1e-5


def test_levels_are_two_apart_and_high_for_the_width():
    out = render(4_800, freq=10.0, width=0.25)
    assert np.median(out[10:1_190]) == pytest.approx(1.5, abs=1e-4)
    assert np.median(out[1_210:4_790]) == pytest.approx(-0.5, abs=1e-4)


def test_width_may_move_every_sample():
    width = 0.5 + 0.45 * np.sin(np.arange(20_000) * 0.37)
    out = render(20_000, freq=300.0, width=width)
    assert np.abs(out).max() < 2.2
    assert np.isfinite(out).all()


def test_frequency_may_move_every_sample_and_stays_finite():
    rng = np.random.default_rng(0)
    for sample_rate in (8_000.0, 48_000.0, 192_000.0):
        out = render(5_000, sample_rate, freq=rng.uniform(-1e5, 1e5, 5_000))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 2


def test_frequency_zero_is_held_at_its_least():
    assert (render(100, freq=np.zeros(100)) == render(100, freq=0.001)).all()


def test_phase_runs_on_from_block_to_block():
    whole = render(300, freq=1_234.5)
    first = block_of(Pulse, frames=111, freq=1_234.5)
    Pulse.process(first)
    then = block_of(Pulse, frames=189, freq=1_234.5, phase=first.phase)
    Pulse.process(then)
    assert (np.concatenate([first.out, then.out])[:, 0] == whole).all()


def test_compiled_equals_plain_python():
    freq = np.linspace(0, 20_000, 400)
    block = block_of(Pulse, freq=freq)
    Pulse.kernel.run_plain(block)
    assert np.abs(block.out[:, 0] - render(400, freq=freq)).max() < 1e-4


@compiled
@pytest.mark.parametrize("freq", [100.0, 1_000.0, 2_093.0, 3_200.0, 4_186.0])
@pytest.mark.parametrize("width", [0.05, 0.2, 0.35, 0.5, 0.8])
def test_harmonics_of_a_width_are_the_textbooks_within_half_a_decibel_below_16_khz(width, freq):
    n = np.arange(1, int(16_000 / freq) + 1)
    truth = 4 / np.pi / n * np.abs(np.sin(np.pi * n * width))
    heard = np.abs(np.fft.rfft(render(48_000, freq=freq, width=width)))[(freq * n).astype(int)] / 24_000
    loud = truth > 1e-3
    assert np.abs(20 * np.log10(heard[loud] / truth[loud])).max() < 0.5
    assert heard[~loud].max(initial=0) < 1e-4


@compiled
def test_alias_at_c8_is_below_minus_120_db_at_every_width():
    for width in (0.5, 0.31, 0.07):
        heard = render(2**17, freq=C8, width=width)
        print(f"pulse at C8: {alias(heard, C8):.1f} dB in all, {alias(heard, C8, 16_000):.1f} dB below 16 kHz")
        assert alias(heard, C8) < -120


@compiled
def test_alias_stays_below_minus_110_db_while_c8_glides():
    freq = np.geomspace(3_700, 4_700, 24_000)
    assert max(alias_of_a_glide(render(len(freq), freq=freq), freq)) < -110


@compiled
@pytest.mark.parametrize("freq", [110.0, 440.3, 1_000.3, 1_760.1, 2_093.3, 2_991.3, 3_299.1, 7_040.3, 10_001.7])
def test_alias_below_16_khz_is_under_minus_90_db_at_every_pitch(freq):
    freq = float(np.float32(freq))
    heard = render(2**17, freq=freq)
    assert alias(heard, freq, 16_000) < -90
    assert alias(heard, freq) < -45


@compiled
@pytest.mark.parametrize("times", [0.25, 1.0])
def test_alias_below_16_khz_stays_under_minus_90_db_while_the_width_moves_at_audio_rate(times):
    freq = float(np.float32(401.2))
    width = 0.5 + 0.4 * np.sin(2 * np.pi * times * freq / 48_000 * np.arange(2**17))
    assert alias(render(2**17, freq=freq, width=width), times * freq, 16_000) < -90
