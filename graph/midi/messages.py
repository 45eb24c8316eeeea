"""Converts MIDI messages from Python to events, with the parser of the audio thread."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from graph.errors import GraphError
from graph.memory.events import EVENT, NOTE_OFF, NOTE_ON, TIMED_EVENT
from graph.memory.ring import Ring, publish
from graph.memory.tables import HELD, MIDI_EVENTS, MIDI_PORT
from graph.midi.bytes import receive
from graph.midi.table import DATA_BYTES, REAL_TIME
from graph.native.cache import addresses, callable_at, function_unit


class MessageReader:
    """[control] Parses a stream of MIDI bytes to events; it keeps the parser's state, so bytes may come in pieces.

    Any thread may call its methods: a lock is held during parsing. The pieces of one message must come from one
    thread; `read_message` rejects partial messages.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        kernel, published = addresses([function_unit(receive), function_unit(publish)])
        self._receive = callable_at(kernel)
        self._ring = Ring(MIDI_EVENTS, TIMED_EVENT, published)
        self._held, self._coarse = np.zeros((16, HELD), np.uint8), np.zeros((16, 32), np.uint8)
        self._lock = threading.Lock()  # a leaf: held while native code parses the bytes
        self._port = np.zeros(1, MIDI_PORT)
        self._port["ring"] = self._ring.address
        self._port["held"], self._port["coarse"] = self._held.ctypes.data, self._coarse.ctypes.data

    def read_message(self, message: Any, time: int) -> np.ndarray[Any, Any]:
        """The events of complete messages from Python, as `TIMED_EVENT` records at that frame or host time.

        message   a `mido.Message`, bytes, or any object with `bytes()`; GraphError if it is incomplete or invalid
        """
        return self.read(complete(message_bytes(message)), time)

    def read(self, data: bytes, time: int) -> np.ndarray[Any, Any]:
        """The events of these bytes, as `TIMED_EVENT` records at that frame or host time."""
        found = []
        with self._lock:
            for start in range(0, len(data), MIDI_EVENTS // 2):
                piece = np.frombuffer(data[start : start + MIDI_EVENTS // 2], np.uint8)
                self._port["at"], self._port["length"], self._port["time"] = piece.ctypes.data, len(piece), time
                self._receive(self._port.ctypes.data)
                found.append(self._ring.take())
        return np.concatenate(found) if found else np.zeros(0, TIMED_EVENT)


def message_bytes(message: Any) -> bytes:
    """The bytes of a `mido.Message`, of any object with `bytes()`, or of a sequence of integers."""
    data = message.bytes() if hasattr(message, "bytes") else message
    try:
        if isinstance(data, int):  # bytes(n) would be n zeros
            raise TypeError
        return bytes(data)
    except (TypeError, ValueError):
        raise GraphError(f"a MIDI message must be a mido.Message or bytes, not {message!r}") from None


def complete(data: bytes) -> bytes:
    """Returns `data` if it consists of complete MIDI messages; otherwise raises GraphError with the missing part."""
    status, count = 0, 0
    for byte in [*data, 0xF6]:  # as if another message followed
        if byte >= REAL_TIME:
            continue
        if byte < 0x80:
            if not status:
                raise GraphError(f"a MIDI message must begin with a status byte, 0x80 or above, not {data.hex(' ')}")
            count += 1
            continue
        length = int(DATA_BYTES[status])
        if status == 0xF0 and byte != 0xF7:
            raise GraphError(f"the MIDI message {data.hex(' ')} is incomplete: system exclusive must end with f7")
        if length and (not count or count % length):
            raise GraphError(
                f"the MIDI message {data.hex(' ')} is incomplete: {status:02x} takes {length} data bytes, not {count}"
            )
        status, count = byte, 0
    return data


def note(key: float, velocity: float, channel: int, *, on: bool) -> np.ndarray[Any, Any]:
    """One note-on or note-off event; unlike in MIDI, the key may have a fraction."""
    event = np.zeros(1, EVENT)
    event["kind"], event["channel"] = NOTE_ON if on else NOTE_OFF, channel
    event["number"], event["value"] = key, velocity
    return event
