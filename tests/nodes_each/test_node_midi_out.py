"""MidiOut: the events that leave the engine, their times and channels."""

from __future__ import annotations

import numpy as np

from graph import ALL_NOTES_OFF, CONTROL, NOTE_OFF, NOTE_ON, START, Graph, emit
from graph.engine.engine import Engine
from graph.graph import loads
from graph.memory.events import TIMED_EVENT, new_events
from graph.testing import block_of
from nodes import Constant, MidiIn, MidiOut


def sent(*events, before=(), **options):
    """The messages sent for `events`, (frame, kind, channel, number, value), and the events at the output."""
    block = block_of(MidiOut, events=new_events(), leaving=new_events(), frames=64, **options)
    for frame in before:
        emit(block.leaving, frame, NOTE_ON, 9, 0, 30.0, 1.0)
    for frame, kind, channel, number, value in events:
        emit(block.events, frame, kind, channel, 0, number, value)
    MidiOut.process(block)
    return block


def rows(events):
    records = events.records[: events.count[0]]
    return [(int(r.frame), int(r.kind), int(r.channel), float(r.number)) for r in records]


def test_events_are_sent_and_passed_on():
    block = sent((3, NOTE_ON, 2, 60.0, 0.5), (9, NOTE_OFF, 2, 60.0, 0.2))
    assert rows(block.leaving) == rows(block.out) == [(3, NOTE_ON, 2, 60.0), (9, NOTE_OFF, 2, 60.0)]


def test_a_set_channel_replaces_every_channel_except_for_clock_messages():
    block = sent((0, NOTE_ON, 2, 60.0, 0.5), (1, START, 0, 0.0, 0.0), channel=7)
    assert [row[2] for row in rows(block.leaving)] == [7, 0]


def test_several_send_in_the_order_of_their_frames():
    block = sent((3, NOTE_ON, 1, 60.0, 1.0), (20, NOTE_ON, 1, 61.0, 1.0), before=(0, 3, 10, 30))
    assert [row[0] for row in rows(block.leaving)] == [0, 3, 3, 10, 20, 30]
    assert rows(block.leaving)[2][3] == 60.0


def test_a_flood_drops_notes_but_never_note_offs():
    block = sent((0, NOTE_ON, 1, 60.0, 1.0), (1, NOTE_OFF, 1, 60.0, 0.0), before=[0] * 192)
    assert rows(block.leaving)[-1] == (1, NOTE_OFF, 1, 60.0)
    assert block.leaving.count[1] == 1


PATCH = """
nodes:
  keys:  {node: MidiIn}
  send:  {node: MidiOut, events: keys, channel: 3}
  tone:  {node: Sine}
out: tone
"""


def played(graph: Graph):
    engine = Engine(graph, rate=48_000, block=64)
    events = np.zeros(2, TIMED_EVENT)
    events["time"] = 10, 100
    events["event"]["kind"] = NOTE_ON, CONTROL
    events["event"]["channel"], events["event"]["number"], events["event"]["value"] = 1, (60, ALL_NOTES_OFF), (1, 0)
    engine.send(events)
    engine.render(256)
    return [(int(i["time"]), int(i["event"]["kind"]), int(i["event"]["channel"])) for i in engine.outgoing.take()]


def test_it_sends_at_absolute_frames_without_being_connected_to_the_output():
    assert played(loads(PATCH)) == [(10, NOTE_ON, 3), (100, CONTROL, 3)]


def test_in_python_it_is_given_among_the_nodes():
    send = MidiOut(events=MidiIn(), channel=3)
    assert played(Graph(Constant(value=0.0), nodes=[send])) == [(10, NOTE_ON, 3), (100, CONTROL, 3)]


def test_two_send_in_the_order_of_frames_and_none_twice():
    keys = MidiIn()
    graph = Graph(Constant(value=0.0), nodes=[MidiOut(events=keys, channel=1), MidiOut(events=keys, channel=2)])
    assert played(graph) == [(10, NOTE_ON, 1), (10, NOTE_ON, 2), (100, CONTROL, 1), (100, CONTROL, 2)]
