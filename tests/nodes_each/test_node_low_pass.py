from __future__ import annotations

import numpy as np
import pytest
from measure import assert_is_bilinear, click_of
from scipy import signal

from graph.testing import block_of
from nodes import LowPass


def response(cutoff, q, sample_rate=48_000.0, frames=8_192):
    """Frequencies and gains in decibels, from the impulse response."""
    impulse = np.zeros(frames, np.float32)
    impulse[0] = 1
    block = block_of(LowPass, audio=impulse, cutoff=cutoff, q=q, sample_rate=sample_rate)
    LowPass.process(block)
    gain = np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64)))
    return np.fft.rfftfreq(frames, 1 / sample_rate), 20 * np.log10(gain + 1e-12)


def analog(cutoff, q, sample_rate, freq):
    """The textbook filter through the bilinear transform, at the warped cutoff."""
    w = 2 * sample_rate * np.tan(np.pi * cutoff / sample_rate)
    b, a = signal.bilinear([w * w], [1, w / q, w * w], sample_rate)
    return 20 * np.log10(np.abs(signal.freqz(b, a, freq, fs=sample_rate)[1]) + 1e-12)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 4.0])
def test_response_is_the_bilinear_designs(sample_rate, q):
    for cutoff in (0.02 * sample_rate, 0.1 * sample_rate, min(20_000.0, 0.4 * sample_rate)):
        freq, gain = response(cutoff, q, sample_rate)
        truth = analog(cutoff, q, sample_rate, freq)
        heard = truth > -80
        assert np.abs(gain - truth)[heard].max() < 0.05


@pytest.mark.parametrize("cutoff", [200.0, 1_000.0, 10_000.0])
def test_corner_is_minus_3_db(cutoff):
    freq, gain = response(cutoff, 2**-0.5)
    assert np.interp(cutoff, freq, gain) == pytest.approx(-3.01, abs=0.05)


def test_slope_is_12_db_an_octave():
    freq, gain = response(200.0, 0.707)
    assert np.interp(1_600, freq, gain) - np.interp(3_200, freq, gain) == pytest.approx(12, abs=0.4)


@pytest.mark.parametrize("q", [1.0, 10.0, 100.0])
def test_gain_at_the_cutoff_is_q(q):
    n = np.arange(48_000)
    tone = 0.01 * np.sin(2 * np.pi * 1_000 / 48_000 * n).astype(np.float32)
    block = block_of(LowPass, audio=tone, cutoff=1_000.0, q=q)
    LowPass.process(block)
    assert np.abs(block.out[-480:, 0]).max() / 0.01 == pytest.approx(q, rel=0.01)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_noise_on_the_cutoff_over_its_whole_range_stays_bounded_at_q_100(sample_rate):
    rng = np.random.default_rng(0)
    cutoff = 20 * 1000 ** rng.random((20_000, 4))
    block = block_of(LowPass, audio=rng.uniform(-1, 1, (20_000, 4)), cutoff=cutoff, q=100.0, sample_rate=sample_rate)
    LowPass.process(block)
    assert np.isfinite(block.out).all()
    assert np.abs(block.out).max() < 100


def test_a_step_settles_at_its_level():
    block = block_of(LowPass, audio=np.ones(4_800), cutoff=100.0)
    LowPass.process(block)
    assert block.out[-1, 0] == pytest.approx(1, abs=1e-5)


def test_cutoff_above_half_the_rate_is_held_below_it():
    freq, gain = response(20_000.0, 0.707, 8_000.0)
    assert np.abs(gain[freq < 3_000]).max() < 0.1


def test_a_broken_cutoff_leaves_the_filter_whole():
    cutoff = np.full(400, 1_000.0)
    cutoff[100:110] = np.nan, np.inf, -np.inf, 0, -1, 1e30, 1e-30, np.nan, 3e38, -3e38
    block = block_of(LowPass, audio=np.ones(400), cutoff=cutoff)
    LowPass.process(block)
    assert np.isfinite(block.out).all()


def test_compiled_equals_plain_python():
    rng = np.random.default_rng(1)
    audio, cutoff = rng.uniform(-1, 1, (300, 3)), rng.uniform(20, 20_000, (300, 3))
    blocks = [block_of(LowPass, audio=audio, cutoff=cutoff, q=5.0) for _ in range(2)]
    LowPass.process(blocks[0])
    LowPass.kernel.run_plain(blocks[1])
    assert np.abs(blocks[0].out - blocks[1].out).max() < 1e-4


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 4.0])
@pytest.mark.parametrize("place", [0.02, 0.1, 0.35])
def test_level_and_phase_are_the_bilinear_designs_within_0_01_db_and_0_1_degree(place, q, sample_rate):
    assert_is_bilinear(LowPass, [0, 0, 1], [1, 1 / q, 1], min(place * sample_rate, 20_000.0), sample_rate, q=q)


@pytest.mark.parametrize(("word", "before", "after"), [("cutoff", 100, 10_000), ("q", 0.5, 100)])
def test_a_number_that_is_changed_does_not_click(word, before, after):
    assert click_of(LowPass, word, before, after) < -60
