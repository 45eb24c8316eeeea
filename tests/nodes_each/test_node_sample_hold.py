from __future__ import annotations

import numpy as np

from graph.testing import block_of
from nodes import SampleHold


def test_it_keeps_the_value_of_the_triggers_own_frame():
    signal = np.arange(1, 21, dtype=np.float32)
    trigger = np.zeros(20, np.float32)
    trigger[[4, 5, 12]] = 1
    block = block_of(SampleHold, audio=signal, trigger=trigger)
    SampleHold.process(block)
    assert list(block.out[:, 0]) == [0] * 4 + [5] * 8 + [13] * 8


def test_a_trigger_that_stays_up_takes_one_value():
    block = block_of(SampleHold, audio=np.arange(9.0), trigger=np.ones(9))
    SampleHold.process(block)
    assert (block.out == 0).all()
