"""The MIDI that came in, as a Standard MIDI File."""

from __future__ import annotations

import struct
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import MidiFileError
from graph.memory.events import PROGRAM, SOSTENUTO, SUSTAIN
from graph.midi.bytes import Event, message_of

TICKS = 960
"""A beat: 0.5 ms at 120 bpm."""


class MidiRecorder:
    """[control] Encodes events as they come, and writes the file when it is closed, however long that took.

    For one thread at a time.

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
        self.heard = False
        """Whether anything has come in that a file holds."""
        self._track = bytearray(b"\x00\xff\x51\x03" + round(60e6 / self._tempo).to_bytes(3, "big"))
        self._tick = 0
        self._held: dict[tuple[int, int], list[int]] = {}

    def add(self, heard: np.ndarray[Any, Any]) -> None:
        """Notes down `TIMED_EVENT` records."""
        for item in heard:
            event = Event(*item["event"].tolist())
            data = message_of(event) if event.kind <= PROGRAM else []  # a file holds no clock
            if data:
                self._append(round((int(item["time"]) - self._start) * self._scale), data)

    def _append(self, tick: int, data: list[int]) -> None:
        """Notes one message down; one that comes out of its order counts as the latest."""
        tick = max(self._tick, tick)
        self._track += _length(tick - self._tick) + bytes(data)
        self._tick = tick
        self.heard = True
        hold(self._held, data)

    def close(self, end: int = 0) -> None:
        """Writes the file; what is still held ends at frame `end`."""
        last, track = round((end - self._start) * self._scale), bytearray()
        for data in self._held.values():
            track += _length(max(0, last - self._tick)) + bytes(data)
            self._tick = max(self._tick, last)
        track = self._track + track + b"\x00\xff\x2f\x00"
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


def hold(held: dict[tuple[int, int], list[int]], data: list[int]) -> None:
    """Keeps in `held` what ends the notes and pedals that the messages so far have left held."""
    kind, channel = data[0] & 0xF0, data[0] & 0x0F
    if kind == 0x90:
        held[channel, data[1]] = [0x80 | channel, data[1], 64]
    elif kind == 0x80:
        held.pop((channel, data[1]), None)
    elif kind == 0xB0 and data[1] in (SUSTAIN, SOSTENUTO):
        held[channel, 128 + data[1]] = [data[0], data[1], 0]
        if data[2] < 64:
            del held[channel, 128 + data[1]]
