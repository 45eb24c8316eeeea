"""MIDI messages as bytes, turned into events by the same reader that the audio thread uses."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from graph.errors import GraphError
from graph.memory.events import EVENT, NOTE_OFF, NOTE_ON, TIMED_EVENT
from graph.memory.ring import Ring, publish
from graph.memory.tables import HELD, MIDI_EVENTS, MIDI_PORT
from graph.midi.bytes import receive
from graph.native.cache import addresses, callable_at, function_unit


class MessageReader:
    """[control] A stream of MIDI bytes as events; it remembers what is under way, so bytes may come in pieces.

    Any thread may call `read`. Pieces of one message come from one thread; `complete` refuses pieces.
    """

    def __init__(self) -> None:
        kernel, published = addresses([function_unit(receive), function_unit(publish)])
        self._receive = callable_at(kernel)
        self._ring = Ring(MIDI_EVENTS, TIMED_EVENT, published)
        self._held, self._coarse = np.zeros((16, HELD), np.uint8), np.zeros((16, 32), np.uint8)
        self._lock = threading.Lock()  # a leaf: held while native code reads the bytes
        self._port = np.zeros(1, MIDI_PORT)
        self._port["ring"] = self._ring.address
        self._port["held"], self._port["coarse"] = self._held.ctypes.data, self._coarse.ctypes.data

    def read(self, data: bytes, frame: int) -> np.ndarray[Any, Any]:
        """The events of these bytes, as `TIMED_EVENT` records of that frame."""
        found = []
        with self._lock:
            for start in range(0, len(data), MIDI_EVENTS // 2):
                piece = np.frombuffer(data[start : start + MIDI_EVENTS // 2], np.uint8)
                self._port["at"], self._port["length"], self._port["time"] = piece.ctypes.data, len(piece), frame
                self._receive(self._port.ctypes.data)
                found.append(self._ring.take())
        return np.concatenate(found) if found else np.zeros(0, TIMED_EVENT)


def message_bytes(message: Any) -> bytes:
    """The bytes of a `mido.Message`, or of anything with `bytes()`, or of a sequence of numbers."""
    data = message.bytes() if hasattr(message, "bytes") else message
    try:
        if isinstance(data, int):  # of which bytes() would make so many zeros
            raise TypeError
        return bytes(data)
    except (TypeError, ValueError):
        raise GraphError(f"a MIDI message is a mido.Message or bytes, not {message!r}") from None


LENGTHS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
"""Data bytes of each kind of channel message."""
SYSTEM = {0xF1: 1, 0xF2: 2, 0xF3: 1}


def complete(data: bytes) -> bytes:
    """These bytes, if they are MIDI messages from beginning to end; else a GraphError says what is missing."""
    status, count = 0, 0
    for byte in [*data, 0xF6]:  # as if a further message came
        if byte >= 0xF8:  # real time, anywhere
            continue
        if byte < 0x80:
            if not status:
                raise GraphError(f"a MIDI message begins with a byte from 0x80 on, not with {data.hex(' ')}")
            count += 1
            continue
        length = LENGTHS.get(status & 0xF0) or SYSTEM.get(status, 0)
        if status == 0xF0 and byte != 0xF7:
            raise GraphError(f"the MIDI message {data.hex(' ')} is not complete: system exclusive ends with f7")
        if length and (not count or count % length):
            raise GraphError(
                f"the MIDI message {data.hex(' ')} is not complete: {length} bytes follow {status:02x}, not {count}"
            )
        status, count = byte, 0
    return data


def note(key: float, velocity: float, channel: int, *, on: bool) -> np.ndarray[Any, Any]:
    """One event that begins or ends a note; keys may have fractions, which MIDI's may not."""
    event = np.zeros(1, EVENT)
    event["kind"], event["channel"] = NOTE_ON if on else NOTE_OFF, channel
    event["number"], event["value"] = key, velocity
    return event
