"""[audio] Converts MIDI bytes to events and back: the only parser, for callbacks, ports and fuzzers.

Bytes are parsed one at a time, as from a serial line: it handles running status, real-time bytes within other
messages, and system exclusive of any length, and skips invalid bytes. Values are normalized: 0..1, bends -1..1, with
14 bits where a controller sends both MSB and LSB.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graph.memory.events import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BEND,
    CONTROL,
    JUMP,
    NOTE_OFF,
    NOTE_ON,
    PRESSURE,
    PROGRAM,
    SOSTENUTO,
    STOP,
    SUSTAIN,
    TIMED_EVENT,
)
from graph.memory.tables import HELD, MIDI_EVENTS, MIDI_PORT, RING_HEADER, TAIL
from graph.midi.table import DATA_BYTES, KIND_OF_STATUS, NO_EVENT, REAL_TIME, RESET, STATUS_OF_KIND, SYSTEM
from graph.native.functions import inline, load_acquire, store_release, view1, view2

int64, uint8 = np.int64, np.uint8
RESERVE = MIDI_EVENTS // 4
"""Ring slots reserved for note-offs: a flood may lose notes, but none hangs."""
DATA_ENTRY = 6
RELEASE = 64.0 / 127.0
"""Release velocity of a note-off without one."""


@inline(double=True)
def receive(port_address):
    """Parses `length` bytes at address `at`, received at `time`, into the port's ring."""
    port = view1(port_address, 1, MIDI_PORT)[0]
    data = view1(port.at, port.length, uint8)
    for i in range(port.length):
        read_byte(port, int64(data[i]))


@inline(double=True)
def read_byte(port, byte):
    """Parses one byte."""
    if byte >= REAL_TIME:
        if byte == RESET:
            release_all(port)
        elif KIND_OF_STATUS[byte] != NO_EVENT:
            put(port, KIND_OF_STATUS[byte], 0, 0.0, 0.0)
    elif byte >= 0x80:
        port.status = byte if DATA_BYTES[byte] > 0 else 0
        port.count = 0
    elif port.status != 0:
        if port.count == 0:
            port.first = byte
        port.count += 1
        if port.count == DATA_BYTES[port.status]:
            port.count = 0
            if port.status < SYSTEM:
                read_message(port, port.status, port.first, byte)
            else:
                if KIND_OF_STATUS[port.status] == JUMP:
                    put(port, JUMP, 0, 0.0, (byte * 128 + port.first) / 4.0)
                port.status = 0  # system messages cancel running status


@inline(double=True)
def read_message(port, status, first, second):
    """Handles one channel message with its data bytes; a message with one data byte ignores `second`."""
    held = view2(port.held, 16, HELD, uint8)
    channel = status & 0x0F
    kind, number, value = decode(status, first, second)
    if kind == CONTROL:
        read_control(port, held, channel, first, second)
        return
    if kind == NOTE_ON:
        held[channel, first] = 1
    put(port, kind, channel + 1, number, value)
    if kind == NOTE_OFF:
        held[channel, first] = 0  # last, so that a process killed in between leaves no hanging note


@inline(double=True)
def decode(status, first, second):
    """Kind, number and value of the event for a channel message.

    A note-on with velocity 0 is a note-off with velocity 64.
    """
    kind = KIND_OF_STATUS[status]
    if kind == NOTE_ON and second == 0:
        return NOTE_OFF, float(first), RELEASE
    if kind == BEND:
        bend = second * 128 + first - 8192
        return kind, 0.0, bend / 8191.0 if bend > 0 else bend / 8192.0
    if kind == PRESSURE:
        return kind, 0.0, first / 127.0
    return kind, float(first), 0.0 if kind == PROGRAM else second / 127.0


@inline(double=True)
def read_control(port, held, channel, number, value):
    """Handles a controller; the MSBs 0 to 31 may be followed by their LSBs, 32 to 63.

    Data entry (6 and 38) stays split: its meaning depends on the parameter selected before.
    """
    if number in (SUSTAIN, SOSTENUTO):
        held[channel, HELD - 2 if number == SUSTAIN else HELD - 1] = 1 if value >= 64 else 0
    if number in (ALL_SOUND_OFF, ALL_NOTES_OFF):
        for key in range(128):
            held[channel, key] = 0
    put(port, CONTROL, channel + 1, float(number), value / 127.0)
    coarse = view2(port.coarse, 16, 32, uint8)
    if number < 32:
        coarse[channel, number] = value + 1
    elif number < 64 and number != DATA_ENTRY + 32 and coarse[channel, number - 32] > 0:
        upper = int64(coarse[channel, number - 32]) - 1
        put(port, CONTROL, channel + 1, float(number - 32), (upper * 128 + value) / 16383.0)


