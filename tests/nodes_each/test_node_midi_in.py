"""MidiIn: passes incoming events."""

from __future__ import annotations

import numpy as np

from graph import ALL_NOTES_OFF, BEND, CONTROL, NOTE_OFF, NOTE_ON, emit
from graph.memory.events import CAPACITY, new_events
from graph.testing import block_of
from nodes import MidiIn

ARRIVING = [(0, NOTE_ON, 1, 5, 60.25, 0.5), (7, CONTROL, 2, 0, 74.0, 1.0), (63, BEND, 1, 0, 0.0, -0.25)]


def passed(channel, arriving=ARRIVING):
    events = new_events()
    for event in arriving:
        emit(events, *event)
    block = block_of(MidiIn, arriving=events, channel=channel)
    block.out.count[:2] = 9, 9
    MidiIn.process(block)
    return [record.tolist() for record in block.out.records[: block.out.count[0]]], int(block.out.count[1])


def test_every_channel_passes_by_default():
    assert passed(0) == (ARRIVING, 0)


def test_a_selected_channel_passes_alone():
    assert passed(1) == ([ARRIVING[0], ARRIVING[2]], 0)
    assert passed(2) == ([ARRIVING[1]], 0)
    assert passed(3) == ([], 0)


def test_a_full_block_passes_whole_and_what_the_engine_dropped_stays_counted():
    full = [(i // 4, NOTE_ON, 1, i, 60.0, 0.5) for i in range(CAPACITY + 3)]
    events, dropped = passed(0, full)
    assert np.array_equal([event[3] for event in events], np.arange(CAPACITY))
    assert dropped == 3


class Keys:
    """A MidiIn with music at 1000 Hz, in blocks of 100 frames."""

    def __init__(self, **values):
        self.block = block_of(MidiIn, frames=100, sample_rate=1000.0, **values)

    def play(self, music=(), keys=()):
        """What comes out of one block, as (frame, kind, key)."""
        for cable, events in ((self.block.music, music), (self.block.arriving, keys)):
            cable.count[:] = 0
            for frame, kind, key, *more in events:
                emit(cable, frame, kind, more[0] if more else 1, 0, key, 0.5)
        MidiIn.process(self.block)
        out = self.block.out
        return [(int(r.frame), int(r.kind), float(r.number)) for r in out.records[: out.count[0]]]


def test_music_passes_unchanged_until_a_key_is_played():
    music = [(0, NOTE_ON, 69.14), (5, CONTROL, 1.0), (8, NOTE_OFF, 69.14), (9, NOTE_OFF, 50.0), (20, NOTE_ON, 72.0)]
    keys = Keys()
    assert keys.play(music, [(3, CONTROL, 74.0)]) == sorted([*music, (3, CONTROL, 74.0)])


def test_a_key_ends_the_notes_of_the_music_at_its_frame_and_silences_it():
    keys = Keys()
    keys.play([(0, NOTE_ON, 69.14), (0, NOTE_ON, 60.0)])
    out = keys.play([(10, NOTE_ON, 62.0), (50, NOTE_ON, 64.0), (60, NOTE_OFF, 69.14)], [(40, NOTE_ON, 72.0)])
    assert out == [
        (10, NOTE_ON, 62.0),
        *[(40, NOTE_OFF, key) for key in (60.0, 62.0, 69.14)],
        (40, NOTE_ON, 72.0),
    ]


def test_the_end_of_a_silent_note_does_not_end_the_same_key_held_by_hand():
    keys = Keys()
    keys.play((), [(0, NOTE_ON, 60.0)])
    assert keys.play([(10, NOTE_ON, 60.0), (20, NOTE_OFF, 60.0)]) == []


def test_the_music_returns_when_the_keys_have_rested_long_enough():
    keys = Keys(rest=0.25)
    keys.play((), [(10, NOTE_ON, 60.0)])
    for _ in range(5):  # held: it never returns
        assert keys.play([(0, NOTE_ON, 62.0)]) == []
    keys.play((), [(30, NOTE_OFF, 60.0)])
    assert keys.play([(99, NOTE_ON, 62.0)]) == []
    assert keys.play([(79, NOTE_ON, 64.0), (80, NOTE_ON, 65.0)]) == [(80, NOTE_ON, 65.0)]


def test_all_notes_off_lifts_keys_whose_end_was_lost():
    keys = Keys(rest=0)
    keys.play((), [(0, NOTE_ON, 60.0), (0, NOTE_ON, 62.0)])
    assert keys.play([(50, NOTE_ON, 70.0)], [(10, CONTROL, ALL_NOTES_OFF)])[-1] == (50, NOTE_ON, 70.0)


def test_keys_on_another_channel_leave_the_music_alone():
    keys = Keys(channel=2)
    assert keys.play([(5, NOTE_ON, 62.0)], [(0, NOTE_ON, 60.0, 1)]) == [(5, NOTE_ON, 62.0)]
    assert keys.play([(5, NOTE_ON, 64.0)], [(0, NOTE_ON, 60.0, 2)])[-1] == (0, NOTE_ON, 60.0)
