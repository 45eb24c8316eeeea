"""AutoPan: constant power during the sweep."""

from __future__ import annotations

import numpy as np
from clicks import after_a_step

from graph.testing import block_of, node_contract
from nodes import AutoPan

RATE = 8_000.0


def sides(**inputs):
    block = block_of(AutoPan, audio=np.ones(8_000), sample_rate=RATE, **inputs)
    AutoPan.process(block)
    return block.out.astype(np.float64).T


def test_it_keeps_the_contract():
    node_contract(AutoPan)


def test_the_power_stays_within_a_hundredth_of_a_decibel():
    left, right = sides(depth=1.0, rate=3.0)
    assert np.abs(10 * np.log10((left**2 + right**2) / 2)).max() < 0.01


def test_the_position_is_a_sine_of_the_depth():
    left, right = sides(depth=0.6, rate=2.0)
    place = np.arctan2(right, left) * 4 / np.pi - 1
    np.testing.assert_allclose(place, 0.6 * np.sin(2 * np.pi * 2 * np.arange(8_000) / RATE), atol=1e-4)


def test_at_full_depth_it_goes_to_either_side_alone():
    left, right = sides(depth=1.0, rate=1.0)
    np.testing.assert_allclose([left[2_000], right[6_000]], 0, atol=1e-4)
    np.testing.assert_allclose([right[2_000], left[6_000]], np.sqrt(2), atol=1e-4)


def test_without_depth_the_signal_passes():
    np.testing.assert_allclose(sides(depth=0.0), 1, atol=1e-6)


def test_turning_a_knob_does_not_click():
    assert after_a_step(AutoPan, "depth", 0.0, 1.0, rate=48_000.0) < -60
