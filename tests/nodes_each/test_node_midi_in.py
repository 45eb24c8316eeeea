"""MidiIn: passes incoming events."""

from __future__ import annotations

import numpy as np

from graph import BEND, CONTROL, NOTE_ON, emit
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
