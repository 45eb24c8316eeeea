"""Harmonize: chords on every note, with and without a scale."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, held, no_clock, offs, ons, script, stuck

from graph import ALL_NOTES_OFF, CONTROL, NOTE_OFF, NOTE_ON, TICK, NodeError
from graph.testing import block_of
from nodes import Harmonize
from nodes.dsp.sequencing.scales import CHORDS


def chord(key, **options):
    return [k for _, k in ons(heard(Harmonize, no_clock(50), held((0, 20, key)), **options))]


def test_a_note_gets_its_intervals_or_the_chord_of_that_name():
    assert chord(60) == [60, 64, 67]
    assert chord(60, intervals="-12 7") == [60, 48, 67]
    for name, intervals in CHORDS.items():
        assert chord(40, intervals=name) == [40, *(40 + i for i in intervals)]


def test_in_a_scale_each_degree_gets_its_own_chord():
    triads = [(60, 64, 67), (62, 65, 69), (64, 67, 71), (65, 69, 72), (67, 71, 74), (69, 72, 76), (71, 74, 77)]
    for triad in triads:
        assert tuple(chord(triad[0], intervals="4 7", scale="major")) == triad
    minor = [(57, 60, 64), (59, 62, 65), (60, 64, 67), (62, 65, 69), (64, 67, 71), (65, 69, 72), (67, 71, 74)]
    for triad in minor:
        assert tuple(chord(triad[0], intervals="4 7", scale="minor", root="A")) == triad


def test_the_chord_ends_with_its_note_and_has_its_level():
    played = heard(Harmonize, no_clock(50), held((3, 20, 60, 0.8)), intervals="power", level=0.5)
    assert played[:3] == [(3, NOTE_ON, 60, 0.8), (3, NOTE_ON, 67, 0.4), (3, NOTE_ON, 72, 0.4)]
    assert offs(played) == [(20, 60), (20, 67), (20, 72)]


def test_a_key_that_two_chords_share_ends_with_the_last():
    played = heard(Harmonize, no_clock(200), held((0, 50, 60), (10, 100, 64)), intervals="4 7")
    assert offs(played) == [(50, 60), (50, 67), (100, 64), (100, 68), (100, 71)]


def test_a_key_pressed_twice_without_a_note_off_still_ends():
    events = script((0, NOTE_ON, 60), (10, NOTE_ON, 60), (20, NOTE_OFF, 60))
    assert not stuck(heard(Harmonize, no_clock(50), events))


def test_events_other_than_notes_pass_and_a_panic_clears_all():
    events = script(
        (0, NOTE_ON, 60), (1, TICK, 0, 0, 0), (2, CONTROL, ALL_NOTES_OFF), (3, NOTE_ON, 60), (4, NOTE_OFF, 60)
    )
    played = heard(Harmonize, no_clock(50), events)
    assert [event[1] for event in played[3:5]] == [TICK, CONTROL]
    assert offs(played) == [(4, 60), (4, 64), (4, 67)]


def test_no_note_hangs():
    rng = np.random.default_rng(5)
    begins = rng.integers(0, 4_000, 120)
    events = held(*((b, b + rng.integers(1, 300), k) for b, k in zip(begins, rng.integers(0, 128, 120), strict=True)))
    options = {"intervals": "ninth", "scale": "minor_pentatonic"}
    played = heard(Harmonize, no_clock(5_000), events, split=50, **options)
    assert not stuck(played)
    assert played == heard(Harmonize, no_clock(5_000), events, split=250, **options)


@pytest.mark.parametrize("text", ["", "maj7", "4 x", "4 400", "1 2 3 4 5 6 7 8 9"])
def test_an_unknown_chord_is_a_mistake(text):
    with pytest.raises(NodeError, match=r"harmonize\.intervals: write up to 8 intervals in semitones such as"):
        block_of(Harmonize, intervals=text)
