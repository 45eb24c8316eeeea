"""Transpose: moved notes, each ended at its new key."""

from __future__ import annotations

import numpy as np
import pytest
from sequenced import heard, held, no_clock, script, stuck

from graph import ALL_NOTES_OFF, BEND, CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON, START, TICK
from nodes import Transpose
from nodes.dsp.sequencing.scales import SCALES


def moved(events, frames=200, **options):
    return [(f, kind, key) for f, kind, key, _ in heard(Transpose, no_clock(frames), events, **options)]


def test_notes_move_and_keep_their_frame_and_velocity():
    assert heard(Transpose, no_clock(50), held((3, 40, 60, 0.7)), semitones=7.0) == [
        (3, NOTE_ON, 67, 0.7),
        (40, NOTE_OFF, 67, 0.5),
    ]


def test_fractions_of_a_semitone_tune_the_note():
    assert moved(held((0, 9, 60)), semitones=-0.5) == [(0, NOTE_ON, 59.5), (9, NOTE_OFF, 59.5)]


@pytest.mark.parametrize("scale", [scale for scale in SCALES if scale != "chromatic"])
def test_in_a_scale_every_note_goes_to_the_nearest(scale):
    played = [key for _, kind, key in moved(held(*((0, 9, key) for key in range(40, 90))), scale=scale, root="D")]
    there = np.array([key for key in range(128) if (key - 2) % 12 in SCALES[scale]])
    expected = [there[np.abs(there - key).argmin()] for key in range(40, 90)]
    assert played[:50] == expected


def test_a_note_ends_as_what_it_was_though_the_input_moves():
    semitones = np.where(np.arange(200) < 50, 0.0, 5.0)
    events = held((0, 100, 60), (60, 120, 62))
    assert moved(events, semitones=semitones) == [
        (0, NOTE_ON, 60),
        (60, NOTE_ON, 67),
        (100, NOTE_OFF, 60),
        (120, NOTE_OFF, 67),
    ]


def test_two_keys_that_become_one_end_with_the_last():
    events = held((0, 50, 60), (10, 100, 61))
    assert moved(events, scale="major", root="C") == [(0, NOTE_ON, 60), (10, NOTE_ON, 60), (100, NOTE_OFF, 60)]


def test_a_key_pressed_twice_without_a_note_off_is_ended_at_once():
    semitones = np.where(np.arange(200) < 50, 0.0, 5.0)
    events = script((0, NOTE_ON, 60), (60, NOTE_ON, 60), (80, NOTE_OFF, 60))
    assert moved(events, semitones=semitones) == [
        (0, NOTE_ON, 60),
        (60, NOTE_OFF, 60),
        (60, NOTE_ON, 65),
        (80, NOTE_OFF, 65),
    ]


def test_notes_beyond_the_midi_range_are_folded_by_octaves():
    played = moved(held(*((0, 9, key) for key in range(0, 128, 7))), semitones=60.0)
    for (_, _, key), was in zip(played, range(0, 128, 7), strict=False):
        assert 0 <= key <= 127
        assert (key - was - 60) % 12 == 0


def test_key_pressure_goes_with_its_note_and_the_rest_passes():
    events = script(
        (0, NOTE_ON, 60), (5, KEY_PRESSURE, 60), (6, BEND, 0), (7, CONTROL, 60), (8, TICK, 0, 0, 0), (9, START, 0, 0, 0)
    )
    assert moved(events, semitones=2.0)[1:] == [
        (5, KEY_PRESSURE, 62), (6, BEND, 0), (7, CONTROL, 60), (8, TICK, 0), (9, START, 0),
    ]  # fmt: skip


def test_channels_do_not_mix_and_a_panic_forgets():
    events = script((0, NOTE_ON, 60, 0.5, 1), (1, NOTE_ON, 60, 0.5, 2), (2, NOTE_OFF, 60, 0.5, 1))
    assert moved(events, semitones=1.0)[2] == (2, NOTE_OFF, 61)
    events = script(
        (0, NOTE_ON, 60), (1, NOTE_ON, 61), (5, CONTROL, ALL_NOTES_OFF), (9, NOTE_ON, 60), (12, NOTE_OFF, 60)
    )
    assert moved(events, scale="major")[-1] == (12, NOTE_OFF, 60), "nobody else is thought to hold it"


def test_no_note_hangs_whatever_is_turned():
    rng = np.random.default_rng(4)
    begins = rng.integers(0, 4_000, 150)
    events = held(*((b, b + rng.integers(1, 400), k) for b, k in zip(begins, rng.integers(30, 90, 150), strict=True)))
    semitones = np.repeat(rng.uniform(-40, 40, 50), 100)
    played = heard(Transpose, no_clock(5_000), events, split=50, semitones=semitones, scale="minor")
    assert not stuck(played)
    assert played == heard(Transpose, no_clock(5_000), events, split=200, semitones=semitones, scale="minor")
