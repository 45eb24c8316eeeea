"""Feedback: stores a block for the next one. Its use in graphs is tested with the plan."""

from __future__ import annotations

import numpy as np

from graph.testing import block_of
from nodes import Feedback


def test_the_block_is_kept():
    audio = np.random.default_rng(3).standard_normal((64, 4)).astype(np.float32)
    block = block_of(Feedback, audio=audio)
    Feedback.process(block)
    np.testing.assert_array_equal(block.out, audio)


def test_it_may_close_a_cycle_and_has_its_own_buffer():
    assert Feedback.breaks_cycles
    assert Feedback.outs()["out"].persistent


def test_it_is_not_run_in_place():
    assert not Feedback.kernel.in_place
