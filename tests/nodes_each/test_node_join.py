"""Join: two mono signals as one of two channels."""

from __future__ import annotations

import numpy as np

from graph.testing import block_of, node_contract
from nodes import Join


def test_it_keeps_the_contract():
    node_contract(Join)


def test_left_and_right_become_the_two_channels_voice_by_voice():
    left, right = np.arange(6).reshape(2, 3), np.arange(6, 12).reshape(2, 3)
    block = block_of(Join, left=left, right=right, voices=3)
    Join.process(block)
    np.testing.assert_array_equal(block.out, np.concatenate([left, right], axis=1))
