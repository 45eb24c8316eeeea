"""Constant: a named value."""

from __future__ import annotations

import numpy as np

from graph.testing import block_of
from nodes import Constant


def test_every_sample_is_the_value():
    block = block_of(Constant, value=440.0)
    Constant.process(block)
    assert (block.out == 440).all()


def test_it_follows_a_value_that_moves():
    ramp = np.linspace(-3, 20_000, 64, dtype=np.float32)
    block = block_of(Constant, value=ramp)
    Constant.process(block)
    np.testing.assert_array_equal(block.out[:, 0], ramp)


def test_any_number_is_allowed():
    assert Constant.ins()["value"].allows(-1e9)
    assert Constant(-40.0).inputs["value"] == -40
