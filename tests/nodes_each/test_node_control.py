"""Control: its range, its curve, and smooth steps from their exact frame."""

from __future__ import annotations

import numpy as np
import pytest

from graph import CONTROL, NOTE_ON, Setup, emit
from graph.memory.events import new_events
from graph.testing import block_of
from nodes import Control

STEP = 240
"""Frames of 5 ms at 48 kHz."""


def turned(*moves, frames=1_000, **values):
    """The output while controller 74 moves: (frame, value[, channel])."""
    events = new_events()
    for frame, value, *channel in moves:
        emit(events, frame, CONTROL, *(channel or [1]), 0, 74.0, value)
    values = {"controller": 74, "min": 200.0, "max": 8_000.0, **values}
    values["given"] = [1 if "initial" in values else 0]
    block = block_of(Control, events=events, frames=frames, **values)
    Control.process(block)
    return block.out[:, 0]


def test_until_it_moves_it_is_the_initial_value():
    assert (turned(initial=1_200.0) == 1_200).all()


def test_without_an_initial_value_it_begins_at_the_minimum():
    assert (turned() == 200).all()
    assert (turned(initial=0.0) == 0).all()


def test_it_knows_whether_an_initial_value_was_given():
    setup = Setup("knob", 48_000.0, 64, 1, 1)
    assert Control(initial=0.0).prepare(setup) == {"given": [1]}
    assert Control(min=0.0).prepare(setup) == {"given": [0]}


@pytest.mark.parametrize(("turn", "value"), [(0.0, 200.0), (0.25, 2_150.0), (1.0, 8_000.0)])
def test_linear_is_equal_steps(turn, value):
    assert turned((0, turn))[-1] == pytest.approx(value)


@pytest.mark.parametrize(("turn", "value"), [(0.0, 200.0), (0.5, 1_264.911), (1.0, 8_000.0)])
def test_log_is_equal_ratios(turn, value):
    assert turned((0, turn), curve="log")[-1] == pytest.approx(value, rel=1e-6)


def test_log_needs_both_ends_above_zero_and_is_linear_otherwise():
    assert turned((0, 0.5), curve="log", min=-2.0, max=4.0)[-1] == 1.0


def test_the_range_may_be_upside_down():
    assert turned((0, 0.25), min=10.0, max=2.0)[-1] == 8.0


def test_a_step_begins_at_its_frame_and_is_a_line_of_five_milliseconds():
    out = turned((100, 1.0), initial=4_000.0)
    assert (out[:101] == 4_000).all()
    np.testing.assert_allclose(out[100 : 101 + STEP], np.linspace(4_000, 8_000, STEP + 1), rtol=1e-6)
    assert (out[100 + STEP :] == 8_000).all()


def test_a_step_during_a_ramp_continues_from_the_current_value():
    out = turned((0, 1.0), (120, 0.0), min=0.0, max=1.0)
    assert out[120] == pytest.approx(0.5)
    np.testing.assert_allclose(out[120 : 121 + STEP], np.linspace(0.5, 0.0, STEP + 1), atol=1e-6)


def test_two_steps_at_one_frame_are_one_to_the_last():
    out = turned((0, 1.0), (0, 0.5), min=0.0, max=1.0)
    np.testing.assert_allclose(out[: STEP + 1], np.linspace(0.0, 0.5, STEP + 1), atol=1e-6)


def test_a_sweep_has_no_step_larger_than_its_own_slope():
    moves = [(i * 8, i / 127) for i in range(128)]
    out = turned(*moves, frames=1_500, min=0.0, max=1.0)
    assert np.abs(np.diff(out)).max() < 1.05 / (127 * 8)
    assert out[-1] == 1.0


def test_only_its_controller_and_its_channel_move_it():
    events = new_events()
    emit(events, 0, CONTROL, 1, 0, 73.0, 1.0)
    emit(events, 0, NOTE_ON, 1, 0, 74.0, 1.0)
    block = block_of(Control, events=events, controller=74)
    Control.process(block)
    assert not block.out.any()
    assert turned((0, 1.0, 3), channel=2)[-1] == 200
    assert turned((0, 1.0, 2), channel=2)[-1] == 8_000


