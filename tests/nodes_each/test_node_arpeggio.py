"""Arpeggio: its orders, and keys pressed and released at any frame."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, held, jumps, lines, no_clock, offs, ons, ramp, script, sixty, stops, stuck

from graph import ALL_NOTES_OFF, CONTROL, NOTE_OFF, NOTE_ON, START, SUSTAIN, TICK
from nodes import Arpeggio
from nodes.dsp.sequencing.arpeggio import MODES

CHORD = held((0, 9_999, 67), (0, 9_999, 60, 0.9), (0, 9_999, 64))
"""G, C and E, in that order."""


def keys(mode, frames=3_000, events=CHORD, **options):
    return [key for _, key in ons(heard(Arpeggio, sixty(frames), events, mode=mode, **options))]


def test_the_orders_are_what_they_are_called():
    c, e, g = 60, 64, 67
    assert keys("up")[:6] == [c, e, g, c, e, g]
    assert keys("down")[:6] == [g, e, c, g, e, c]
    assert keys("up_down")[:8] == [c, e, g, e, c, e, g, e]
    assert keys("down_up")[:8] == [g, e, c, e, g, e, c, e]
    assert keys("inclusive")[:8] == [c, e, g, g, e, c, c, e]
    assert keys("played")[:6] == [g, c, e, g, c, e]

    assert keys("outside_in")[:6] == [c, g, e, c, g, e]
    assert keys("inside_out")[:6] == [e, g, c, e, g, c]


def test_the_chord_sounds_at_once():
    played = ons(heard(Arpeggio, sixty(500), CHORD, mode="chord", octaves=2))
    assert sorted(played) == [(0, 60), (0, 64), (0, 67), (250, 72), (250, 76), (250, 79)]


def test_walk_moves_to_neighbors_and_random_to_any_note():
    many = held(*((0, 9_999, key) for key in range(60, 72)))
    walk = keys("walk", 9_000, many, seed=2, step=0.1)
    assert set(np.abs(np.diff(walk))) == {1}
    assert walk[0] == 60
    drawn = keys("random", 9_000, many, seed=2, step=0.1)
    assert len(set(drawn)) > 9
    assert max(np.abs(np.diff(drawn))) > 6
    assert drawn == keys("random", 9_000, many, seed=2, step=0.1) != keys("random", 9_000, many, seed=3, step=0.1)


def test_octaves_repeat_the_keys_above():
    assert keys("up", octaves=2)[:7] == [60, 64, 67, 72, 76, 79, 60]
    assert keys("down", octaves=2)[:6] == [79, 76, 72, 67, 64, 60]
    assert max(keys("up", events=held((0, 9_999, 120)), octaves=4)) <= 127


def test_notes_have_the_velocity_of_their_key_and_the_length_of_the_gate():
    played = heard(Arpeggio, sixty(500), CHORD, gate=0.5)
    assert played == [
        (0, NOTE_ON, 60, 0.9),
        (125, NOTE_OFF, 60, 0.5),
        (250, NOTE_ON, 64, 0.5),
        (375, NOTE_OFF, 64, 0.5),
    ]


def test_a_key_waits_for_the_next_step_and_a_released_one_is_dropped():
    events = held((30, 600, 60), (300, 2_000, 64))
    assert ons(heard(Arpeggio, sixty(1_200), events)) == [(250, 60), (500, 64), (750, 64), (1000, 64)]


def test_without_a_clock_it_begins_with_the_first_key():
    events = held((30, 600, 60), (700, 2_000, 64))
    played = heard(Arpeggio, no_clock(1_100), events, tempo=60.0)
    assert ons(played) == [
        (30, 60),
        (280, 60),
        (530, 60),
        (700, 64),
        (950, 64),
    ]


def test_a_latch_holds_the_chord_until_the_next_one():
    events = held((0, 100, 60), (0, 120, 64), (900, 950, 70))
    assert ons(heard(Arpeggio, sixty(1_600), events, latch=1.0)) == [
        (0, 60), (250, 64), (500, 60), (750, 64), (1000, 70), (1250, 70), (1500, 70),
    ]  # fmt: skip
    until = np.where(np.arange(1_600) < 600, 1.0, 0.0)
    assert ons(heard(Arpeggio, sixty(1_600), events, latch=until)) == [
        (0, 60), (250, 64), (500, 60), (1000, 70),
    ]  # fmt: skip


def test_the_same_key_twice_is_one_key():
    events = script((0, NOTE_ON, 60), (10, NOTE_ON, 60), (300, NOTE_OFF, 60))
    assert ons(heard(Arpeggio, sixty(1_000), events)) == [(0, 60), (250, 60)]


def test_more_keys_than_it_holds_and_ends_of_nothing_do_no_harm():
    events = held(*((0, 500, key) for key in range(20, 100)), (600, 700, 60))
    played = heard(Arpeggio, sixty(1_500), events, mode="chord", gate=1.0)
    assert len([key for frame, key in ons(played) if frame == 0]) == 32
    assert not stuck(played)
    assert heard(Arpeggio, sixty(500), script((0, NOTE_OFF, 60))) == []


def test_a_panic_ends_the_arpeggio():
    events = script((0, NOTE_ON, 60), (300, CONTROL, ALL_NOTES_OFF, 0.0))
    played = heard(Arpeggio, sixty(1_000), events)
    assert ons(played) == [(0, 60), (250, 60)]
    assert (300, CONTROL, ALL_NOTES_OFF, 0.0) in played


def test_events_other_than_notes_pass_through():
    events = script((5, TICK, 0), (7, CONTROL, 1, 0.3), (9, START, 0))
    assert [event[:2] for event in heard(Arpeggio, sixty(20), events)] == [(5, TICK), (7, CONTROL), (9, START)]


def test_stops_and_jumps_end_notes_and_begin_the_pattern_again():
    played = heard(Arpeggio, stops(sixty(1_000), 300), CHORD, gate=1.0)
    assert ons(played) == [(0, 60), (250, 64)]
    assert offs(played) == [(250, 60), (300, 64)]
    played = heard(Arpeggio, jumps(sixty(800), 300, 0.0), CHORD, gate=1.0)
    assert ons(played) == [(0, 60), (250, 64), (300, 60), (550, 64)]
    assert (300, 64) in offs(played)


def test_swing_and_ramps_are_followed_to_the_frame():
    assert [f for f, _ in ons(heard(Arpeggio, sixty(1_000), CHORD, swing=0.75))] == [0, 375, 500, 875]
    clock = ramp(3_000)
    assert [frame for frame, _ in ons(heard(Arpeggio, clock, CHORD))] == lines(clock, 0.25)


@pytest.mark.parametrize("mode", MODES)
def test_any_split_of_frames_plays_the_same_and_no_note_hangs(mode):
    events = held((3, 700, 60), (100, 1_500, 67), (101, 1_300, 64), (900, 1_000, 72))
    options = {"mode": mode, "step": 0.05, "octaves": 3, "gate": 0.9}
    whole = heard(Arpeggio, sixty(1_600), events, split=400, **options)
    assert whole == heard(Arpeggio, sixty(1_600), events, split=2, **options)
    assert len(ons(whole)) > 20
    assert not stuck(whole)


def changing(mode, *rows, frames=2_000, **more):
    return [int(key) for _, key in ons(heard(Arpeggio, sixty(frames), held(*rows), mode=mode, **more))]


def test_a_changed_chord_continues_from_the_note_last_played():
    c, e, f, g, b = 60, 64, 65, 67, 71
    # after C and E, F replaces E: F is next, not G
    rows = (0, 9_999, c), (0, 300, e), (300, 9_999, f), (0, 9_999, g)
    assert changing("up", *rows)[:6] == [c, e, f, g, c, f]
    assert changing("down", *rows)[:6] == [g, e, c, g, f, c]
    assert changing("up_down", *rows)[:7] == [c, e, f, g, f, c, f]
    # C is released: E was the last note played and is not repeated
    rows = (0, 300, c), (0, 9_999, e), (0, 9_999, g)
    assert changing("up", *rows)[:5] == [c, e, g, e, g]
    assert changing("inclusive", *rows)[:7] == [c, e, g, g, e, e, g]
    # a key above joins
    rows = (0, 9_999, c), (0, 9_999, e), (0, 9_999, g), (600, 9_999, b)
    assert changing("up", *rows)[:6] == [c, e, g, b, c, e]
    assert changing("played", *rows)[:6] == [c, e, g, b, c, e]
    assert changing("up", *rows, octaves=2)[:8] == [c, e, g, b, 72, 76, 79, 83]


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in ("random", "chord", "inclusive", "walk")])
def test_no_note_is_played_twice_in_a_row_whatever_changes(mode):
    chance = np.random.default_rng(3)
    rows = [(0, 9_999, 55), (0, 9_999, 90)]
    for key in (60, 62, 64, 67, 69, 71, 74):
        begin = int(chance.integers(100, 6_000))
        rows.append((begin, begin + int(chance.integers(500, 3_000)), key))
    found = changing(mode, *rows, frames=9_000, step=0.1, split=500)
    assert len(found) == 90
    assert np.all(np.diff(found) != 0)


@pytest.mark.parametrize("latch", ["latch", "pass"])
def test_the_sustain_pedal_latches_the_chord_or_passes_through(latch):
    pedal = [(200, CONTROL, SUSTAIN, 1.0), (1_100, CONTROL, SUSTAIN, 0.0)]
    notes = [(frame, kind, key, 0.5) for key in (60, 64) for frame, kind in ((0, NOTE_ON), (400, NOTE_OFF))]
    played = heard(Arpeggio, sixty(2_000), script(*notes, *pedal), pedal=latch)
    through = [event for event in played if event[1] == CONTROL]
    if latch == "latch":
        assert ons(played) == [(0, 60), (250, 64), (500, 60), (750, 64), (1000, 60)]
        assert through == []
    else:
        assert ons(played) == [(0, 60), (250, 64)]
        assert through == pedal
    assert not stuck(played)


def test_a_key_tapped_between_two_steps_sounds_once_at_the_next():
    assert ons(heard(Arpeggio, sixty(900), held((10, 60, 60)))) == [(250, 60)]
    stab = held((10, 60, 67), (12, 61, 60), (14, 62, 64))
    assert ons(heard(Arpeggio, sixty(1_500), stab)) == [(250, 60), (500, 64), (750, 67)]
    chord = held((0, 9_999, 60), (0, 9_999, 64), (0, 9_999, 67), (300, 350, 71))
    assert [key for _, key in ons(heard(Arpeggio, sixty(1_500), chord))] == [60, 64, 71, 67, 60, 64]
    # a key that had its step while down is dropped on release
    assert ons(heard(Arpeggio, sixty(900), held((10, 260, 60)))) == [(250, 60)]
    # while the clock is stopped no key is kept
    stopped = stops(sixty(1_000), 100)
    assert ons(heard(Arpeggio, stopped, held((200, 300, 60)))) == []


def test_keys_keep_their_cents_and_are_played_in_their_order():
    keys = held((0, 1_000, 69.14), (0, 1_000, 69.5), (0, 1_000, 72.0))
    played = heard(Arpeggio, sixty(1_000), keys, step=0.125)
    assert [key for _, key in ons(played)] == [69.14, 69.5, 72.0, 69.14, 69.5, 72.0, 69.14, 69.5]
    assert [key for _, key in offs(played)] == [key for _, key in ons(played)]
