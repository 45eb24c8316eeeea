"""Meter: readings of signals with known levels."""

from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of, node_contract
from nodes import Meter

RATE = 8_000.0


def measured(audio, **inputs):
    block = block_of(Meter, audio=audio, sample_rate=RATE, **inputs)
    Meter.process(block)
    np.testing.assert_array_equal(block.out[:, 0], np.float32(audio))
    return block.peak[:, 0].astype(np.float64), block.rms[:, 0].astype(np.float64)


def test_it_keeps_the_contract():
    node_contract(Meter)


def test_a_sine_shows_its_peak_and_its_root_mean_square():
    peak, rms = measured(0.5 * np.sin(2 * np.pi * 0.0125 * np.arange(16_000)))
    assert peak[-1] == pytest.approx(0.5, rel=0.01)
    assert rms[-1] == pytest.approx(0.5 / np.sqrt(2), rel=0.005)


def test_a_single_sample_is_seen_at_once():
    audio = np.zeros(100)
    audio[50] = -0.8
    peak, _ = measured(audio)
    assert peak[49] == 0
    assert peak[50] == pytest.approx(0.8)


def test_the_peak_falls_by_20_db_in_1_7_seconds():
    audio = np.zeros(14_000)
    audio[0] = 1
    peak, _ = measured(audio)
    assert 20 * np.log10(peak[int(1.7 * RATE)]) == pytest.approx(-20, abs=0.05)


@pytest.mark.parametrize("time", [0.05, 0.3])
def test_the_mean_square_of_a_step_is_at_63_percent_after_the_time(time):
    _, rms = measured(np.ones(4_000), time=time)
    assert rms[int(time * RATE) - 1] ** 2 == pytest.approx(1 - np.exp(-1), rel=1e-3)
