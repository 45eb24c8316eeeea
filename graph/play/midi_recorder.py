"""Records incoming MIDI to a Standard MIDI File that is valid at any moment."""

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
"""Seconds between flushes."""
SETTLED = 1.0
"""Maximum delay of an event in seconds; events older than this are encoded for good."""

_END_OF_TRACK = b"\x00\xff\x2f\x00"


class MidiRecorder:
    """[control] Collects events; every flush leaves a valid file at `path`, so kill -9 loses at most one second.

    A flush writes a temporary file and renames it, so a reader sees the old file or the new one. If the name is taken,
    the file gets a new one. One thread at a time.

    rate, start   sample rate in Hz, and the frame at which the file starts
    tempo         tempo of the file in bpm, which also sets the length of a tick
    """

    def __init__(self, path: str | PathLike[str], rate: float, start: int, tempo: float = 120.0) -> None:
        check_midi_target(Path(path))
        if not 4 <= tempo <= 10_000:
            raise MidiFileError(f"{path}: the tempo of a MIDI file must be 4 to 10000 bpm, not {tempo:g}")
        self._scale = tempo / 60.0 * TICKS / rate
        self._rate, self._start = rate, start
        self._waiting: list[tuple[int, list[int]]] = []
        self._settled = bytearray(b"\x00\xff\x51\x03" + round(60e6 / tempo).to_bytes(3, "big"))
        self._tick = 0
        self._held = Held()
        self._due = 0.0
        self.heard = False
        """Whether a recordable event has arrived."""
        self.seconds = 0.0
        """Length of the file on disk, in seconds."""
        try:
            file = claim(Path(path), self._file(0))
        except OSError as error:
            raise MidiFileError(f"{path} cannot be written: {error.strerror}") from None
        file.close()
        self.path = file.path

    def add(self, heard: np.ndarray[Any, Any]) -> None:
        """Adds `TIMED_EVENT` records."""
        for item in heard:
            event = Event(*item["event"].tolist())
            data = message_of(event) if event.kind <= PROGRAM else []  # clock messages are not recorded
            if data:
                self.heard = True
                self._waiting.append((max(0, round((int(item["time"]) - self._start) * self._scale)), data))

    def flush(self, now: int) -> None:
        """Writes the file, at most twice per second, as if the recording ended at frame `now`, with held notes too."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + EVERY
        self._write(now)

    def close(self, end: int = 0) -> None:
        """Writes the file; held notes end at frame `end`, or at the last event if that is later."""
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
        """Encodes all events before a tick for good."""
        self._waiting.sort(key=lambda event: event[0])
        old = sum(tick < until for tick, _ in self._waiting)
        for tick, data in self._waiting[:old]:
            tick = max(tick, self._tick)
            self._settled += quantity(tick - self._tick) + bytes(data)
            self._tick = tick
            self._held.read(data)
        del self._waiting[:old]

    def _file(self, end: int) -> bytes:
        """The complete file as if the recording ended at tick `end`."""
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
    """Raises MidiFileError if a MIDI file cannot be written to `path`; does not touch an existing file."""
    if path.suffix.lower() not in (".mid", ".midi"):
        raise MidiFileError(f"{path}: the name of a MIDI file must end in .mid")
    if path.is_dir():
        raise MidiFileError(f"{path} is a directory")
    if not path.parent.is_dir():
        raise MidiFileError(f"{path}: there is no directory {path.parent}")
