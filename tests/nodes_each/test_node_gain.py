"""Gain: a signal times a factor."""

from __future__ import annotations

import numpy as np

from graph.node import arithmetic
from graph.testing import block_of
from nodes import Gain

RANDOM = np.random.default_rng(1)


def test_gain_is_a_product_at_every_sample():
    audio = RANDOM.standard_normal((50, 6)).astype(np.float32)
    gain = RANDOM.standard_normal((50, 6)).astype(np.float32)
    block = block_of(Gain, audio=audio, gain=gain)
    Gain.process(block)
    np.testing.assert_array_equal(block.out, audio * gain)


def test_without_a_gain_the_signal_passes_unchanged():
    audio = RANDOM.standard_normal((50, 2)).astype(np.float32)
    block = block_of(Gain, audio=audio)
    Gain.process(block)
    np.testing.assert_array_equal(block.out, audio)


def test_the_node_is_the_one_that_levels_in_patches_are_made_of():
    assert Gain is arithmetic.Gain
