"""Tap nodes, which a plan adds after an output that Python listens to: they copy events to a ring for `Live.events`."""

from __future__ import annotations

import numpy as np

from graph.memory.events import CAPACITY, TAPPED, TRIGGER, copy_event
from graph.memory.tables import RING_HEADER, TAIL, TAP_EVENTS
from graph.native.functions import inline, load_acquire, view1
from graph.node.kernel import kernel
from graph.node.node import Node
from graph.node.ports import In, Option, Source, State

int64 = np.int64


@inline(double=True)
def place_of(taps):
    """[audio] The slot for the next record in a TAPS record's ring; -1 if the ring is full, which is counted."""
    header = view1(taps.ring, RING_HEADER // 8, int64)
    place = header[0] + taps.count
    if place - load_acquire(header, TAIL) >= TAP_EVENTS:
        taps.missed += 1
        return -1
    taps.count += 1
    return place % TAP_EVENTS


class EventTap(Node, family="Arithmetic", made_by_expression=True):
    """Copies the events of a cable to Python, with frames and beats. The plan inserts it; no patch needs it."""

    source = In(kind="events", doc="Events to copy.")
    clock = In(kind="clock", doc="Clock that counts their beats.")
    number = Option(0, min=0, doc="Number of the tap.")
    timed = Option(False, doc="Whether a clock is connected.")
    taps = Source("taps", doc="Ring to Python.")
    moment = Source("moment", doc="Frame of this block.")

    @kernel(double=True)
    def process(block):
        taps = block.taps[0]
        items = view1(taps.ring + RING_HEADER, TAP_EVENTS, TAPPED)
        for i in range(min(block.source.count[0], CAPACITY)):
            event = block.source.records[i]
            place = place_of(taps)
            if place >= 0:
                item = items[place]
                item.time = block.moment[0].now + event.frame
                item.beat = block.clock.beat[event.frame] if block.timed != 0 else np.nan
                item.tap = block.number
                copy_event(item.event, event)


class SignalTap(Node, family="Arithmetic", made_by_expression=True):
    """Sends Python an event for each rise of a signal above 0.5. The plan inserts it; no patch needs it."""

    source = In(doc="Trigger or gate, of any width.")
    clock = In(kind="clock", doc="Clock that counts the beats.")
    number = Option(0, min=0, doc="Number of the tap.")
    timed = Option(False, doc="Whether a clock is connected.")
    taps = Source("taps", doc="Ring to Python.")
    moment = Source("moment", doc="Frame of this block.")
    before = State(doc="Last value; inherited from the previous plan if the output is persistent.")

    @kernel(double=True)
    def process(block):
        taps, source, voices = block.taps[0], block.source, block.voices
        items = view1(taps.ring + RING_HEADER, TAP_EVENTS, TAPPED)
        for frame in range(block.frames):
            for lane in range(block.lanes):
                value = source[frame, lane]
                if value > 0.5 and block.before[lane] <= 0.5:
                    place = place_of(taps)
                    if place >= 0:
                        item = items[place]
                        item.time = block.moment[0].now + frame
                        item.beat = block.clock.beat[frame] if block.timed != 0 else np.nan
                        item.tap = block.number
                        item.event.frame = frame
                        item.event.kind = TRIGGER
                        item.event.channel = lane // voices + 1
                        item.event.note_id = 0
                        item.event.number = lane % voices + 1
                        item.event.value = value
                block.before[lane] = value
