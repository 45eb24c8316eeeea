"""MIDI that leaves while playing."""

from __future__ import annotations

from graph import NOTE_ON, PROGRAM, In, Node, Option, Out, Source, clear, emit, kernel
from graph.memory.events import CAPACITY, copy_event

ROOM = CAPACITY * 3 // 4
"""Places that notes which begin may take: in a flood they are left out, and never the end of one."""


class MidiOut(Node, family="Notes and time"):
    """Sends events to the open MIDI outputs, each at the time at which its frame is heard.

    It runs although nothing of it reaches the output. Several in one patch send through the same ports,
    in the order of their frames. What it sends comes out of it as well, for a synthesizer that doubles it.
    """

    sink = True

    events = In(kind="events", doc="What to send.")
    channel = Option(0, min=0, max=16, doc="Channel to send on, 1 .. 16; 0 leaves each event on its own.")
    leaving = Source("midi_out", doc="What all nodes send in this block.")
    out = Out(kind="events", doc="What was sent.")

    @kernel(double=True)
    def process(block):
        clear(block.out)
        leaving = block.leaving
        for i in range(block.events.count[0]):
            event = block.events.records[i]
            channel = block.channel if block.channel > 0 and event.kind <= PROGRAM else event.channel
            emit(block.out, event.frame, event.kind, channel, event.note_id, event.number, event.value)
            count = leaving.count[0]
            if count >= (ROOM if event.kind == NOTE_ON else CAPACITY):
                leaving.count[1] += 1
                continue
            place = count
            while place > 0 and leaving.records[place - 1].frame > event.frame:
                leaving.records[place].frame = leaving.records[place - 1].frame
                copy_event(leaving.records[place], leaving.records[place - 1])
                place -= 1
            record = leaving.records[place]
            copy_event(record, event)
            record.frame = event.frame
            record.channel = channel
            leaving.count[0] = count + 1
