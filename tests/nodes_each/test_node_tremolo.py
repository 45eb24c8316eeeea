"""Tremolo: depth, rate and shape of the modulation."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step, spark

from graph.testing import block_of, node_contract
from nodes import Tremolo

RATE = 8_000.0


def gain(frames=8_000, **inputs):
    block = block_of(Tremolo, audio=np.ones(frames), sample_rate=RATE, **inputs)
    Tremolo.process(block)
    return block.out[:, 0].astype(np.float64)


def test_it_keeps_the_contract():
    node_contract(Tremolo)


@pytest.mark.parametrize(("rate", "depth"), [(5.0, 0.6), (0.5, 1.0), (40.0, 0.2)])
def test_the_gain_is_a_raised_cosine_from_one_down_to_one_less_depth(rate, depth):
    turns = rate * np.arange(8_000) / RATE
    np.testing.assert_allclose(
        gain(rate=rate, depth=depth), 1 - depth * (0.5 - 0.5 * np.cos(2 * np.pi * turns)), atol=1e-5
    )


def test_without_depth_the_signal_passes_bit_by_bit():
    np.testing.assert_array_equal(gain(depth=0.0), 1)


def test_a_hard_one_is_nearly_a_square_of_even_halves():
    square = gain(rate=2.0, depth=1.0, hardness=1.0)
    assert (square > 0.9).mean() == pytest.approx(0.5, abs=0.04)
    assert (square < 0.1).mean() == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("rate", [0.1, 5.0, 40.0])
def test_the_hardest_edge_does_not_click(rate):
    tone = 0.9 * np.sin(2 * np.pi * 200 / 48_000 * np.arange(30_000))
    block = block_of(Tremolo, audio=tone, rate=rate, depth=1.0, hardness=1.0)
    Tremolo.process(block)
    assert spark(block.out.astype(np.float64)) < -60


@pytest.mark.parametrize(
    ("port", "before", "after"), [("depth", 0.0, 1.0), ("rate", 1.0, 40.0), ("hardness", 0.0, 1.0)]
)
def test_turning_a_knob_does_not_click(port, before, after):
    assert after_a_step(Tremolo, port, before, after) < -60
