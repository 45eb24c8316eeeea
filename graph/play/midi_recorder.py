"""The MIDI that came in, as a Standard MIDI File that is whole at any moment."""

from __future__ import annotations

import time
from copy import deepcopy
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import MidiFileError
from graph.media.raw_file import RawFile, beside, claim
from graph.memory.events import PROGRAM
from graph.midi.bytes import Event, message_of
from graph.midi.held import Held

TICKS = 960
"""Ticks per beat: 0.5 ms at 120 bpm."""
EVERY = 0.5
"""Seconds between two flushes."""
SETTLED = 1.0
"""Seconds after which no earlier event arrives any more, so that what is older stays encoded."""

_END_OF_TRACK = b"\x00\xff\x2f\x00"


class MidiRecorder:
    """[control] Gathers events; every flush leaves a whole file under `path`, so kill -9 costs at most a second.

    A flush writes beside the file and renames, so a reader sees the old file or the new one. Where the name is taken,
    the file gets a new one. From one thread at a time.

    rate, start   frames per second, and the frame at which the file begins
    tempo         beats per minute: what the file says, and the grid of its ticks
    """

    def __init__(self, path: str | PathLike[str], rate: float, start: int, tempo: float = 120.0) -> None:
        check_midi_target(Path(path))
        if not 4 <= tempo <= 10_000:
            raise MidiFileError(f"{path}: a MIDI file's tempo is 4 to 10000 bpm, not {tempo:g}")
        self._scale = tempo / 60.0 * TICKS / rate
        self._rate, self._start = rate, start
        self._waiting: list[tuple[int, list[int]]] = []
        self._settled = bytearray(b"\x00\xff\x51\x03" + round(60e6 / tempo).to_bytes(3, "big"))
        self._tick = 0
        self._held = Held()
        self._due = 0.0
        self.heard = False
        """Whether anything has come in that a file holds."""
        self.seconds = 0.0
        """Length of the file on the disk."""
        try:
            file = claim(Path(path), self._file(0))
        except OSError as error:
            raise MidiFileError(f"{path} cannot be written: {error.strerror}") from None
        file.close()
        self.path = file.path

    def add(self, heard: np.ndarray[Any, Any]) -> None:
        """Takes `TIMED_EVENT` records."""
        for item in heard:
            event = Event(*item["event"].tolist())
            data = message_of(event) if event.kind <= PROGRAM else []  # a file holds no clock
            if data:
                self.heard = True
                self._waiting.append((max(0, round((int(item["time"]) - self._start) * self._scale)), data))

    def flush(self, now: int) -> None:
        """Writes the file twice per second: a take that ends at frame `now`, with what is held ending there."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + EVERY
        self._write(now)

    def close(self, end: int = 0) -> None:
        """Writes the file; what is still held ends at frame `end`, or at the last event if that is later."""
        self._write(end)

    def _write(self, end: int) -> None:
        self._settle(round((end - self._start - SETTLED * self._rate) * self._scale))
        partial = beside(self.path)
        try:
            file = RawFile(partial, "wb")
            try:
                file.write_at(0, self._file(round((end - self._start) * self._scale)))
            finally:
                file.close()
            partial.replace(self.path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise MidiFileError(f"{self.path} cannot be written: {error.strerror}") from None
        self.seconds = max(0, end - self._start) / self._rate

    def _settle(self, until: int) -> None:
        """Encodes for good what lies before a tick."""
        self._waiting.sort(key=lambda event: event[0])
        old = sum(tick < until for tick, _ in self._waiting)
        for tick, data in self._waiting[:old]:
            tick = max(tick, self._tick)
            self._settled += quantity(tick - self._tick) + bytes(data)
            self._tick = tick
            self._held.read(data)
        del self._waiting[:old]

    def _file(self, end: int) -> bytes:
        """The whole file as it would be if the take ended now."""
        rest = sorted(self._waiting, key=lambda event: event[0])
        last = max([end, self._tick, *(tick for tick, _ in rest)])
        held = deepcopy(self._held)
        for _, data in rest:
            held.read(data)
        track, before = self._settled.copy(), self._tick
        for tick, data in [*rest, *((last, data) for data in held.endings())]:
            tick = max(tick, before)
            track += quantity(tick - before) + bytes(data)
            before = tick
        track += quantity(last - before) + _END_OF_TRACK[1:]
        head = b"MThd" + b"".join(n.to_bytes(size, "big") for n, size in ((6, 4), (0, 2), (1, 2), (TICKS, 2)))
        return head + b"MTrk" + len(track).to_bytes(4, "big") + track


def quantity(number: int) -> bytes:
    """A variable-length quantity: 7 bits per byte, the highest first, all but the last with bit 7 set."""
    data = [number & 0x7F]
    while number := number >> 7:
        data.append(number & 0x7F | 0x80)
    return bytes(reversed(data))


def check_midi_target(path: Path) -> None:
    """Raises MidiFileError for a target that cannot become a MIDI file; leaves what is there as it is."""
    if path.suffix.lower() not in (".mid", ".midi"):
        raise MidiFileError(f"{path}: a MIDI file's name ends in .mid")
    if path.is_dir():
        raise MidiFileError(f"{path} is a directory")
    if not path.parent.is_dir():
        raise MidiFileError(f"{path}: there is no directory {path.parent}")
