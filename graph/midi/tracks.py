"""Splits the bytes of a Standard MIDI File into tracks of messages; `graph.midi.file` turns them into music.

A track's length is trusted if the next chunk, or the end of the file, follows it. Otherwise the track ends at
its end mark, or at the start of the next track. A track is read up to its first damage, where its hanging notes
end. Data after an end mark within a track is played if it consists of readable events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from graph.errors import several
from graph.memory.events import RESET_CONTROLLERS, SOSTENUTO, SUSTAIN
from graph.midi.parse import BARE, CUT, JOB, LONG, MARK, OUT, TIME, read_messages
from graph.native.cache import addresses, callable_at, function_unit

TRACK = b"MTrk"
MOST_CHUNKS = 65_535
"""Maximum number of tracks: the limit of the header field."""
PEDALS = SUSTAIN, SOSTENUTO
PIECE = 2**16
"""Messages per NumPy operation, which limits its temporary memory."""
CONVINCING = 16
"""Number of messages after an end mark that count as music, even if damage follows."""

_DAMAGE = {
    CUT: "an event is cut off",
    BARE: "there is data without a status byte",
    LONG: "a number has more than 4 bytes",
}
_ODD = {
    "above": "a data byte is above 127; it is read as 127",
    "tempo": "a tempo event has no tempo; it is ignored",
    "system": "a system message is not allowed in a file; it is ignored",
    "running": "a status byte is missing after a meta event; the previous status is used",
}

Array: TypeAlias = "np.ndarray[Any, Any]"


class BrokenError(Exception):
    """An error message without the file name."""


class Remarks:
    """The defects of a file: one line per kind, with the first position and the number of others."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self.damage = ""

    def add(self, kind: str, text: str, *, damage: bool = False) -> None:
        """Records `text`, or counts it if this kind is already recorded."""
        self._first.setdefault(kind, text)
        self._count[kind] = self._count.get(kind, 0) + 1
        if damage:
            self.damage = self.damage or text

    @property
    def lines(self) -> tuple[str, ...]:
        """The remarks in order of occurrence."""
        more = {kind: count - 1 for kind, count in self._count.items()}
        return tuple(
            text + (f" (and in {several(more[kind], 'more place')})" if more[kind] else "")
            for kind, text in self._first.items()
        )


@dataclass
class Tracks:
    """The messages of all tracks, concatenated.

    ticks, words   int64 ticks from the start of each track, and the messages, as packed by `parse`
    spans          for each track: its first message, the one after its last, and its end tick
    """

    ticks: Array
    words: Array
    spans: list[tuple[int, int, int]] = field(default_factory=list)


def read_tracks(data: bytes, at: int, remarks: Remarks) -> Tracks:
    """The tracks whose chunks start at byte `at`."""
    reader = _Reader(data, remarks)
    chunks = 0
    while at < len(data):
        chunks += 1
        if chunks > MOST_CHUNKS:
            remarks.add(
                "many", f"byte {at}: the file has more than {MOST_CHUNKS} chunks, the limit; the rest is ignored"
            )
            break
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        if alike(data, at, TRACK):
            at = reader.read(at, length)
        elif chunk_at(data, at):
            remarks.add("chunk", f"byte {at}: a chunk {show(data[at : at + 4])} is ignored")
            at += 8 + length
        else:
            after = data.find(TRACK, at)
            after = after if after >= 0 else len(data)
            remarks.add("junk", f"byte {at}: {several(after - at, 'byte')} outside of the tracks are ignored")
            at = after
    return reader.tracks


def alike(data: bytes, at: int, name: bytes) -> bool:
    """Whether a chunk of this name starts there; one of the name's four bytes may be damaged."""
    return at + 8 <= len(data) and sum(a == b for a, b in zip(data[at : at + 4], name, strict=True)) >= 3


def chunk_at(data: bytes, at: int) -> bool:
    """Whether a chunk seems to start there, or the file ends."""
    if at >= len(data) or data[at : at + 4] == TRACK:
        return at <= len(data)
    name, end = data[at : at + 4], at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    if at + 8 > len(data) or not all(0x20 <= byte < 0x7F for byte in name):
        return False
    return end == len(data) or alike(data, end, TRACK) or (end + 8 <= len(data) and data[end : end + 4].isalnum())


def show(name: bytes) -> str:
    """The four bytes of a chunk's name in readable form."""
    return repr(name.decode("latin-1"))


