"""MIDI messages as bytes, turned into events by the same reader that the audio thread uses."""

from __future__ import annotations

from typing import Any

import numpy as np

from graph import native
from graph.cache import addresses, function_unit
from graph.device import native_function
from graph.driver import publish
from graph.events import EVENT, NOTE_OFF, NOTE_ON, TIMED_EVENT
from graph.midi_bytes import receive
from graph.ring import Ring
from graph.tables import HELD, MIDI_EVENTS, MIDI_PORT


class MessageReader:
    """[control] A stream of MIDI bytes as events; it remembers what is under way, so bytes may come in pieces."""

    def __init__(self) -> None:
        kernel, published = addresses([function_unit(receive), function_unit(publish)])
        self._receive: Any = native.plain_functions[kernel] if native.PLAIN else native_function(kernel)
        self._ring = Ring(MIDI_EVENTS, TIMED_EVENT, published)
        self._held, self._coarse = np.zeros((16, HELD), np.uint8), np.zeros((16, 32), np.uint8)
        self._port = np.zeros(1, MIDI_PORT)
        self._port["ring"] = self._ring.address
        self._port["held"], self._port["coarse"] = self._held.ctypes.data, self._coarse.ctypes.data

    def read(self, data: bytes, frame: int) -> np.ndarray[Any, Any]:
        """The events of these bytes, as `TIMED_EVENT` records of that frame."""
        found = []
        for start in range(0, len(data), MIDI_EVENTS // 2):
            piece = np.frombuffer(data[start : start + MIDI_EVENTS // 2], np.uint8)
            self._port["at"], self._port["length"], self._port["time"] = piece.ctypes.data, len(piece), frame
            self._receive(self._port.ctypes.data)
            found.append(self._ring.take())
        return np.concatenate(found) if found else np.zeros(0, TIMED_EVENT)


def message_bytes(message: Any) -> bytes:
    """The bytes of a `mido.Message`, or of anything with `bytes()`, or of a sequence of numbers."""
    return bytes(message.bytes()) if hasattr(message, "bytes") else bytes(message)


def note(key: float, velocity: float, channel: int, *, on: bool) -> np.ndarray[Any, Any]:
    """One event that begins or ends a note; keys may have fractions, which MIDI's may not."""
    event = np.zeros(1, EVENT)
    event["kind"], event["channel"] = NOTE_ON if on else NOTE_OFF, channel
    event["number"], event["value"] = key, velocity
    return event
