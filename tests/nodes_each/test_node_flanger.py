"""Flanger: the frequencies of its notches and peaks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from clicks import after_a_step

from graph.testing import block_of, node_contract
from nodes import Flanger

RATE = 48_000.0


def response(**inputs):
    """Magnitude of a static flanger in bins of 6 Hz."""
    audio = np.zeros(8_000)
    audio[0] = 1
    block = block_of(Flanger, audio=audio, sample_rate=RATE, **{"depth": 0.0, **inputs})
    Flanger.process(block)
    return np.abs(np.fft.rfft(block.out[:, 0].astype(np.float64)))


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(Flanger, sample_rate=sample_rate)


def test_notches_are_at_odd_halves_of_one_over_the_delay():
    magnitude = response(delay=0.002, feedback=0.0)
    for odd in range(1, 50, 8):
        center = round(250 * odd / 6)
        assert np.argmin(magnitude[center - 20 : center + 21]) == pytest.approx(20, abs=1)


def test_notches_are_30_db_deep_up_to_15_khz_at_any_fraction_of_a_sample():
    for delay in (0.0021, 0.00213, 0.002137):
        magnitude = response(delay=delay, feedback=0.0)
        edges = np.arange(2, 1_200) / delay / 6
        inside = [magnitude[int(a) : int(b) + 1].min() for a, b in pairwise(edges) if b * 6 < 15_000]
        assert max(inside) < 10 ** (-30 / 20)


@pytest.mark.parametrize("feedback", [0.9, -0.9])
def test_feedback_makes_peaks_of_the_geometric_series(feedback):
    magnitude = response(delay=0.002, feedback=feedback, mix=1.0)[10:1_000]
    np.testing.assert_allclose([magnitude.max(), magnitude.min()], [1 / 0.1, 1 / 1.9], rtol=0.02)


def test_the_delay_sways_two_octaves_to_either_side():
    """Position of a notch over time, from the delays of the copies of a slow impulse train."""
    audio = np.zeros(48_000)
    audio[::1_000] = 1
    block = block_of(Flanger, audio=audio, rate=1.0, depth=1.0, delay=0.002, mix=1.0, feedback=0.0, spread=0.0)
    Flanger.process(block)
    rows = block.out[:48_000, 0].reshape(48, 1_000)
    late = np.argmax(rows, axis=1)
    expected = 96 * 4 ** np.sin(2 * np.pi * (np.arange(48) * 1_000 + late) / 48_000)
    np.testing.assert_allclose(late, expected, atol=1)


def test_the_right_side_lags_by_the_spread():
    noise = np.random.default_rng(2).standard_normal(8_000)
    block = block_of(Flanger, audio=noise, sample_rate=8_000.0, rate=4.0, spread=0.0)
    Flanger.process(block)
    np.testing.assert_array_equal(block.out[:, 0], block.out[:, 1])
    block = block_of(Flanger, audio=noise, sample_rate=8_000.0, rate=4.0, spread=0.5, mix=1.0)
    Flanger.process(block)
    assert abs(np.corrcoef(block.out.T)[0, 1]) < 0.5


@pytest.mark.parametrize("feedback", [0.95, -0.95])
def test_the_longest_feedback_dies_away(feedback):
    audio = np.zeros(20_000)
    audio[:50] = 1
    block = block_of(Flanger, audio=audio, feedback=feedback, delay=0.0007)
    Flanger.process(block)
    assert np.abs(block.out[-1_000:]).max() < 1e-4


@pytest.mark.parametrize(
    ("port", "before", "after"),
    [("delay", 0.0003, 0.01), ("depth", 0.0, 1.0), ("feedback", -0.9, 0.9), ("mix", 0.0, 1.0), ("spread", 0.0, 0.5)],
)
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_step(Flanger, port, before, after) < -60
