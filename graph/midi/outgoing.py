"""[control] Outgoing messages: events, and system exclusive split into pieces that fit into the same rings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graph.errors import DeviceError
from graph.memory.events import EVENT, SYSEX, SYSEX_PIECE, TIMED_EVENT
from graph.memory.ring import Ring
from graph.midi.bytes import Event, message_of
from graph.midi.messages import MessageReader, complete, message_bytes

ROOM = 0.5
"""Seconds that a message waits for space in a full ring."""
AT = TIMED_EVENT.fields["event"][1] + EVENT.fields["number"][1]  # type: ignore[index]


def outgoing(reader: MessageReader, message: Any, time: int) -> np.ndarray[Any, Any]:
    """A mido message or bytes as `TIMED_EVENT` records; GraphError if system exclusive has no end."""
    data = message_bytes(message)
    complete(data)
    found, rest = [], data
    while 0xF0 in rest:
        start = rest.index(0xF0)
        end = rest.index(0xF7, start) + 1
        found += [reader.read(rest[:start], time), _pieces(rest[start:end], time)]
        rest = rest[end:]
    return np.concatenate([*found, reader.read(rest, time)])


def _pieces(data: bytes, time: int) -> np.ndarray[Any, Any]:
    """System exclusive as records of `SYSEX_PIECE` bytes: `channel` is the byte count, `note_id` the pieces left."""
    clock = bytes(byte for byte in data if byte < 0xF8)  # a real-time byte within it belongs to another time
    count = -(-len(clock) // SYSEX_PIECE)
    pieces = np.zeros(count, TIMED_EVENT)
    pieces["time"] = time
    pieces["event"]["kind"] = SYSEX
    pieces["event"]["channel"] = SYSEX_PIECE
    pieces["event"]["channel"][-1] = len(clock) - (count - 1) * SYSEX_PIECE
    pieces["event"]["note_id"] = np.arange(count)[::-1]
    padded = np.frombuffer(clock.ljust(count * SYSEX_PIECE, b"\0"), np.uint8)
    _contents(pieces)[:] = padded.reshape(count, SYSEX_PIECE)
    return pieces


def _contents(pieces: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The bytes in the records."""
    return pieces.view(np.uint8).reshape(len(pieces), TIMED_EVENT.itemsize)[:, AT : AT + SYSEX_PIECE]


def spoken(records: np.ndarray[Any, Any]) -> Iterator[tuple[int, Event, list[int]]]:
    """Time, event and bytes of each message in records from a ring; split messages are joined."""
    contents = _contents(np.ascontiguousarray(records)) if len(records) else records
    long: list[int] = []
    for index, (when, fields) in enumerate(records.tolist()):
        event = Event(*fields)
        if event.kind != SYSEX:
            yield when, event, message_of(event)
            continue
        long += contents[index, : event.channel].tolist()
        if event.note_id == 0:
            yield when, event, long
            long = []


def push_whole(ring: Ring, records: np.ndarray[Any, Any], taken: Callable[[], bool]) -> None:
    """Writes all records to a ring together, so that no other thread's records come between. For any thread.

    Waits up to `ROOM` seconds for space while `taken` reports an active reader; DeviceError if there is none.
    """
    if len(records) > ring.capacity:
        raise DeviceError(f"the system exclusive message is too long: the limit is {ring.capacity * SYSEX_PIECE} bytes")
    deadline = time.monotonic() + ROOM
    while len(records) and not ring.push(records, whole=True):
        if not taken() or time.monotonic() > deadline:
            raise DeviceError("the MIDI message was not sent: the output queue is full")
        time.sleep(0.001)
