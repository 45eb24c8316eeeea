"""The table of MIDI 1.0 messages: the event for each status byte, and its number of data bytes.

Readers, writers, file readers and recorders index the arrays below; kernels read them as constants.

Reference: MIDI 1.0 Detailed Specification 4.2, tables I to V, MIDI Manufacturers Association.
"""

from __future__ import annotations

import numpy as np

from graph.memory.events import (
    BEND,
    CONTINUE,
    CONTROL,
    JUMP,
    KEY_PRESSURE,
    NOTE_OFF,
    NOTE_ON,
    PRESSURE,
    PROGRAM,
    START,
    STOP,
    TICK,
)

NO_EVENT = -1
SYSTEM = 0xF0
"""First status byte of a system message; the low half of those below is the channel, counted from 0."""
REAL_TIME = 0xF8
"""First status byte of a message that may come between the bytes of another."""
RESET = 0xFF

CHANNEL_MESSAGES = (
    (0x80, NOTE_OFF, 2),
    (0x90, NOTE_ON, 2),
    (0xA0, KEY_PRESSURE, 2),
    (0xB0, CONTROL, 2),
    (0xC0, PROGRAM, 1),
    (0xD0, PRESSURE, 1),
    (0xE0, BEND, 2),
)
"""Status byte on channel 1, kind of event, data bytes."""

SYSTEM_MESSAGES = (
    (0xF0, NO_EVENT, 0),  # system exclusive: any number of bytes, up to 0xF7
    (0xF1, NO_EVENT, 1),  # time code quarter frame
    (0xF2, JUMP, 2),  # song position
    (0xF3, NO_EVENT, 1),  # song select
    (0xF6, NO_EVENT, 0),  # tune request
    (0xF7, NO_EVENT, 0),  # end of system exclusive
    (0xF8, TICK, 0),
    (0xFA, START, 0),
    (0xFB, CONTINUE, 0),
    (0xFC, STOP, 0),
    (0xFE, NO_EVENT, 0),  # active sensing
    (0xFF, NO_EVENT, 0),  # reset
)
"""Status byte, kind of event, data bytes. Undefined status bytes have neither event nor data."""

KIND_OF_STATUS = np.full(256, NO_EVENT, np.int64)
"""Kind of event by status byte, `NO_EVENT` for none."""
DATA_BYTES = np.zeros(256, np.int64)
"""Data bytes after a status byte; 0 also for system exclusive, which an end byte terminates."""
STATUS_OF_KIND = np.zeros(CONTINUE + 1, np.int64)
"""Status byte by kind of event, on channel 1 where there is a channel; 0 for none."""

for _status, _kind, _count in CHANNEL_MESSAGES:
    KIND_OF_STATUS[_status : _status + 16] = _kind
    DATA_BYTES[_status : _status + 16] = _count
for _status, _kind, _count in SYSTEM_MESSAGES:
    KIND_OF_STATUS[_status], DATA_BYTES[_status] = _kind, _count
for _status, _kind, _ in (*CHANNEL_MESSAGES, *SYSTEM_MESSAGES):
    if _kind != NO_EVENT:
        STATUS_OF_KIND[_kind] = _status
for _table in (KIND_OF_STATUS, DATA_BYTES, STATUS_OF_KIND):
    _table.flags.writeable = False
