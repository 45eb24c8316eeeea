"""Split: events divided by key, velocity and channel."""

from __future__ import annotations

import pytest
from sequenced import held, no_clock, perform, script

from graph import ALL_NOTES_OFF, CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON, TICK, NodeError
from graph.testing import block_of
from nodes import Split


def sorted_out(events, **options):
    played = perform(Split, no_clock(100), events, **options)
    return [[(kind, key) for _, kind, key, _ in played[f"out{i}"]] for i in (1, 2, 3, 4)]


def note(key):
    return [(NOTE_ON, key), (NOTE_OFF, key)]


def test_keys_divide_where_the_points_are():
    events = held((0, 9, 59), (10, 19, 60), (20, 29, 71), (30, 39, 72), (40, 49, 84))
    assert sorted_out(events) == [note(59), note(60) + note(71) + note(72) + note(84), [], []]
    assert sorted_out(events, points="C4 C5 84") == [note(59), note(60) + note(71), note(72), note(84)]


def test_velocities_divide_and_a_note_ends_where_it_began():
    events = script((0, NOTE_ON, 60, 0.3), (5, KEY_PRESSURE, 60, 1.0), (9, NOTE_OFF, 60, 1.0), (20, NOTE_ON, 60, 0.9))
    low, high, *_ = sorted_out(events, by="velocity", points="0.5")
    assert low == [(NOTE_ON, 60), (KEY_PRESSURE, 60), (NOTE_OFF, 60)]
    assert high == [(NOTE_ON, 60)]


def test_channels_divide_everything():
    events = script((0, NOTE_ON, 60, 0.5, 1), (1, CONTROL, 7, 0.5, 10), (2, NOTE_ON, 61, 0.5, 10), (3, TICK, 0, 0, 0))
    assert sorted_out(events, by="channel", points="2 10") == [
        [(NOTE_ON, 60), (TICK, 0)],
        [(TICK, 0)],
        [(CONTROL, 7), (NOTE_ON, 61), (TICK, 0)],
        [(TICK, 0)],
    ]


def test_controllers_go_to_all_where_keys_or_velocities_divide():
    events = script((1, CONTROL, 64, 1.0), (2, TICK, 0, 0, 0))
    assert sorted_out(events) == [[(CONTROL, 64), (TICK, 0)]] * 4


def test_one_key_loud_and_soft_ends_at_both_outputs():
    events = script((0, NOTE_ON, 60, 0.3), (5, NOTE_ON, 60, 0.9), (9, NOTE_OFF, 60))
    low, high, *_ = sorted_out(events, by="velocity", points="0.5")
    assert low == high == note(60)


def test_an_unknown_note_off_goes_to_every_output():
    assert sorted_out(script((0, NOTE_OFF, 60))) == [[(NOTE_OFF, 60)]] * 4
    events = script((0, NOTE_ON, 50), (1, CONTROL, ALL_NOTES_OFF), (2, NOTE_OFF, 50))
    assert sorted_out(events)[1] == [(CONTROL, ALL_NOTES_OFF), (NOTE_OFF, 50)]


@pytest.mark.parametrize(
    ("by", "points"),
    [("key", "C5 C4"), ("key", "H4"), ("key", ""), ("velocity", "64"), ("channel", "17"), ("key", "1 2 3 4")],
)
def test_points_that_make_no_sense_are_a_mistake(by, points):
    with pytest.raises(
        NodeError, match=rf"split\.points: write one to three .* in ascending order, such as .*; not '{points}'"
    ):
        block_of(Split, by=by, points=points)
