"""AudioIn as a kernel: which inputs it takes."""

from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of, node_contract
from nodes import AudioIn

SOUND = np.random.default_rng(2).uniform(-1, 1, (100, 8)).astype(np.float32)


@pytest.mark.parametrize("sample_rate", [8_000.0, 48_000.0, 192_000.0])
def test_it_keeps_the_contract(sample_rate):
    node_contract(AudioIn, sample_rate=sample_rate)


@pytest.mark.parametrize(("first", "width", "columns"), [(1, 1, [0]), (3, 1, [2]), (2, 2, [1, 2]), (7, 2, [6, 7])])
def test_inputs_pass_unchanged(first, width, columns):
    block = block_of(AudioIn, heard=SOUND, first=first, width=width)
    AudioIn.process(block)
    np.testing.assert_array_equal(block.out, SOUND[:, columns])


def test_unused_inputs_are_silent():
    block = block_of(AudioIn, heard=SOUND[:, :2], first=3)
    AudioIn.process(block)
    assert not block.out.any()
