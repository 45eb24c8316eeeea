"""Chance: random notes are removed together with their note-offs."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import held, jumps, no_clock, ons, perform, script, sixty, stuck

from graph import CONTROL, NOTE_OFF, NOTE_ON, TICK
from nodes import Chance

LINE = held(*((20 * i, 20 * i + 15, 40 + i % 50) for i in range(400)))


def both(events=LINE, frames=8_000, split=100, **options):
    played = perform(Chance, no_clock(frames), events, split=split, **options)
    return played["out"], played["rest"]


def test_the_part_that_passes_is_the_probability():
    for probability in (0.1, 0.5, 0.9):
        out, _ = both(probability=probability, seed=1)
        assert len(ons(out)) / 400 == pytest.approx(probability, abs=0.06)


def test_one_passes_every_note_and_zero_none():
    assert len(ons(both(probability=1.0)[0])) == 400
    assert both(probability=0.0)[0] == []


def test_rejected_notes_go_to_rest_and_no_note_goes_to_both():
    out, rest = both(seed=5)
    assert sorted(ons(out) + ons(rest)) == [(20 * i, 40 + i % 50) for i in range(400)]
    assert not stuck(out)
    assert not stuck(rest)
    assert len(out) == 2 * len(ons(out)), "each with its end"


def test_the_same_seed_is_the_same_music():
    assert both(seed=5) == both(seed=5, split=50) == both(seed=5, split=400) != both(seed=6)


def test_together_chords_stay_whole():
    chords = held(*((100 * i, 100 * i + 50, key) for i in range(80) for key in (60, 64, 67)))
    out, rest = both(chords, together=True, seed=2)
    for part in (out, rest):
        frames = [frame for frame, _ in ons(part)]
        assert {frames.count(frame) for frame in frames} == {3}
    frames = [frame for frame, _ in ons(both(chords, seed=2)[0])]
    assert {1, 2} & {frames.count(frame) for frame in frames}


def test_no_note_off_is_lost_when_a_key_both_passes_and_is_rejected():
    for seed in range(1, 40):
        events = script((0, NOTE_ON, 60), (5, NOTE_ON, 60), (10, NOTE_OFF, 60), (15, NOTE_OFF, 60))
        out, rest = both(events, 100, 20, seed=seed)
        assert not stuck(out)
        assert not stuck(rest)
    assert both(script((3, NOTE_OFF, 60)), 100, 20, probability=0.0)[0] == [(3, NOTE_OFF, 60, 0.5)]


def test_events_other_than_notes_go_to_both_outputs():
    events = script((1, CONTROL, 7, 0.3), (2, TICK, 0, 0, 0))
    out, rest = both(events, 100, 20, probability=0.0)
    assert [event[1] for event in out] == [event[1] for event in rest] == [CONTROL, TICK]


def test_the_probability_may_move():
    out, _ = both(probability=np.where(np.arange(8_000) < 4_000, 0.0, 1.0))
    assert [frame for frame, _ in ons(out)] == list(range(4_000, 8_000, 20))


def test_with_a_clock_a_looped_bar_has_the_same_gaps_each_time_and_a_part_those_of_the_whole():
    line = held(*((50 * i, 50 * i + 30, 60) for i in range(160)))
    loop = jumps(sixty(8_000), 4_000, 0.0)
    out = ons(perform(Chance, loop, line, split=100, seed=3)["out"])
    first = [place for place in out if place[0] < 4_000]
    assert 20 < len(first) < 60
    assert first == [(frame - 4_000, key) for frame, key in out if frame >= 4_000]
    part = ons(perform(Chance, sixty(3_000, start=1.0), line, split=100, seed=3)["out"])
    assert part == [(frame - 1_000, key) for frame, key in first if frame >= 1_000]
    counted = ons(perform(Chance, no_clock(8_000), line, split=100, seed=3)["out"])
    assert [place for place in counted if place[0] < 4_000] != [(f - 4_000, k) for f, k in counted if f >= 4_000]
