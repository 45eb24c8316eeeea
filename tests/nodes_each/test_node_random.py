from __future__ import annotations

import numpy as np
import pytest

from graph.memory.events import new_clock
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


def place(start, frames, **more):
    return drawn(frames, clock=new_clock(frames, 60.0, 1_000.0, start), seed=4, **more)


@pytest.mark.parametrize("glide", [0.0, 0.5, 1.0])
def test_with_beats_a_value_belongs_to_its_place(glide):
    whole = place(0.0, 16_000, beats=0.5, glide=glide)
    assert len(np.unique(whole[499::500])) == 32
    np.testing.assert_allclose(place(8.0, 4_000, beats=0.5, glide=glide), whole[8_000:12_000], atol=1e-6)
    np.testing.assert_allclose(place(8.25, 4_000, beats=0.5, glide=glide), whole[8_250:12_250], atol=1e-6)
    if glide:
        assert np.abs(np.diff(whole)).max() < 2 * 1.5 / (500 * glide) * 1.01


@pytest.mark.parametrize("glide", [0.0, 1.0])
def test_a_trigger_starts_a_cycle_of_the_clock_at_its_frame_and_never_steps_while_gliding(glide):
    trigger = np.where(np.arange(3_000) == 1_250, 1.0, 0.0)
    plain = place(0.0, 3_000, beats=1, glide=glide)
    out = place(0.0, 3_000, beats=1, glide=glide, trigger=trigger)
    np.testing.assert_array_equal(out[:1_251], plain[:1_251])
    np.testing.assert_array_equal(out, place(0.0, 3_000, beats=1, glide=glide, trigger=trigger))
    if glide:
        assert np.abs(np.diff(out)).max() < 2 * 1.5 / 1_000 * 1.01
    else:
        assert np.flatnonzero(np.diff(out)).tolist() == [999, 1_250, 2_249]
