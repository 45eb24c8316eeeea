from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Slew


def slewed(signal, **values):
    block = block_of(Slew, audio=np.asarray(signal), sample_rate=1_000.0, **values)
    Slew.process(block)
    return block.out[:, 0]


STEP = np.concatenate([np.zeros(10), np.ones(300), np.zeros(300)])


def test_linear_takes_its_time_for_each_unit_up_and_down():
    out = slewed(STEP, rise=0.1, fall=0.2, shape="linear")
    assert out[10:110] == pytest.approx(np.arange(1, 101) / 100, abs=1e-5)
    assert out[310:510] == pytest.approx(1 - np.arange(1, 201) / 200, abs=1e-5)
    assert out[-1] == 0


def test_exponential_covers_99_9_percent_of_any_distance_in_its_time():
    out = slewed(100 * STEP, rise=0.1, fall=0.2)
    assert out[109] == pytest.approx(99.9, abs=0.01)
    assert out[10:60] == pytest.approx(100 * (1 - 0.001 ** (np.arange(1, 51) / 100)), rel=1e-3)


def test_the_first_value_is_there_at_once():
    assert slewed(np.full(5, 440.0), rise=1.0) == pytest.approx(440)


def test_no_time_is_no_lag():
    assert (slewed(STEP, rise=0.0, fall=0.0) == STEP).all()
