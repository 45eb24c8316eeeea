from __future__ import annotations

import numpy as np
import pytest

from graph import Graph, NodeError
from graph.testing import block_of
from nodes import Envelope


def level(gate, stages, sample_rate=1_000.0, **values):
    block = block_of(Envelope, gate=np.asarray(gate, np.float32), stages=stages, sample_rate=sample_rate, **values)
    Envelope.process(block)
    return block.out[:, 0]


def held(frames, after):
    return np.concatenate([np.ones(frames), np.zeros(after)])


def test_every_stage_ends_at_its_level_to_the_frame():
    out = level(held(600, 200), "10 ms 1, 0.2 s 0.5, 100 ms 0.8, hold, 50 ms 0")
    assert [out[9], out[209], out[309]] == pytest.approx([1, 0.5, 0.8], abs=1e-6)
    assert (out[310:600] == out[309]).all()
    assert out[648] > 0
    assert (out[649:] == 0).all()


def test_a_straight_stage_is_straight_and_a_curve_is_an_exponential():
    out = level(held(200, 0), "100 ms 1")
    assert out[:100] == pytest.approx(np.arange(1, 101) / 100, abs=1e-6)
    out = level(held(200, 0), "100 ms 1 curve 4")
    assert out[:100] == pytest.approx((1 - np.exp(-0.04 * np.arange(1, 101))) / (1 - np.exp(-4)), abs=1e-6)


def test_there_may_be_many_stages_of_any_sign():
    text = ", ".join(f"10 ms {(-1) ** n * n}" for n in range(1, 61))
    out = level(held(700, 0), text)
    assert out[9:600:10] == pytest.approx([(-1) ** n * n for n in range(1, 61)], abs=1e-4)


def test_without_hold_it_runs_through_whatever_the_gate_does():
    out = level(held(5, 300), "100 ms 1, 100 ms 0")
    assert out[99] == pytest.approx(1)
    assert out[250] == 0


def test_release_before_the_hold_continues_from_the_current_level():
    out = level(held(50, 100), "100 ms 1, hold, 50 ms 0")
    assert out[49] == pytest.approx(0.5)
    assert out[50] == pytest.approx(0.49)
    assert np.abs(np.diff(out)).max() < 0.011


def test_a_new_note_continues_from_the_current_level():
    gate = np.concatenate([np.ones(100), np.zeros(25), np.ones(100)])
    out = level(gate, "50 ms 1, hold, 50 ms 0")
    assert out[124] == pytest.approx(0.5)
    assert out[125] == pytest.approx(0.51)


def test_a_loop_repeats_while_the_gate_is_high():
    out = level(held(1_000, 100), "250 ms 1, 250 ms 0, hold, 10 ms 0", loop=True)
    assert out[[249, 499, 749]] == pytest.approx([1, 0, 1], abs=1e-6)
    assert (out[1_020:] == 0).all()


def test_speed_makes_stages_shorter():
    out = level(held(100, 0), "100 ms 1", speed=4.0)
    assert out[24] == pytest.approx(1)


def test_a_stage_of_no_time_is_there_at_once():
    out = level(held(10, 0), "0 s 1, 0 s 0.25, hold")
    assert out[0] == 0.25


@pytest.mark.parametrize(
    "text", ["", "loud", "10 ms", "10 ms 1 hold", "hold, hold, 1 s 0", "700 s 1", "1 s 1 curve 99"]
)
def test_an_invalid_stage_is_reported(text):
    with pytest.raises(NodeError, match=r"envelope\.stages: .*(stage|hold)"):
        Graph(Envelope(gate=1.0, stages=text, name="envelope")).render(seconds=0.01)
