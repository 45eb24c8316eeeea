"""The MIDI that came in, as a Standard MIDI File."""

from __future__ import annotations

import struct
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import MidiFileError
from graph.memory.events import PROGRAM
from graph.midi.bytes import Event, message_of
from graph.midi.held import Held

TICKS = 960
"""A beat: 0.5 ms at 120 bpm."""


class MidiRecorder:
    """[control] Gathers events and writes them when it is closed.

    rate, start   frames a second, and the frame that is the file's beginning
    tempo         beats a minute: what the file says, and the grid on which its ticks lie
    """

    def __init__(self, path: str | PathLike[str], rate: float, start: int, tempo: float = 120.0) -> None:
        self.path = Path(path)
        check_midi_target(self.path)
        if not 4 <= tempo <= 10_000:
            raise MidiFileError(f"{self.path}: a MIDI file's tempo is 4 to 10000 bpm, not {tempo:g}")
        self._scale = tempo / 60.0 * TICKS / rate
        self._start, self._tempo = start, tempo
        self._events: list[tuple[int, list[int]]] = []

    def add(self, heard: np.ndarray[Any, Any]) -> None:
        """Notes down `TIMED_EVENT` records."""
        for item in heard:
            event = Event(*item["event"].tolist())
            data = message_of(event) if event.kind <= PROGRAM else []  # a file holds no clock
            if data:
                self._events.append((max(0, round((int(item["time"]) - self._start) * self._scale)), data))

    @property
    def heard(self) -> bool:
        """Whether anything has come in that a file holds."""
        return bool(self._events)

    def close(self, end: int = 0) -> None:
        """Writes the file; what is still held ends at frame `end`."""
        last = max([round((end - self._start) * self._scale), *(tick for tick, _ in self._events)])
        held = Held()
        for _, data in self._events:
            held.read(data)
        self._events += [(last, data) for data in held.endings()]
        track = bytearray(b"\x00\xff\x51\x03" + round(60e6 / self._tempo).to_bytes(3, "big"))
        before = 0
        for tick, data in sorted(self._events, key=lambda event: event[0]):
            track += _length(tick - before) + bytes(data)
            before = tick
        track += b"\x00\xff\x2f\x00"
        head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS)
        try:
            self.path.write_bytes(head + b"MTrk" + struct.pack(">I", len(track)) + track)
        except OSError as error:
            raise MidiFileError(f"{self.path} cannot be written: {error.strerror}") from None


def _length(ticks: int) -> bytes:
    """A variable-length quantity: 7 bits per byte, the highest first, all but the last with bit 7 set."""
    found = [ticks & 0x7F]
    while ticks := ticks >> 7:
        found.append(0x80 | ticks & 0x7F)
    return bytes(reversed(found))


def check_midi_target(path: Path) -> None:
    """Raises MidiFileError for a target that cannot become a MIDI file; leaves what is there as it is."""
    if path.suffix.lower() not in (".mid", ".midi"):
        raise MidiFileError(f"{path}: a MIDI file's name ends in .mid")
    if path.is_dir():
        raise MidiFileError(f"{path} is a directory")
    if not path.parent.is_dir():
        raise MidiFileError(f"{path}: there is no directory {path.parent}")
    try:
        new = not path.exists()
        path.open("ab").close()
        if new:
            path.unlink()
    except OSError as error:
        raise MidiFileError(f"{path} cannot be written: {error.strerror}") from None
