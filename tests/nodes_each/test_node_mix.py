"""Mix: voices summed, channels apart."""

from __future__ import annotations

import numpy as np
import pytest

from graph.node import arithmetic
from graph.testing import block_of
from nodes import Mix

RANDOM = np.random.default_rng(2)


@pytest.mark.parametrize(("voices", "channels"), [(1, 1), (16, 1), (5, 2), (1, 3)])
def test_voices_are_summed_and_channels_stay_apart(voices, channels):
    audio = RANDOM.standard_normal((40, voices * channels)).astype(np.float32)
    block = block_of(Mix, audio=audio, voices=voices, channels=channels)
    Mix.process(block)
    assert block.out.shape == (40, channels)
    expected = audio.astype(np.float64).reshape(40, channels, voices).sum(axis=2)
    np.testing.assert_allclose(block.out, expected, atol=1e-5)


def test_the_node_is_the_one_that_sums_in_patches_are_made_of():
    assert Mix is arithmetic.Mix
