"""Channels: which channel goes where."""

from __future__ import annotations

import numpy as np

from graph import Graph
from graph.testing import block_of, node_contract
from nodes import Channels, Constant, Join

AUDIO = np.arange(24, dtype=np.float32).reshape(2, 12)


def picked(**more):
    block = block_of(Channels, audio=AUDIO, channels=4, voices=3, **more)
    Channels.process(block)
    return block.left, block.right


def test_it_keeps_the_contract():
    node_contract(Channels)


def test_left_and_right_are_the_first_two_channels_with_all_their_voices():
    left, right = picked()
    np.testing.assert_array_equal(left, AUDIO[:, :3])
    np.testing.assert_array_equal(right, AUDIO[:, 3:6])


def test_any_other_pair_can_be_picked():
    left, right = picked(first=3)
    np.testing.assert_array_equal(left, AUDIO[:, 6:9])
    np.testing.assert_array_equal(right, AUDIO[:, 9:])


def test_beyond_the_last_channel_it_is_the_last_one():
    left, right = picked(first=8)
    np.testing.assert_array_equal(left, AUDIO[:, 9:])
    np.testing.assert_array_equal(right, AUDIO[:, 9:])


def test_in_a_graph_the_sides_can_be_swapped():
    stereo = Channels(audio=Join(left=Constant(value=0.25), right=Constant(value=0.5)))
    out = Graph(Join(left=stereo.right, right=stereo.left)).render(seconds=0.1)
    np.testing.assert_allclose(out[-1], [0.5, 0.25])
