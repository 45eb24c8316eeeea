"""Vibrato: depth of the pitch modulation, and undulled treble."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step
from scipy.signal import hilbert

from graph.testing import block_of, node_contract
from nodes import Vibrato

RATE = 8_000.0


def swaying(cycles, frames, sample_rate=RATE, **inputs):
    tone = np.sin(2 * np.pi * cycles * np.arange(frames))
    block = block_of(Vibrato, audio=tone, sample_rate=sample_rate, **inputs)
    Vibrato.process(block)
    return block.out[:, 0].astype(np.float64)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(Vibrato, sample_rate=sample_rate)


@pytest.mark.parametrize(("rate", "depth"), [(5.5, 30.0), (2.0, 100.0), (15.0, 10.0)])
def test_the_pitch_sways_by_the_depth_to_either_side(rate, depth):
    out = swaying(0.1, 12_000, rate=rate, depth=depth)
    pitch = np.diff(np.unwrap(np.angle(hilbert(out)))) / (2 * np.pi * 0.1)
    pitch = np.convolve(pitch, np.ones(20) / 20, "valid")[1_000:-1_000]
    bend = 2 ** (depth / 1_200) - 1
    assert pitch.max() - 1 == pytest.approx(bend, rel=0.02)
    assert 1 - pitch.min() == pytest.approx(bend, rel=0.02)


def test_it_modulates_at_the_rate():
    out = swaying(0.1, 16_000, rate=5.0, depth=50.0)
    pitch = np.diff(np.unwrap(np.angle(hilbert(out))))
    spectrum = np.abs(np.fft.rfft(pitch - pitch.mean()))
    assert np.argmax(spectrum[:100]) == 10


def test_without_depth_it_is_a_delay_of_four_samples():
    noise = np.random.default_rng(1).standard_normal(300).astype(np.float32)
    block = block_of(Vibrato, audio=noise, depth=0.0)
    Vibrato.process(block)
    np.testing.assert_array_equal(block.out[4:, 0], noise[:-4])


def test_the_treble_is_not_modulated_by_the_lfo():
    out = swaying(15_000 / 48_000, 12_000, 48_000.0, rate=10.0, depth=20.0)
    level = 20 * np.log10(np.abs(hilbert(out))[500:-500])
    assert level.min() > -0.5
    assert level.max() < 0.5


def test_turning_a_knob_does_not_click():
    assert after_a_step(Vibrato, "depth", 0.0, 200.0) < -60
    assert after_a_step(Vibrato, "rate", 20.0, 0.1) < -60
