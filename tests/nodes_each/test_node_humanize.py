"""Humanize: never early, never later than the setting, unchanged note lengths, and repeatable performances."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, held, jumps, no_clock, offs, ons, script, sixty, stuck

from graph import CONTROL, NOTE_OFF, NOTE_ON, START, TICK
from nodes import Humanize

LINE = held(*((50 * i, 50 * i + 30, 30 + i % 90) for i in range(200)))


def play(events=LINE, frames=12_000, split=100, **options):
    return heard(Humanize, no_clock(frames), events, split=split, **options)


def test_notes_are_delayed_by_0_to_twice_the_time_and_by_the_time_on_average():
    played = ons(play(time=0.02, seed=1))
    late = np.array([frame for frame, _ in played]) - 50 * np.arange(200)
    assert len(played) == 200
    assert late.min() >= 0
    assert late.max() <= 40
    assert late.mean() == pytest.approx(20, abs=2)
    assert late.std() == pytest.approx(20 / np.sqrt(6), rel=0.2), "the sum of two even draws"


def test_a_note_keeps_its_length():
    played = play(time=0.02, seed=1)
    for (begin, key), (end, same) in zip(ons(played), offs(played), strict=True):
        assert key == same
        assert end - begin == pytest.approx(30, abs=1)


def test_velocities_deviate_by_at_most_the_setting():
    values = np.array([value for _, kind, _, value in play(velocity=0.2, seed=1) if kind == NOTE_ON])
    assert np.abs(values - 0.5).max() <= 0.2
    assert values.std() == pytest.approx(0.2 / np.sqrt(3), rel=0.15)
    assert {value for _, kind, _, value in play(velocity=0.0) if kind == NOTE_ON} == {0.5}
    loud = held((0, 9, 60, 1.0), (20, 29, 60, 0.01))
    assert all(0 < value <= 1 for _, _, _, value in play(loud, 200, velocity=1.0, seed=3))


def test_without_time_nothing_moves():
    assert ons(play(time=0.0)) == [(50 * i, 30 + i % 90) for i in range(200)]


def test_the_same_seed_is_the_same_performance_whatever_the_block():
    assert play(seed=4) == play(seed=4, split=1_000) == play(seed=4, split=10) != play(seed=5)


def test_controllers_are_late_by_the_time_and_a_midi_clock_not_at_all():
    events = script((10, CONTROL, 64, 1.0), (11, TICK, 0, 0, 0), (12, START, 0, 0, 0))
    assert [event[:2] for event in play(events, 100, time=0.02)] == [(11, TICK), (12, START), (30, CONTROL)]


def test_the_end_of_a_note_never_ends_the_next_of_its_key():
    trill = held(*((10 * i, 10 * i + 9, 60) for i in range(300)))
    for seed in range(1, 6):
        played = [event for event in play(trill, 4_000, time=0.03, seed=seed) if event[1] in (NOTE_ON, NOTE_OFF)]
        assert len(ons(played)) == len(offs(played)) == 300
        assert not stuck(played)


def test_more_notes_than_can_wait_are_left_out_but_no_note_hangs():
    crowd = held(*((i // 16, 200 + i // 16, 20 + i % 100, 0.5, 1 + i // 100) for i in range(400)))
    played = play(crowd, 800, split=8, time=0.1)
    assert 250 <= len(ons(played)) < 400
    assert not stuck(played)


def test_the_time_may_move():
    time = np.where(np.arange(12_000) < 6_000, 0.0, 0.05)
    late = np.array([frame for frame, _ in ons(play(time=time, seed=2))]) - 50 * np.arange(200)
    assert (late[:120] == 0).all()
    assert late[121:].mean() == pytest.approx(50, abs=8)


def test_with_a_clock_a_looped_bar_is_played_the_same_each_time():
    line = held(*((100 * i, 100 * i + 30, 60) for i in range(80)))
    played = ons(heard(Humanize, jumps(sixty(8_000), 4_000, 0.0), line, split=100, seed=3, time=0.02))
    first = [place for place in played if place[0] < 4_000]
    assert len(first) == 40
    assert len({frame % 100 for frame, _ in first}) > 10
    assert first == [(frame - 4_000, key) for frame, key in played if frame >= 4_000]