@inline(double=True)
def release_all(port):
    """Releases all notes and pedals held by a port that was unplugged or sent a reset."""
    held = view2(port.held, 16, HELD, uint8)
    for channel in range(16):
        for key in range(128):
            if held[channel, key] != 0:
                put(port, NOTE_OFF, channel + 1, float(key), RELEASE)
        for pedal in range(2):
            if held[channel, HELD - 2 + pedal] != 0:
                put(port, CONTROL, channel + 1, float(SUSTAIN if pedal == 0 else SOSTENUTO), 0.0)
        for i in range(HELD):
            held[channel, i] = 0
    port.status = 0
    port.count = 0


@inline(double=True)
def release_port(port_address):
    """`release_all`, for Python."""
    release_all(view1(port_address, 1, MIDI_PORT)[0])


@inline(double=True)
def put(port, kind, channel, number, value):
    """Writes one event into the ring; counts it as dropped if the ring is full."""
    header = view1(port.ring, RING_HEADER // 8, int64)
    room = MIDI_EVENTS - (header[0] - load_acquire(header, TAIL))
    if port.flooded != 0 and room > RESERVE + 16:
        port.flooded = 0
        for i in range(16):
            write(port, CONTROL, i + 1, float(ALL_NOTES_OFF), 0.0)
            write(port, CONTROL, i + 1, float(SUSTAIN), 0.0)
    ends = kind in (NOTE_OFF, STOP)
    if kind == CONTROL:
        ends = number >= 120.0 or ((number in (SUSTAIN, SOSTENUTO)) and value < 0.5)
    if room > (0 if ends else RESERVE):
        write(port, kind, channel, number, value)
    else:
        port.dropped += 1
        port.flooded |= 1 if ends else 0


@inline(double=True)
def write(port, kind, channel, number, value):
    """Puts one event at the ring's head."""
    header = view1(port.ring, RING_HEADER // 8, int64)
    head = header[0]
    item = view1(port.ring + RING_HEADER, MIDI_EVENTS, TIMED_EVENT)[head % MIDI_EVENTS]
    item.time = port.time
    event = item.event
    event.kind = kind
    event.channel = channel
    event.note_id = 0
    event.number = number
    event.value = value
    port.received += 1
    store_release(header, 0, head + 1)


@inline(double=True)
def status_of(event):
    """The status byte of an event, 0 if MIDI has no such message."""
    kind = event.kind
    if kind < 0 or kind >= len(STATUS_OF_KIND):
        return 0
    status = STATUS_OF_KIND[kind]
    return status | min(max(event.channel - 1, 0), 15) if 0 < status < SYSTEM else status


@inline(double=True)
def data_of(event):
    """The data bytes of an event, as low + 256 x high."""
    kind = event.kind
    if kind == JUMP:
        sixteenths = int64(min(max(np.floor(event.value * 4.0 + 0.5), 0.0), 16383.0))
        return (sixteenths & 127) | ((sixteenths >> 7) << 8)
    if kind == BEND:
        bend = int64(min(max(np.floor(event.value * (8191.0 if event.value > 0 else 8192.0) + 8192.5), 0.0), 16383.0))
        return (bend & 127) | ((bend >> 7) << 8)
    number = int64(min(max(np.floor(event.number + 0.5), 0.0), 127.0))
    value = int64(min(max(np.floor(event.value * 127.0 + 0.5), 0.0), 127.0))
    if kind == PRESSURE:
        return value
    if kind == NOTE_ON:
        value = max(value, 1)
    return number | (value << 8)


@inline(double=True)
def size_of(status):
    """Bytes of a message, by its status."""
    return 1 + DATA_BYTES[status]


class Event:
    """[control] A record of `graph.memory.events.EVENT` as plain numbers, which Python reads faster."""

    __slots__ = ("channel", "frame", "kind", "note_id", "number", "value")

    def __init__(self, *fields: Any) -> None:
        self.frame, self.kind, self.channel, self.note_id, self.number, self.value = fields


def message_of(event: Any) -> list[int]:
    """[control] The MIDI bytes of an event; empty if MIDI has no such message."""
    status = int(status_of(event))
    if status == 0:
        return []
    data = int(data_of(event))
    return [status, data & 127, (data >> 8) & 127][: int(size_of(status))]
