"""Balance: the far side fades, the near one stays."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import after_a_step

from graph.testing import block_of, node_contract
from nodes import Balance

POSITIONS = np.linspace(-1, 1, 201)


def sides():
    block = block_of(Balance, audio=np.ones((201, 2)), position=POSITIONS, voices=1)
    Balance.process(block)
    return block.out.astype(np.float64).T


def test_it_keeps_the_contract():
    node_contract(Balance)


def test_the_center_passes_bit_by_bit():
    audio = np.random.default_rng(1).standard_normal((50, 2)).astype(np.float32)
    block = block_of(Balance, audio=audio, voices=1)
    Balance.process(block)
    np.testing.assert_array_equal(block.out, audio)


def test_the_near_side_stays_and_the_far_side_falls_as_a_cosine():
    left, right = sides()
    np.testing.assert_allclose(left[:101], 1, atol=1e-6)
    np.testing.assert_allclose(left[100:], np.cos(np.pi / 2 * POSITIONS[100:]), atol=1e-6)
    np.testing.assert_allclose(right, left[::-1], atol=1e-6)


def test_hard_left_leaves_nothing_on_the_right():
    left, right = sides()
    assert right[0] == left[-1] == 0


def test_voices_keep_their_own_positions():
    audio = np.ones((1, 6))
    block = block_of(Balance, audio=audio, position=np.array([[-1, 0, 1]]), voices=3, frames=1)
    Balance.process(block)
    np.testing.assert_allclose(block.out[0], [1, 1, 0, 0, 1, 1], atol=1e-6)


@pytest.mark.parametrize("after", [-1.0, 1.0])
def test_turning_the_knob_does_not_click(after):
    assert after_a_step(Balance, "position", 0.0, after, channels=2) < -60
