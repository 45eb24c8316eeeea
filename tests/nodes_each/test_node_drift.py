from __future__ import annotations

import numpy as np
import pytest
from alias import compiled

from graph.testing import block_of
from nodes import Drift


def cents(frames=48_000, sample_rate=8_000.0, voices=1, name="drift", **values):
    block = block_of(Drift, frames=frames, sample_rate=sample_rate, voices=voices, name=name, freq=440.0, **values)
    Drift.process(block)
    return 1200 * np.log2(block.out.astype(np.float64) / 440)


@compiled
def test_it_wanders_as_far_as_its_depth_and_no_farther():
    out = cents(200_000, depth=30.0, rate=20.0)
    assert 25 < out.max() < 30.01
    assert -30.01 < out.min() < -25
    assert abs(out.mean()) < 3


def test_no_depth_is_no_drift():
    assert np.abs(cents(1_000, depth=0.0)).max() < 1e-4


@compiled
@pytest.mark.parametrize("rate", [5.0, 20.0])
def test_it_turns_at_its_rate(rate):
    out = cents(160_000, rate=rate, depth=100.0)[:, 0]
    turns = np.sum(np.diff(np.sign(np.diff(out[::80]))) != 0) / 20
    # Of random targets two in three are turning points.
    assert turns == pytest.approx(2 / 3 * rate, rel=0.35)


@compiled
def test_it_never_jumps():
    out = cents(80_000, rate=5.0, depth=100.0)[:, 0]
    assert np.abs(np.diff(out)).max() < 200 * 1.875 * 5 / 8_000 * 1.01 + 1e-3


@compiled
def test_voices_wander_by_themselves():
    out = cents(160_000, voices=4, rate=20.0)
    assert np.abs(np.corrcoef(out.T) - np.eye(4)).max() < 0.25


def test_a_name_or_seed_gives_the_same_drift_every_time():
    assert (cents(500) == cents(500)).all()
    assert (cents(500) != cents(500, name="other")).any()
    assert (cents(500, seed=4) == cents(500, seed=4, name="other")).all()


def test_zero_hertz_stays_zero():
    block = block_of(Drift, frames=100, freq=0.0)
    Drift.process(block)
    assert (block.out == 0).all()
