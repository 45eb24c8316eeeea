"""Merge: events in order, and never a hanging note."""

from __future__ import annotations

from graph import CONTROL, NOTE_OFF, NOTE_ON, Graph, emit
from graph.memory.events import CAPACITY, new_events
from graph.node import arithmetic
from graph.picture.picture import picture
from graph.testing import block_of
from nodes import Merge, Mix, Notes, VoiceAllocator


def cable(*rows):
    events = new_events()
    for frame, kind, key in rows:
        emit(events, frame, kind, 1, 0, float(key), 0.5)
    return events


def merged(a, b):
    block = block_of(Merge, a=a, b=b)
    Merge.process(block)
    out = block.out
    return [(int(r["frame"]), int(r["kind"]), int(r["number"])) for r in out.records[: out.count[0]]], out


def test_merged_events_are_in_the_order_of_frames_and_at_one_frame_in_that_of_the_cables():
    a = cable((0, NOTE_ON, 60), (9, NOTE_OFF, 60), (9, NOTE_ON, 61))
    b = cable((3, CONTROL, 1), (9, NOTE_ON, 70), (12, NOTE_OFF, 70))
    assert [key for _, _, key in merged(a, b)[0]] == [60, 1, 60, 61, 70, 70]
    assert [key for _, _, key in merged(b, a)[0]] == [60, 1, 70, 60, 61, 70]
    assert merged(a, cable())[0] == merged(cable(), a)[0] == [(0, NOTE_ON, 60), (9, NOTE_OFF, 60), (9, NOTE_ON, 61)]
    assert merged(a, b)[1].count[2] == 3, "notes are counted"


def test_where_two_cables_are_too_many_for_one_every_note_still_ends():
    a = cable(*((i // 4, NOTE_ON, i % 128) for i in range(200)))
    b = cable(*((i // 4, NOTE_OFF, i % 128) for i in range(150)))
    events, out = merged(a, b)
    assert len(events) == CAPACITY
    assert sum(kind == NOTE_OFF for _, kind, _ in events) == 150
    assert out.count[1] == 350 - CAPACITY
    assert [frame for frame, *_ in events] == sorted(frame for frame, *_ in events)


def test_it_is_the_node_that_lists_in_a_patch_are_made_of():
    assert Merge is arithmetic.Merge
    one, two = Notes(name="one"), Notes(name="two")
    assert Merge(one, two).inputs["a"].node is one


def test_a_picture_shows_several_cables_at_the_one_input():
    voices = VoiceAllocator(events=Merge(Notes(name="one"), Notes(name="two")), name="voices")
    wires = [(w.source, w.input) for w in picture(Graph(Mix(voices.freq))).wires if w.target == "voices"]
    assert wires == [("one", "events"), ("two", "events")]
