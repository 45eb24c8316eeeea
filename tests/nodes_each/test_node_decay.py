from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Decay


def struck(frames, at=(0,), sample_rate=1_000.0, **values):
    trigger = np.zeros(frames, np.float32)
    trigger[list(at)] = 1
    block = block_of(Decay, trigger=trigger, sample_rate=sample_rate, **values)
    Decay.process(block)
    return block.out[:, 0].astype(np.float64)


def test_it_rises_straight_and_falls_by_60_db_in_its_time():
    out = struck(400, attack=0.02, time=0.3)
    assert out[:20] == pytest.approx(np.arange(1, 21) / 20, abs=1e-6)
    assert out[20:350] == pytest.approx(0.001 ** (np.arange(1, 331) / 300), rel=1e-4)


def test_no_attack_is_there_at_once():
    assert struck(10, attack=0.0)[0] == 1


def test_ten_seconds_accumulate_no_error():
    out = struck(96_000, sample_rate=9_600.0, attack=0.0, time=10.0)
    assert out[-1] == pytest.approx(0.001, rel=1e-3)


def test_a_new_trigger_continues_from_the_current_level():
    out = struck(400, at=(0, 100), attack=0.05, time=0.5)
    assert 0 <= out[100] - out[99] < 0.02
    assert out[149] == pytest.approx(1, abs=1e-6)


def test_a_changed_time_does_not_step():
    time = np.where(np.arange(400) < 200, 1.0, 0.1)
    out = struck(400, attack=0.0, time=time)
    assert np.diff(np.log(out))[:199] == pytest.approx(np.log(0.001) / 1_000, rel=1e-2)
    assert np.diff(np.log(out))[201:250] == pytest.approx(np.log(0.001) / 100, rel=1e-2)