def test_it_follows_ends_that_move():
    high = np.linspace(1.0, 2.0, 500)
    out = turned((0, 0.5), frames=500, min=0.0, max=high)
    np.testing.assert_allclose(out[STEP:], high[STEP:] / 2, rtol=1e-6)


def test_any_split_of_frames_gives_the_same_samples():
    moves = [(5, 0.3), (64, 0.9), (100, 0.2), (190, 1.0)]
    whole = turned(*moves, frames=512, curve="log", initial=900.0)
    values = {"controller": 74, "min": 200.0, "max": 8_000.0, "curve": "log", "initial": 900.0, "given": [1]}
    block = block_of(Control, events=new_events(), frames=8, **values)
    parts = []
    for start in range(0, 512, 8):
        block.events.count[0] = 0
        for frame, value in moves:
            if start <= frame < start + 8:
                emit(block.events, frame - start, CONTROL, 1, 0, 74.0, value)
        Control.process(block)
        parts.append(block.out[:, 0].copy())
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def picked_up(*moves, **values):
    """Like `turned`, with `pickup`."""
    return turned(*moves, pickup=True, **values)


def test_with_pickup_a_knob_elsewhere_moves_nothing():
    out = picked_up((0, 0.9), (10, 0.8), (20, 0.7), min=0.0, max=1.0, initial=0.5)
    assert (out == 0.5).all()


@pytest.mark.parametrize("way", [(0.9, 0.7, 0.4), (0.1, 0.2, 0.6), (0.9, 0.505)])
def test_with_pickup_a_knob_that_passes_the_value_takes_it(way):
    out = picked_up(*((i * 300, turn) for i, turn in enumerate(way)), min=0.0, max=1.0, initial=0.5)
    assert out[-1] == pytest.approx(way[-1])
    assert (out[: 300 * (len(way) - 1) + 1] == 0.5).all()


def test_a_picked_up_knob_stays_in_control():
    out = picked_up((0, 0.5), (300, 0.9), (600, 0.1), min=0.0, max=1.0, initial=0.5)
    assert out[599] == pytest.approx(0.9)
    assert out[-1] == pytest.approx(0.1)


def test_pickup_finds_the_position_of_a_logarithmic_knob():
    middle = 1_264.911
    assert picked_up((0, 0.45), (300, 0.55), curve="log", initial=middle)[-1] == pytest.approx(1_521, rel=1e-3)
    assert picked_up((0, 0.13), (300, 0.15), curve="log", initial=middle)[-1] == pytest.approx(middle)


def test_without_an_initial_value_it_picks_up_at_the_minimum():
    assert picked_up((0, 0.5), (10, 0.6))[-1] == 200
    assert picked_up((0, 0.01), (10, 0.5))[-1] == pytest.approx(4_100)


def test_an_initial_value_beyond_the_range_is_picked_up_at_its_end():
    assert picked_up((0, 1.0), (300, 0.5), min=0.0, max=1.0, initial=3.0)[-1] == pytest.approx(0.5)


def test_a_new_initial_value_glides_in_and_the_knob_must_reach_it():
    start = np.full(2_000, 0.2)
    start[600:] = 0.8
    out = picked_up((0, 0.2), (100, 0.4), (1_200, 0.5), (1_500, 0.9), frames=2_000, min=0.0, max=1.0, initial=start)
    assert out[599] == pytest.approx(0.4)
    np.testing.assert_allclose(out[600 : 601 + STEP], np.linspace(0.4, 0.8, STEP + 1), atol=1e-6)
    assert out[1_499] == pytest.approx(0.8)
    assert out[-1] == pytest.approx(0.9)


def test_without_pickup_a_new_initial_value_does_not_move_a_knob_in_control():
    start = np.full(2_000, 0.2)
    start[600:] = 0.8
    assert (turned((0, 0.4), frames=2_000, min=0.0, max=1.0, initial=start)[STEP:] == np.float32(0.4)).all()


def test_picking_up_never_steps():
    moves = [(i * 8, 0.9 - i / 127) for i in range(100)]
    out = picked_up(*moves, frames=1_500, min=0.0, max=1.0, initial=0.5)
    assert np.abs(np.diff(out)).max() < 1.05 * (1.5 / 127) / 240 + 1.05 / (127 * 8)
    assert out[-1] == pytest.approx(0.9 - 99 / 127)
