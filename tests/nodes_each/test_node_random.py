from __future__ import annotations

import numpy as np
import pytest

from graph.testing import block_of
from nodes import Random


def drawn(frames=10_000, **values):
    block = block_of(Random, frames=frames, sample_rate=1_000.0, **values)
    Random.process(block)
    return block.out[:, 0] if block.out.shape[1] == 1 else block.out


def test_steps_occur_at_the_rate():
    changes = np.flatnonzero(np.diff(drawn(rate=10.0)))
    assert np.diff(changes) == pytest.approx(100, abs=1)
    assert len(changes) in (99, 100)


def test_values_fill_the_range_evenly():
    out = drawn(50_000, rate=100.0, low=200.0, high=600.0)[::10]
    assert 200 <= out.min() < 205
    assert 595 < out.max() <= 600
    assert out.mean() == pytest.approx(400, abs=10)
    assert out.std() == pytest.approx(400 / 12**0.5, rel=0.03)


def test_gliding_all_the_way_it_never_steps():
    out = drawn(rate=5.0, glide=1.0)
    assert np.abs(np.diff(out)).max() < 2 * 1.5 / 200 * 1.01


def test_a_trigger_draws_a_new_value_at_rate_0():
    trigger = np.zeros(100)
    trigger[[20, 60]] = 1
    out = drawn(100, rate=0.0, trigger=trigger)
    assert len(set(out)) == 3


def test_lanes_draw_their_own_and_a_seed_repeats():
    out = drawn(2_000, voices=3, seed=7)
    assert abs(np.corrcoef(out[::50].T)[0, 1]) < 0.5
    assert (drawn(2_000, voices=3, seed=7) == out).all()
    assert (drawn(2_000, voices=3, seed=8) != out).any()