class _Reader:
    """Reads all tracks into one pair of arrays."""

    def __init__(self, data: bytes, remarks: Remarks) -> None:
        self._data, self._remarks = data, remarks
        room = len(data) + 1  # room for a note-off of each note; unwritten memory costs nothing
        self._ticks, self._words = np.empty(room, np.int64), np.empty(room, np.uint32)
        self.tracks = Tracks(self._ticks, self._words)
        self._bytes = np.frombuffer(data, np.uint8)
        self._job = np.zeros(1, JOB)
        self._job["source"], self._job["ticks"] = self._bytes.ctypes.data, self._ticks.ctypes.data
        self._job["words"], self._job["room"] = self._words.ctypes.data, room
        self._kernel = callable_at(addresses([function_unit(read_messages)])[0])

    def read(self, at: int, length: int) -> int:
        """Reads the track whose chunk is at this byte; returns where to look for the next chunk."""
        data, job, start = self._data, self._job, at + 8
        claimed = start + length
        sure = chunk_at(data, claimed)
        limit = claimed if sure else data.find(TRACK, start)
        limit = limit if limit >= 0 else len(data)
        begin = int(job["count"][0])
        for name, value in (("tick", 0), ("status", 0), ("across", 0), *((odd, -1) for odd in _ODD)):
            job[name] = value
        why = self._run(start, min(claimed, limit))
        if why in (OUT, TIME, CUT) and claimed < limit:
            why = self._run(int(job["at"][0]), limit)
        stop = int(job["at"][0])
        if data[at : at + 4] != TRACK:
            self._tell(f"name {at}", at, f"the chunk is named {show(data[at : at + 4])}; it is read as a track")
        if why == MARK:
            why = self._read_past(stop, min(claimed, limit)) or why
            after = stop if data[stop : stop + 4] == TRACK or not sure else claimed
        else:
            after = claimed if sure else limit
        self._finish(begin, why, at, length, (after if why != MARK or sure else stop) - start)
        return after

    def _run(self, at: int, end: int, *, past: bool = False) -> int:
        job = self._job
        job["at"], job["end"], job["past"] = at, end, past
        self._kernel(job.ctypes.data)
        return int(job["why"][0])

    def _read_past(self, stop: int, end: int) -> int:
        """Reads the data after an end mark; returns why it stopped, or 0 if the data is not music."""
        if stop >= end or self._data[stop : stop + 4] == TRACK:
            return 0
        before = self._job.copy()
        why = self._run(stop, end, past=True)
        count = int(self._job["count"][0] - before["count"][0])
        if count and (why == OUT or count >= CONVINCING):
            self._tell("past", stop, f"{several(count, 'event')} after the end mark are played")
            return MARK if why == OUT else why
        self._job[:] = before
        self._tell("rest", stop, f"{several(end - stop, 'byte')} after the end mark are ignored")
        return 0

    def _finish(self, begin: int, why: int, at: int, length: int, found: int) -> None:
        """Records the defects and adds the track."""
        job = self._job[0]
        short = why != MARK and length > found
        if length != found:
            said = f"the declared length is {several(length, 'byte')}; {found} are present"
            self._tell("length", at + 4, said, damage=short)
        if why in _DAMAGE and not (short and why == CUT):
            self._tell(
                f"damage {why}", int(job["at"]), f"{_DAMAGE[why]}; the rest of the track is not played", damage=True
            )
        elif why == TIME and not short:
            self._tell("time", int(job["at"]), "a time has no event")
        elif why == OUT and not short:
            self._tell("mark", int(job["at"]), "the end mark is missing")
        for name, text in _ODD.items():
            if job[name] >= 0:
                self._tell(name, int(job[name]), text)
        count, end = int(job["count"]), int(job["tick"])
        if short or why in _DAMAGE:
            left = still_on(self._words[begin:count])
            self._ticks[count : count + len(left)], self._words[count : count + len(left)] = end, left
            count += len(left)
        self._job["count"] = count
        self.tracks.spans.append((begin, count, end))

    def _tell(self, kind: str, byte: int, text: str, *, damage: bool = False) -> None:
        self._remarks.add(kind, f"track {len(self.tracks.spans) + 1}, byte {byte}: {text}", damage=damage)


def still_on(words: Array) -> Array:
    """Messages that end the hanging notes of these messages, then release the held pedals."""
    if not len(words):
        return words
    notes, pedals = np.zeros(16 * 128, np.uint32), np.zeros((2, 16), bool)
    for first in range(0, len(words), PIECE):
        piece = words[first : first + PIECE]
        kind, channel, number, value = piece >> 28, piece >> 24 & 15, piece >> 8 & 127, piece & 127
        noted = (kind == 8) | (kind == 9)
        notes[(channel << 7 | number)[noted]] = np.where(kind == 9, value, 0)[noted]  # the last of several counts
        last = np.full((3, 16), -1)
        for row, controller in enumerate((*PEDALS, RESET_CONTROLLERS)):
            at = np.flatnonzero((kind == 11) & (number == controller))
            last[row, channel[at]] = at
        moved, reset = last[:2] > last[2], last[2] >= 0
        pedals = np.where(moved, value[last[:2]] >= 64, pedals & ~reset)
    keys, lifts = np.flatnonzero(notes), np.argwhere(pedals)
    ends = 0x80000040 | keys >> 7 << 24 | (keys & 127) << 8
    return np.append(ends, 0xB0000000 | lifts[:, 1] << 24 | np.array(PEDALS)[lifts[:, 0]] << 8).astype(np.uint32)
