"""PitchShift: the pitch changes, the timing does not, and the splices are inaudible."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step

from graph.testing import block_of, node_contract
from nodes import PitchShift

RATE = 8_000.0


def shifted(audio, shift, rate=RATE, **more):
    block = block_of(PitchShift, audio=audio, shift=shift, sample_rate=rate, **more)
    PitchShift.process(block)
    return block.out.astype(np.float64)


def tone(freq, frames=10_000, rate=RATE):
    return 0.5 * np.sin(2 * np.pi * freq / rate * np.arange(frames))


def noise_of(signal, freq, rate=RATE):
    """Residual in dB after removing a sine of `freq`, and the level of that sine."""
    window = np.hanning(len(signal))
    basis = np.exp(2j * np.pi * freq / rate * np.arange(len(signal)))
    amount = 2 * (signal * window * basis.conj()).sum() / window.sum()
    rest = signal - (amount * basis).real
    return 10 * np.log10((rest**2).mean() / (signal**2).mean()), abs(amount)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(PitchShift, sample_rate=sample_rate)


@pytest.mark.parametrize("shift", [-24.0, -7.0, -0.5, 0.3, 5.0, 12.0, 19.0])
def test_a_sine_moves_by_the_interval(shift):
    out = shifted(tone(300), shift)[2_000:, 0]
    power = np.abs(np.fft.rfft(out * np.hanning(len(out)), 2**19))
    assert np.argmax(power) * RATE / 2**19 == pytest.approx(300 * 2 ** (shift / 12), rel=1e-3)


@pytest.mark.parametrize("shift", [-12.0, -5.0, 4.0, 12.0])
@pytest.mark.parametrize("freq", [110.0, 440.0, 900.0])
def test_a_steady_tone_stays_clean_through_the_jumps(freq, shift):
    out = shifted(tone(freq), shift)[2_000:, 0]
    envelope = np.abs(out).reshape(-1, 200).max(axis=1)
    assert envelope.min() > 0.45
    assert envelope.max() < 0.53


def test_a_chord_of_harmonics_keeps_its_balance():
    audio = sum(tone(200 * n) / n for n in (1, 2, 3, 5)) / 2
    out = shifted(audio, 7.0)[2_000:, 0]
    window = np.hanning(len(out))
    basis = [np.exp(-2j * np.pi * 200 * n * 2 ** (7 / 12) / RATE * np.arange(len(out))) for n in (1, 2, 3, 5)]
    levels = [abs((out * window * b).sum()) * 4 * n / window.sum() for n, b in zip((1, 2, 3, 5), basis, strict=True)]
    np.testing.assert_allclose(20 * np.log10(levels), 20 * np.log10(0.5), atol=1)


def test_the_time_stays():
    audio = tone(400, 12_000) * (np.arange(12_000) // 2_000 % 2)
    out = shifted(audio, 7.0)[:, 0]
    loud = np.convolve(out**2, np.ones(200) / 200, "same") > 0.03
    edges = np.flatnonzero(np.diff(loud.astype(int)))
    assert len(edges) in (5, 6)
    np.testing.assert_allclose(edges[:5], 2_000 * np.arange(1, 6), atol=0.05 * RATE + 100)


LATENCY = 150
"""Frames: three quarters of the default grain at RATE."""


@pytest.mark.parametrize("mix", [0.0, 0.3, 0.5, 1.0])
def test_shift_0_is_the_signal_bit_by_bit_at_any_mix_three_quarters_of_a_grain_late(mix):
    audio = np.random.default_rng(1).standard_normal((2_000, 2)).astype(np.float32)
    np.testing.assert_array_equal(shifted(audio, 0.0, mix=mix)[LATENCY:], audio[:-LATENCY])


def test_a_shift_that_returns_to_0_ends_as_the_signal_again():
    audio = np.random.default_rng(1).standard_normal((4_000, 2)).astype(np.float32)
    shift = np.where(np.arange(4_000) < 2_000, 7.0, 0.0)
    out = shifted(audio, shift, mix=0.5)
    np.testing.assert_array_equal(out[2_400:], audio[2_400 - LATENCY : -LATENCY])


@pytest.mark.parametrize("shift", [-12.0, 0.0, 5.0, 12.0])
def test_the_dry_signal_has_one_latency_whatever_the_shift(shift):
    audio = np.random.default_rng(1).standard_normal((500, 2)).astype(np.float32)
    np.testing.assert_array_equal(shifted(audio, shift, mix=0.0)[LATENCY:], audio[:-LATENCY])


@pytest.mark.parametrize("shift", [-12.0, -3.0, 3.0, 12.0])
def test_a_burst_in_the_wet_signal_is_within_half_a_grain_of_the_dry_one(shift):
    """Averaged over bursts that meet the read head at different positions."""
    place = np.arange(24_000)
    audio = tone(500, 24_000) * (place % 1_999 < 400)
    wet, dry = (shifted(audio, shift, mix=mix)[2_000:, 0] ** 2 for mix in (1.0, 0.0))
    lag = np.argmax(np.correlate(wet, dry[300:-300])) - 300
    assert abs(lag) <= 100


def test_both_sides_jump_together():
    left, right = shifted(np.stack([tone(330), 0.5 * tone(330)], axis=1), 7.0).T
    np.testing.assert_allclose(right, 0.5 * left, atol=1e-6)


def test_turning_the_knob_does_not_click():
    assert after_a_step(PitchShift, "shift", 0.0, 12.0) < -60
    assert after_a_step(PitchShift, "shift", 12.0, -12.0) < -60
    assert after_a_step(PitchShift, "mix", 0.0, 1.0) < -60
