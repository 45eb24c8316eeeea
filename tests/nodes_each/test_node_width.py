"""Width: mid and side."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step
from scipy.signal import butter, freqz

from graph.testing import block_of, node_contract
from nodes import Width

AUDIO = np.random.default_rng(1).standard_normal((500, 2)).astype(np.float32)


def widened(audio=AUDIO, **inputs):
    block = block_of(Width, audio=audio, voices=1, **inputs)
    Width.process(block)
    return block.out.astype(np.float64)


def test_it_keeps_the_contract():
    node_contract(Width)


def test_a_width_of_one_passes_bit_by_bit():
    np.testing.assert_array_equal(widened(width=1.0), AUDIO)


def test_a_width_of_zero_is_the_mean_of_both_sides():
    np.testing.assert_allclose(widened(width=0.0), np.repeat(AUDIO.mean(axis=1, keepdims=True), 2, axis=1), atol=1e-6)


@pytest.mark.parametrize("width", [0.5, 2.0])
def test_the_difference_grows_by_the_width_and_the_sum_stays(width):
    out = widened(width=width)
    np.testing.assert_allclose(out[:, 0] - out[:, 1], width * (AUDIO[:, 0] - AUDIO[:, 1]), atol=1e-5)
    np.testing.assert_allclose(out.sum(axis=1), AUDIO.sum(axis=1), atol=1e-5)


def test_below_the_corner_the_difference_is_high_passed_and_the_sum_stays():
    audio = np.zeros((24_000, 2), np.float32)
    audio[0] = 1, -1
    out = widened(audio, mono_below=120.0)
    np.testing.assert_allclose(out.sum(axis=1), 0, atol=1e-6)
    freq = np.arange(10, 12_001) * 2.0
    _, ideal = freqz(*butter(1, 120, "high", fs=48_000), freq, fs=48_000)
    np.testing.assert_allclose(np.fft.rfft(out[:, 0])[10:], ideal, atol=1e-4)


@pytest.mark.parametrize(("port", "before", "after"), [("width", 0.0, 2.0), ("mono_below", 0.0, 1_000.0)])
def test_turning_a_knob_does_not_click(port, before, after):
    rng = {"channels": 2}
    assert after_a_step(Width, port, before, after, **rng) < -60
