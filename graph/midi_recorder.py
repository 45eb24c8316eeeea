"""What was played, as a Standard MIDI File."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import MidiFileError
from graph.events import BEND, CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON, PRESSURE, PROGRAM, SOSTENUTO, SUSTAIN

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
            data = event_bytes(item["event"])
            if data:
                self._events.append((max(0, round((int(item["time"]) - self._start) * self._scale)), data))

    def close(self, end: int = 0) -> None:
        """Writes the file; what is still held ends at frame `end`."""
        import mido

        last = max([round((end - self._start) * self._scale), *(tick for tick, _ in self._events)])
        self._events += [(last, data) for data in still_held(data for _, data in self._events)]
        track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(self._tempo), time=0)])
        before = 0
        for tick, data in sorted(self._events, key=lambda event: event[0]):
            track.append(mido.Message.from_bytes(data, time=tick - before))
            before = tick
        file = mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track])
        whole = BytesIO()
        file.save(file=whole)
        try:
            self.path.write_bytes(whole.getvalue())
        except OSError as error:
            raise MidiFileError(f"{self.path} cannot be written: {error.strerror}") from None


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


def still_held(messages: Iterable[list[int]]) -> list[list[int]]:
    """What ends the notes and pedals that these messages leave held."""
    held: dict[tuple[int, int], list[int]] = {}
    for data in messages:
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        if kind == 0x90:
            held[channel, data[1]] = [0x80 | channel, data[1], 64]
        elif kind == 0x80:
            held.pop((channel, data[1]), None)
        elif kind == 0xB0 and data[1] in (SUSTAIN, SOSTENUTO):
            held[channel, 128 + data[1]] = [data[0], data[1], 0]
            if data[2] < 64:
                del held[channel, 128 + data[1]]
    return list(held.values())


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
