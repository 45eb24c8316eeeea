"""NoteEcho: repeats on their beats, softer, transposed, and none hangs."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, held, jumps, no_clock, offs, ons, ramp, script, sixty, stops, stuck

from graph import CONTROL, NOTE_OFF, NOTE_ON, TICK
from nodes import NoteEcho

TAP = held((100, 150, 60, 0.8))


def test_a_note_repeats_on_its_beats_softer_and_equally_long():
    played = heard(NoteEcho, sixty(2_000), TAP, beats=0.5, repeats=3, decay=0.5)
    assert played == [
        (100, NOTE_ON, 60, 0.8),
        (150, NOTE_OFF, 60, 0.5),
        (600, NOTE_ON, 60, 0.4),
        (650, NOTE_OFF, 60, 0.5),
        (1100, NOTE_ON, 60, 0.2),
        (1150, NOTE_OFF, 60, 0.5),
        (1600, NOTE_ON, 60, 0.1),
        (1650, NOTE_OFF, 60, 0.5),
    ]


def test_each_repeat_is_transposed_until_it_leaves_the_keyboard():
    assert ons(heard(NoteEcho, sixty(2_500), TAP, beats=0.5, transpose=7)) == [
        (100, 60), (600, 67), (1100, 74), (1600, 81), (2100, 88),
    ]  # fmt: skip
    assert [key for _, key in ons(heard(NoteEcho, sixty(2_500), TAP, beats=0.1, repeats=16, transpose=24))] == [
        60,
        84,
        108,
    ]


def test_repeats_end_when_they_are_inaudible():
    assert len(ons(heard(NoteEcho, sixty(2_500), TAP, beats=0.1, repeats=16, decay=0.3))) == 4
    assert len(ons(heard(NoteEcho, sixty(2_500), TAP, beats=0.1, decay=0.0))) == 1


def test_the_note_itself_may_be_left_out():
    assert ons(heard(NoteEcho, sixty(2_500), TAP, beats=0.5, repeats=2, dry=False)) == [(600, 60), (1100, 60)]


def test_repeats_follow_a_ramp_to_the_frame():
    clock = ramp(4_000)
    start = clock.beat[100]
    expected = [int(np.argmax(clock.beat[:-1] >= start + beat - 1e-9)) for beat in (0, 0.75, 1.5, 2.25, 3.0)]
    assert [frame for frame, _ in ons(heard(NoteEcho, clock, TAP, beats=0.75))] == expected


def test_repeats_ring_on_through_a_jump():
    clock = jumps(sixty(2_000), 400, 17.3)
    assert [frame for frame, _ in ons(heard(NoteEcho, clock, TAP, beats=0.5, repeats=3))] == [100, 600, 1100, 1600]


def test_a_stop_ends_them_at_its_frame():
    long = held((100, 400, 60, 0.8))
    played = heard(NoteEcho, stops(sixty(2_000), 700), long, beats=0.5)
    assert ons(played) == [(100, 60), (600, 60)]
    assert offs(played) == [(400, 60), (700, 60)]


def test_a_stop_does_not_end_the_key_that_is_still_down():
    long = held((100, 1_200, 60, 0.8))
    played = heard(NoteEcho, stops(sixty(2_000), 700), long, beats=0.5)
    assert ons(played) == [(100, 60), (600, 60)]
    assert offs(played) == [(1200, 60)]


def test_with_a_stopped_clock_or_none_it_repeats_at_the_tempo():
    assert ons(heard(NoteEcho, stops(sixty(1_500), 50), TAP, beats=0.5, repeats=2)) == [
        (100, 60),
        (600, 60),
        (1100, 60),
    ]
    assert ons(heard(NoteEcho, no_clock(1_500), TAP, beats=0.5, repeats=2, tempo=60.0)) == [
        (100, 60), (600, 60), (1100, 60),
    ]  # fmt: skip


def test_a_repeat_under_a_held_key_does_not_end_it():
    events = held((0, 50, 60), (100, 900, 60))
    played = heard(NoteEcho, sixty(2_000), events, beats=0.2, repeats=1)
    assert ons(played) == [(0, 60), (100, 60), (200, 60), (300, 60)]
    assert offs(played) == [(50, 60), (1100, 60)], "the repeats end while the key is down, and the last of all is heard"


def test_a_key_pressed_twice_without_a_note_off_still_ends_with_all_its_repeats():
    events = script((0, NOTE_ON, 60), (60, NOTE_ON, 60), (130, NOTE_OFF, 60))
    played = heard(NoteEcho, sixty(3_000), events, beats=0.25, repeats=4)
    assert len(ons(played)) == 10
    assert not stuck(played)


def test_events_other_than_notes_pass_once():
    events = script((10, CONTROL, 1, 0.2), (12, TICK, 0, 0, 0))
    assert [event[:2] for event in heard(NoteEcho, sixty(2_000), events)] == [(10, CONTROL), (12, TICK)]


def test_an_overfull_cable_drops_notes_and_no_note_hangs():
    crowd = held(*((i, i + 30, 20 + i % 100) for i in range(500)))
    played = heard(NoteEcho, sixty(4_000), crowd, split=4, beats=0.15, repeats=16, decay=1.0)
    assert len(ons(played)) < 500 * 17
    assert not stuck(played)


@pytest.mark.parametrize("split", [1, 40])
def test_any_split_of_frames_plays_the_same_and_all_notes_end(split):
    rng = np.random.default_rng(7)
    begins = rng.integers(0, 1_000, 15)
    events = held(*((b, b + rng.integers(1, 200), k) for b, k in zip(begins, rng.integers(50, 60, 15), strict=True)))
    clock = jumps(ramp(2_000), 500, 9.3)
    whole = heard(NoteEcho, clock, events, beats=0.2, transpose=1)
    assert whole == heard(NoteEcho, clock, events, split=split, beats=0.2, transpose=1)
    assert not stuck(whole)
