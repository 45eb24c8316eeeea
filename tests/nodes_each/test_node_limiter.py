from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from graph.testing import block_of
from nodes import Limiter

N = 16_000
T = np.arange(N)
RNG = np.random.default_rng(0)
SIGNALS = {
    "white noise": 3 * RNG.standard_normal(N),
    "even noise": RNG.uniform(-8, 8, N),
    "square": 5 * np.sign(np.sin(2 * np.pi * 441 * T / 48_000)),
    "between the samples": 4 * np.sin(np.pi / 2 * T + np.pi / 4),
    "bursts": np.where((T // 3_000) % 2, 6, 0.1) * np.sin(2 * np.pi * 3_000 / 48_000 * T),
    "impulses": 10.0 * (RNG.random(N) < 0.002),
    "coin tosses": np.where(RNG.random(N) < 0.5, 5.0, -5.0),
    "step": np.where(T > 9_000, 5.0, 0.0),
}


def limited(audio, **values):
    block = block_of(Limiter, audio=audio, **values)
    Limiter.process(block)
    return block.out[:, 0].astype(np.float64)


def true_peak(audio):
    """True peak in dB, by three interpolations to four times the rate, without the ends."""
    by_poly = signal.resample_poly(audio, 4, 1, window=("kaiser", 8.0))
    by_window = 4 * signal.upfirdn(signal.firwin(97, 0.25, window=("kaiser", 6.0)), audio, 4)
    by_fourier = signal.resample(audio * signal.windows.tukey(len(audio), 0.02), 4 * len(audio))  # up to half the rate
    ups = (by_poly, by_window, by_fourier)
    return max(20 * np.log10(np.abs(up[1_000:-1_000]).max()) for up in ups)


@pytest.mark.parametrize(("lookahead", "release"), [(0.003, 0.1), (0.001, 0.001), (0.02, 5.0)])
@pytest.mark.parametrize("name", SIGNALS)
def test_the_true_peak_is_never_above_the_ceiling(name, lookahead, release):
    out = limited(SIGNALS[name], ceiling=-1.0, lookahead=lookahead, release=release)
    assert 20 * np.log10(np.abs(out).max()) <= -1
    assert true_peak(out) <= -1


def test_signals_below_the_ceiling_pass_unchanged_and_delayed():
    audio = 0.5 * np.sin(2 * np.pi * 440 / 48_000 * T)
    out = limited(audio, lookahead=0.002)
    late = 2 * 48 + 96
    assert out[late:] == pytest.approx(audio[:-late], abs=1e-6)


@pytest.mark.parametrize("frequency", [20, 50, 110, 441, 997, 3_000, 7_000, 12_000, 12_345, 16_000, 18_400, 20_000])
@pytest.mark.parametrize("ceiling", [-1.0, -6.0])
def test_a_steady_tone_reaches_the_ceiling_within_0_2_db_and_no_further(frequency, ceiling):
    audio = 4 * np.sin(2 * np.pi * frequency / 48_000 * np.arange(2 * N))
    out = limited(audio, ceiling=ceiling)[8_000:]
    assert ceiling - 0.2 < true_peak(out) <= ceiling


def test_a_chord_reaches_the_ceiling_within_0_2_db():
    audio = sum(np.sin(2 * np.pi * f / 48_000 * np.arange(2 * N)) for f in (220.0, 277.0, 330.0, 4_400.0))
    assert -1.2 < true_peak(limited(audio, ceiling=-1.0)[8_000:]) <= -1


def test_the_reduction_is_what_was_taken_off_in_decibels_on_the_same_frame():
    audio = np.where(T > 5_000, 4.0, 0.2)
    block = block_of(Limiter, audio=audio, ceiling=-6.0)
    Limiter.process(block)
    late = np.concatenate([np.zeros(240), audio[:-240]])
    cut = -20 * np.log10(block.out[240:, 0] / late[240:])
    free = np.abs(block.out[240:, 0]) < 0.5  # where the gain alone is at work
    assert block.reduction[240:, 0][free] == pytest.approx(cut[free], abs=1e-3)
    assert block.reduction[:4_000, 0] == pytest.approx(0, abs=1e-5)
    assert block.reduction[6_000:, 0].min() > 17.9


def test_the_gain_recovers_within_its_release():
    audio = np.full(N, 0.1)
    audio[1_000] = 8
    out = limited(audio, ceiling=0.0, release=0.05)
    low = out[1_200:].min()
    after = 1_200 + out[1_200:].argmin()
    assert (0.1 - out[after + 2_400]) / (0.1 - low) == pytest.approx(np.exp(-1), rel=0.15)


def test_channels_share_a_gain():
    audio = np.stack([0.1 * np.ones(N), 4 * np.sin(0.05 * T)], axis=1)
    block = block_of(Limiter, audio=audio, channels=2, voices=1)
    Limiter.process(block)
    assert block.out[9_000, 0] < 0.03


@pytest.mark.parametrize("sample_rate", [8_000.0, 192_000.0])
def test_it_holds_at_any_sample_rate(sample_rate):
    assert true_peak(limited(SIGNALS["bursts"], ceiling=-3.0, sample_rate=sample_rate)) <= -3
