from __future__ import annotations

import numpy as np
import pytest
from measure import assert_is_bilinear, click_of
from scipy import signal

from graph.testing import block_of
from nodes import BandPass


def response(cutoff, q, sample_rate=48_000.0, frames=8_192):
    """Frequencies and gains in decibels, from the impulse response."""
    impulse = np.zeros(frames, np.float32)
    impulse[0] = 1
    block = block_of(BandPass, audio=impulse, cutoff=cutoff, q=q, sample_rate=sample_rate)
    BandPass.process(block)
    gain = np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64)))
    return np.fft.rfftfreq(frames, 1 / sample_rate), 20 * np.log10(gain + 1e-12)


def analog(cutoff, q, sample_rate, freq):
    """The textbook filter through the bilinear transform, at the warped cutoff."""
    w = 2 * sample_rate * np.tan(np.pi * cutoff / sample_rate)
    b, a = signal.bilinear([w / q, 0], [1, w / q, w * w], sample_rate)
    return 20 * np.log10(np.abs(signal.freqz(b, a, freq, fs=sample_rate)[1]) + 1e-12)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 4.0])
def test_response_is_the_bilinear_designs(sample_rate, q):
    for cutoff in (0.02 * sample_rate, 0.1 * sample_rate, min(20_000.0, 0.4 * sample_rate)):
        freq, gain = response(cutoff, q, sample_rate)
        truth = analog(cutoff, q, sample_rate, freq)
        heard = truth > -80
        assert np.abs(gain - truth)[heard].max() < 0.05


@pytest.mark.parametrize("q", [0.5, 5.0, 50.0])
def test_gain_at_the_centre_is_1_at_every_q(q):
    n = np.arange(48_000)
    tone = np.sin(2 * np.pi * 1_000 / 48_000 * n).astype(np.float32)
    block = block_of(BandPass, audio=tone, cutoff=1_000.0, q=q)
    BandPass.process(block)
    assert np.abs(block.out[-480:, 0]).max() == pytest.approx(1, rel=0.002)


def test_band_between_its_minus_3_db_corners_is_the_centre_over_q():
    freq, gain = response(1_000.0, 5.0, frames=65_536)
    inside = freq[gain > -3.01]
    assert inside[-1] - inside[0] == pytest.approx(200, rel=0.02)


def test_slope_is_6_db_an_octave_on_each_side():
    freq, gain = response(1_000.0, 2.0, 192_000.0)
    assert np.interp(16_000, freq, gain) - np.interp(32_000, freq, gain) == pytest.approx(6, abs=1)
    assert np.interp(125, freq, gain) - np.interp(62.5, freq, gain) == pytest.approx(6, abs=0.3)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_noise_on_the_cutoff_over_its_whole_range_stays_bounded_at_q_100(sample_rate):
    rng = np.random.default_rng(0)
    cutoff = 20 * 1000 ** rng.random((20_000, 4))
    block = block_of(BandPass, audio=rng.uniform(-1, 1, (20_000, 4)), cutoff=cutoff, q=100.0, sample_rate=sample_rate)
    BandPass.process(block)
    assert np.isfinite(block.out).all()
    assert np.abs(block.out).max() < 100


def test_a_step_settles_at_nothing():
    block = block_of(BandPass, audio=np.ones(4_800), cutoff=100.0)
    BandPass.process(block)
    assert abs(block.out[-1, 0]) < 1e-5


def test_a_broken_cutoff_leaves_the_filter_whole():
    cutoff = np.full(400, 1_000.0)
    cutoff[100:110] = np.nan, np.inf, -np.inf, 0, -1, 1e30, 1e-30, np.nan, 3e38, -3e38
    block = block_of(BandPass, audio=np.ones(400), cutoff=cutoff)
    BandPass.process(block)
    assert np.isfinite(block.out).all()


def test_compiled_equals_plain_python():
    rng = np.random.default_rng(1)
    audio, cutoff = rng.uniform(-1, 1, (300, 3)), rng.uniform(20, 20_000, (300, 3))
    blocks = [block_of(BandPass, audio=audio, cutoff=cutoff, q=5.0) for _ in range(2)]
    BandPass.process(blocks[0])
    BandPass.kernel.run_plain(blocks[1])
    assert np.abs(blocks[0].out - blocks[1].out).max() < 1e-4


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 4.0])
@pytest.mark.parametrize("place", [0.02, 0.1, 0.35])
def test_level_and_phase_are_the_bilinear_designs_within_0_01_db_and_0_1_degree(place, q, sample_rate):
    assert_is_bilinear(BandPass, [0, 1 / q, 0], [1, 1 / q, 1], min(place * sample_rate, 20_000.0), sample_rate, q=q)


@pytest.mark.parametrize(("word", "before", "after"), [("cutoff", 100, 10_000), ("q", 0.5, 100)])
def test_a_number_that_is_changed_does_not_click(word, before, after):
    assert click_of(BandPass, word, before, after) < -60
