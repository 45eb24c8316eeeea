"""Quantize: notes wait for the grid."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, held, jumps, lines, no_clock, offs, ons, ramp, script, sixty, stops, stuck

from graph import CONTROL, NOTE_OFF, NOTE_ON, TICK
from nodes import Quantize


def test_notes_wait_for_the_next_grid_line_and_keep_their_length():
    played = heard(Quantize, sixty(1_500), held((10, 110, 60, 0.7), (260, 700, 62)), grid=0.25)
    assert played == [
        (250, NOTE_ON, 60, 0.7),
        (350, NOTE_OFF, 60, 0.5),
        (500, NOTE_ON, 62, 0.5),
        (940, NOTE_OFF, 62, 0.5),
    ]


def test_a_note_on_a_grid_line_does_not_wait():
    assert ons(heard(Quantize, sixty(900), held((0, 9, 60), (500, 509, 61)), grid=0.25)) == [(0, 60), (500, 61)]


def test_strength_goes_part_of_the_way():
    assert ons(heard(Quantize, sixty(500), held((150, 170, 60)), grid=0.25, strength=0.5)) == [(200, 60)]
    assert ons(heard(Quantize, sixty(500), held((150, 170, 60)), grid=0.25, strength=0.0)) == [(150, 60)]


def test_a_slightly_late_note_passes_with_forgive():
    events = held((270, 300, 60), (320, 340, 62))
    assert ons(heard(Quantize, sixty(800), events, grid=0.25, forgive=0.1)) == [(270, 60), (500, 62)]


def test_the_grid_may_swing():
    events = held((10, 20, 60), (300, 310, 62))
    assert ons(heard(Quantize, sixty(800), events, grid=0.25, swing=0.75)) == [(375, 60), (375, 62)]


def test_a_chord_played_loosely_begins_at_once():
    events = held((210, 600, 60), (230, 610, 64), (245, 590, 67))
    assert ons(heard(Quantize, sixty(1_000), events, grid=0.25)) == [(250, 60), (250, 64), (250, 67)]


def test_lines_are_met_to_the_frame_in_a_ramp():
    clock = ramp(3_000)
    events = held(*((f, f + 5, 60) for f in range(3, 2_900, 37)))
    played = {frame for frame, _ in ons(heard(Quantize, clock, events, grid=0.25))}
    assert played <= set(lines(clock, 0.25))
    assert len(played) > 15


def test_a_line_is_met_before_beat_zero_too():
    assert ons(heard(Quantize, sixty(400, start=-2.1), held((50, 60, 60)), grid=0.25)) == [(100, 60)]


def test_two_strokes_that_fall_on_one_line_are_two_notes_that_end():
    played = heard(Quantize, sixty(900), held((10, 50, 60), (60, 300, 60)), grid=0.25)
    assert [event[:2] for event in played] == [
        (250, NOTE_ON),
        (250, NOTE_OFF),
        (250, NOTE_ON),
        (490, NOTE_OFF),
    ]


def test_a_jump_plays_what_waits_on_the_new_beat():
    clock = jumps(sixty(1_000), 400, 0.0)
    played = heard(Quantize, clock, held((300, 350, 60)), grid=1.0)
    assert ons(played) == [(400, 60)]
    assert offs(played) == [(450, 60)], "it keeps its length"
    clock = jumps(sixty(1_000), 400, 0.0)
    assert offs(heard(Quantize, clock, held((300, 500, 60)), grid=1.0)) == [(600, 60)]


def test_a_stop_drops_waiting_notes_and_a_stopped_clock_passes_all():
    clock = stops(sixty(1_000), 400)
    played = heard(Quantize, clock, held((300, 350, 60), (500, 550, 62)), grid=1.0)
    assert ons(played) == [(500, 62)]
    assert not stuck(played)


def test_a_note_that_sounds_when_the_clock_stops_still_ends():
    played = heard(Quantize, stops(sixty(1_000), 400), held((200, 450, 60)), grid=0.25)
    assert ons(played) == [(250, 60)]
    assert [frame for frame, _ in offs(played)] == [pytest.approx(500, abs=1)]


def test_without_a_clock_it_counts_at_its_own_tempo():
    assert ons(heard(Quantize, no_clock(800), held((10, 20, 60), (300, 310, 62)), grid=0.25, tempo=60.0)) == [
        (250, 60),
        (500, 62),
    ]


def test_events_other_than_notes_pass_at_once():
    events = script((10, CONTROL, 1, 0.2), (12, TICK, 0, 0, 0))
    assert [event[:2] for event in heard(Quantize, sixty(100), events)] == [(10, CONTROL), (12, TICK)]


@pytest.mark.parametrize("split", [1, 40])
def test_any_split_of_frames_plays_the_same_and_all_notes_end(split):
    rng = np.random.default_rng(6)
    begins = rng.integers(0, 1_500, 60)
    events = held(*((b, b + rng.integers(1, 200), k) for b, k in zip(begins, rng.integers(50, 60, 60), strict=True)))
    clock = jumps(stops(ramp(2_000), 1_600), 1_800, 4.0)
    whole = heard(Quantize, clock, events, swing=0.6, strength=0.8)
    assert whole == heard(Quantize, clock, events, split=split, swing=0.6, strength=0.8)
    assert not stuck(whole)
