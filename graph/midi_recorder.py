"""What was played, as a Standard MIDI File."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import MidiFileError
from graph.events import BEND, CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON, PRESSURE, PROGRAM

TICKS = 960
"""A beat: 0.5 ms at 120 bpm."""


class MidiRecorder:
    """[control] Gathers events and writes them when it is closed.

    rate, start   frames a second, and the frame that is the file's beginning
    tempo         beats a minute: what the file says, and the grid on which its ticks lie
    """

    def __init__(self, path: str | PathLike[str], rate: float, start: int, tempo: float = 120.0) -> None:
        self.path = Path(path)
        if not self.path.parent.is_dir():
            raise MidiFileError(f"{self.path}: there is no directory {self.path.parent}")
        self._scale = tempo / 60.0 * TICKS / rate
        self._start, self._tempo = start, tempo
        self._events: list[tuple[int, list[int]]] = []

    def add(self, heard: np.ndarray[Any, Any]) -> None:
        """Notes down `TIMED_EVENT` records."""
        for item in heard:
            data = event_bytes(item["event"])
            if data:
                self._events.append((max(0, round((int(item["time"]) - self._start) * self._scale)), data))

    def close(self) -> None:
        """Writes the file."""
        import mido

        track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(self._tempo), time=0)])
        before = 0
        for tick, data in sorted(self._events, key=lambda event: event[0]):
            track.append(mido.Message.from_bytes(data, time=tick - before))
            before = tick
        file = mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track])
        try:
            file.save(str(self.path))
        except OSError as error:
            raise MidiFileError(f"{self.path} cannot be written: {error.strerror}") from None


_STATUS = {NOTE_OFF: 0x80, NOTE_ON: 0x90, KEY_PRESSURE: 0xA0, CONTROL: 0xB0, PROGRAM: 0xC0, PRESSURE: 0xD0, BEND: 0xE0}


def event_bytes(event: Any) -> list[int]:
    """The MIDI message that says what an event says; empty for what a file does not hold, such as a clock's tick."""
    kind = int(event["kind"])
    if kind not in _STATUS:
        return []
    status = _STATUS[kind] | (max(1, min(16, int(event["channel"]))) - 1)
    number, value = max(0, min(127, round(float(event["number"])))), float(event["value"])
    seven = max(0, min(127, round(value * 127)))
    if kind == BEND:
        bend = max(0, min(16383, round(value * (8191 if value > 0 else 8192)) + 8192))
        return [status, bend & 127, bend >> 7]
    if kind in (PROGRAM, PRESSURE):
        return [status, number if kind == PROGRAM else seven]
    return [status, number, max(1, seven) if kind == NOTE_ON else seven]
