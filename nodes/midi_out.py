"""Live MIDI output."""

from __future__ import annotations

from graph import CAPACITY, NOTE_ON, PROGRAM, In, Node, Option, Out, Source, clear, copy_event, emit, kernel

ROOM = CAPACITY * 3 // 4
"""Queue entries open to note-ons. The rest is reserved, so overflow drops note-ons before note-offs."""


class MidiOut(Node, family="Notes and time"):
    """MIDI output: sends events to the open MIDI output ports, each at the time its frame is played.

    Runs even if nothing connects it to the audio output. All MidiOut nodes in a patch share the same ports and
    send in frame order. The events also appear at `out`, for a synthesizer that doubles the external instrument.
    """

    sink = True

    events = In(kind="events", doc="Events to send.")
    channel = Option(0, min=0, max=16, doc="MIDI channel to send on, 1 .. 16; 0 keeps each event's channel.")
    leaving = Source("midi_out", doc="Events sent by all MidiOut nodes in this block.")
    out = Out(kind="events", doc="Events sent.")

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
