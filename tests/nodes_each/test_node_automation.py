"""Automation: its notation, its curves, and that the value depends only on the position."""

from __future__ import annotations

import numpy as np
import pytest

from graph import JUMP, START, NodeError, emit
from graph.memory.events import Clock, new_clock, new_events
from graph.testing import block_of
from nodes import Automation
from nodes.dsp.envelopes.breakpoints import HOLD, LINEAR, LOG, MOST, SMOOTH, parse

RATE = 1_000.0


def sixty(frames, start=0.0):
    return new_clock(frames, 60.0, RATE, start)


def course(clock, **options):
    block = block_of(Automation, clock=clock, sample_rate=RATE, **options)
    Automation.process(block)
    return block.out[:, 0]


def test_points_have_positions_values_with_units_and_curves():
    assert parse("0: 200, 4: 2 kHz log, 8: -0.5 hold\n 9.5: -6 dB smooth")[:2] == [(0, 200, HOLD), (4, 2_000, LOG)]
    assert parse("0: 1, 1/2: 2, 1: A4") == [(0, 1, HOLD), (0.5, 2, LINEAR), (1, 440, LINEAR)]
    assert parse("0: 1, 1: 50% smooth")[1] == (1, 0.5, SMOOTH)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("", "no points; write"),
        ("0 1", "'0 1' is not a point"),
        ("0: 1, 4", "'4' is not a point"),
        ("0: 1, 4: 2 lag", "'lag' is not a curve. Did you mean 'log'"),
        ("0: 1, 4: x", "'4: x': "),
        ("4: 1, 0: 2", "'0: 2' comes before the point at 4"),
        ("0: 0, 4: 2 log", "goes through zero; use linear"),
        ("0: -1, 4: 2 log", "goes through zero"),
        (", ".join(f"{i}: 1" for i in range(MOST + 1)), f"{MOST + 1} points; at most {MOST}"),
    ],
)
def test_an_error_names_the_point(points, message):
    with pytest.raises(NodeError, match=f"^automation.points: .*{message}"):
        block_of(Automation, points=points)


def test_a_loop_needs_a_length():
    with pytest.raises(NodeError, match="to loop, the last point must be after 0"):
        block_of(Automation, points="0: 1", loop=True)


def test_each_curve_is_its_formula():
    clock = sixty(9_000)
    value = course(clock, points="1: 100, 3: 400 log, 5: 200, 7: 0 smooth, 8: 7 hold")
    beat = clock.beat[:-1]
    expected = np.piecewise(
        beat,
        [beat < 1, (beat >= 1) & (beat < 3), (beat >= 3) & (beat < 5), (beat >= 5) & (beat < 7), beat >= 7, beat >= 8],
        [100, lambda b: 100 * 2 ** (b - 1), lambda b: 400 - 100 * (b - 3),
         lambda b: 100 + 100 * np.cos(np.pi * (b - 5) / 2), 0, 7],
    )  # fmt: skip
    inside = (beat < 5) | (beat >= 7)
    np.testing.assert_allclose(value[inside], expected[inside], rtol=1e-6, atol=1e-4)
    part = (beat[~inside] - 5) / 2
    np.testing.assert_allclose(value[~inside], 200 * (1 - 3 * part**2 + 2 * part**3), atol=1e-4)


def test_a_jump_of_the_value_falls_on_its_frame():
    value = course(new_clock(4_000, 97.3, RATE), points="0: 1, 3: 2 hold, 3: 5, 4: 5")
    frame = int(np.ceil(3 * 60 / 97.3 * RATE))
    assert value[frame - 1] == 1.0
    assert value[frame] == 5.0


def test_it_is_right_after_a_jump_forwards_and_back():
    clock = sixty(3_000)
    clock.beat[1_000:2_000] += 10
    clock.beat[2_000:] -= 1.5
    emit(clock.changes, 1_000, JUMP, 0, 0, 0.0, 11.0)
    emit(clock.changes, 2_000, JUMP, 0, 0, 0.0, 0.5)
    value = course(clock, points="0: 0, 1: 1, 20: 20")
    np.testing.assert_allclose(value, clock.beat[:-1], rtol=1e-6, atol=1e-7)


def test_places_can_be_bars():
    clock = sixty(8_000)
    clock.quantum[0] = 3.0
    np.testing.assert_allclose(
        course(clock, points="0: 0, 2: 2", unit="bars")[:6_000], np.arange(6_000) / 3_000, atol=1e-6
    )


def test_seconds_run_with_the_clock_and_begin_with_it():
    clock = new_clock(4_000, 240.0, RATE)
    clock.playing[1_000:2_000] = 0
    emit(clock.changes, 3_000, START, 0, 0, 0.0, 0.0)
    value = course(clock, points="0: 0, 9: 9", unit="seconds")
    np.testing.assert_allclose(value[[999, 1_500, 2_999, 3_000, 3_500]], [0.999, 1.0, 1.999, 0.0, 0.5], atol=1e-6)


def test_a_loop_repeats_on_the_frame_of_its_last_point():
    value = course(sixty(9_000), points="0: 1, 1: 2, 3: 8 hold", loop=True)
    np.testing.assert_allclose(value[3_000:6_000], value[:3_000], atol=1e-6)
    np.testing.assert_allclose(value[6_000:], value[:3_000], atol=1e-6)
    assert value[2_999] == 2.0


def test_without_a_clock_it_runs_at_its_own_tempo():
    still = Clock(np.zeros(1_001), np.zeros(1_000), np.zeros(1_000, np.uint8), np.zeros(1), new_events())
    np.testing.assert_allclose(course(still, points="0: 0, 4: 4", tempo=240.0), np.arange(1_000) / 250, atol=1e-6)


def test_it_reports_its_end_unless_it_loops():
    for loop, done in ((False, 1), (True, 0)):
        block = block_of(Automation, clock=sixty(3_000), sample_rate=RATE, points="0: 0, 2: 1", loop=loop)
        Automation.process(block)
        assert block.done[0] == done
