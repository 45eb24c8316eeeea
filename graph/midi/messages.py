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
from graph.midi.table import DATA_BYTES, REAL_TIME
from graph.native.cache import addresses, callable_at, function_unit


class MessageReader:
    """[control] A stream of MIDI bytes as events; it remembers what is under way, so bytes may come in pieces.

    Any thread may call its methods: it owns a lock and holds it while it reads. Pieces of one message come from one
    thread; `read_message` refuses pieces.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        kernel, published = addresses([function_unit(receive), function_unit(publish)])
        self._receive = callable_at(kernel)
        self._ring = Ring(MIDI_EVENTS, TIMED_EVENT, published)
        self._held, self._coarse = np.zeros((16, HELD), np.uint8), np.zeros((16, 32), np.uint8)
        self._lock = threading.Lock()  # a leaf: held while native code reads the bytes
        self._port = np.zeros(1, MIDI_PORT)
        self._port["ring"] = self._ring.address
        self._port["held"], self._port["coarse"] = self._held.ctypes.data, self._coarse.ctypes.data

    def read_message(self, message: Any, time: int) -> np.ndarray[Any, Any]:
        """The events of whole messages that Python sends, as `TIMED_EVENT` records of that frame or host time.

        message   a `mido.Message`, bytes, or anything with `bytes()`; GraphError if it is none, or not whole
        """
        return self.read(complete(message_bytes(message)), time)

    def read(self, data: bytes, time: int) -> np.ndarray[Any, Any]:
        """The events of these bytes, as `TIMED_EVENT` records of that frame or host time."""
        found = []
        with self._lock:
            for start in range(0, len(data), MIDI_EVENTS // 2):
                piece = np.frombuffer(data[start : start + MIDI_EVENTS // 2], np.uint8)
                self._port["at"], self._port["length"], self._port["time"] = piece.ctypes.data, len(piece), time
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


def complete(data: bytes) -> bytes:
    """These bytes, if they are MIDI messages from beginning to end; else a GraphError says what is missing."""
    status, count = 0, 0
    for byte in [*data, 0xF6]:  # as if a further message came
        if byte >= REAL_TIME:
            continue
        if byte < 0x80:
            if not status:
                raise GraphError(f"a MIDI message begins with a byte from 0x80 on, not with {data.hex(' ')}")
            count += 1
            continue
        length = int(DATA_BYTES[status])
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
