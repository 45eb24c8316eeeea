"""Standard MIDI Files: from the bytes of a file to events at exact times.

A damaged file plays as far as it is readable, with warnings that name track and byte; an unreadable file is a single
`MidiFileError`. At the first damage mido raises an exception, and FluidSynth drops the rest of the track. Both trust
every length, and because mido does not limit the length of numbers, a damaged file of a few megabytes can take hours.
So the parser here is our own kernel (`parse`); the tests compare its times with mido's.

Reference: Standard MIDI Files 1.0 (RP-001) and RMID files (RP-029), MIDI Manufacturers Association.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from graph.errors import MidiFileError, several
from graph.memory import events as ev
from graph.midi.parse import SIGNATURE
from graph.midi.parse import TEMPO as TEMPO_STATUS
from graph.midi.ranks import RANKING, rank_events
from graph.midi.table import KIND_OF_STATUS
from graph.midi.tempo import MICROSECONDS_PER_BEAT, TempoMap
from graph.midi.tracks import PIECE, TRACK, BrokenError, Remarks, Tracks, alike, chunk_at, read_tracks, show, still_on
from graph.native.cache import addresses, callable_at, function_unit

SONG_EVENT = np.dtype([("seconds", np.float64), ("beat", np.float64), ("event", ev.EVENT)])
PACKED_SONG_EVENT = np.dtype([("seconds", np.float64), ("beat", np.float64), ("event", ev.PACKED_EVENT)])
TEMPO = np.dtype([("seconds", np.float64), ("beat", np.float64), ("bpm", np.float64)])
METER = np.dtype([("beat", np.float64), ("quantum", np.float64)])

LONGEST = 64 * 2**20
"""Maximum file size in bytes."""
LONGEST_SECONDS = 86_400
"""Maximum length of the music in seconds: one day, the limit for a render."""
DEFAULT_TEMPO = TEMPO_STATUS << 24 | MICROSECONDS_PER_BEAT

_SMPTE = {24: Fraction(24), 25: Fraction(25), 29: Fraction(30_000, 1001), 30: Fraction(30)}

Array: TypeAlias = "np.ndarray[Any, Any]"


@dataclass(frozen=True)
class MidiSong:
    """The music of a file.

    packed     PACKED_SONG_EVENT records in playing order
    duration   seconds to the end of the longest track
    tempos     TEMPO records, the first at 0
    ppq        ticks per beat; for a file in SMPTE time, ticks per half second
    type       format of the file: 0, 1 or 2
    warnings   defects that did not prevent reading
    meters     METER records from the file's time signatures: the beat from which bars have `quantum` beats
    """

    packed: Array
    duration: float
    tempos: Array
    ppq: Fraction
    type: int
    warnings: tuple[str, ...] = ()
    meters: Array = field(default_factory=lambda: np.zeros(0, METER))

    @property
    def events(self) -> Array:
        """SONG_EVENT records in the order of playing; frames are 0."""
        return _copied(self.packed, SONG_EVENT, ("seconds", "beat"))


def read(path: str | os.PathLike[str]) -> MidiSong:
    """[control] Reads a Standard MIDI File; raises MidiFileError if it is unreadable."""
    try:
        return _song(_bytes(path))
    except (BrokenError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MidiFileError(f"{os.fspath(path)}: {reason}") from None


def events_at(song: MidiSong, sample_rate: float) -> Array:
    """[control] TIMED_EVENT records with absolute frames.

    Within a frame, note-offs precede note-ons, so that a repeated key is released first; controllers precede
    note-ons, so that a bank, a bend or a pedal is set before the note starts. A note that starts and ends in one
    frame keeps that order.
    """
    return unpacked(packed_at(song, sample_rate))


def packed_at(song: MidiSong, sample_rate: float, unit: str = "seconds") -> Array:
    """[control] As `events_at`, but PACKED_TIMED_EVENT; with the unit `beat`, `sample_rate` is per beat."""
    timed = np.empty(len(song.packed), ev.PACKED_TIMED_EVENT)
    timed["event"] = song.packed["event"]
    for first in range(0, len(timed), PIECE):
        piece = slice(first, first + PIECE)
        timed["time"][piece] = np.rint(song.packed[unit][piece] * sample_rate)
    ranks, held = np.empty(len(timed), np.int8), np.zeros((2, 16 * 128), np.int64)
    job = np.zeros(1, RANKING)
    job[0] = timed.ctypes.data, len(timed), ranks.ctypes.data, held[0].ctypes.data, held[1].ctypes.data
    callable_at(addresses([function_unit(rank_events)])[0])(job.ctypes.data)
    first = 0
    while first < len(timed):  # piece by piece, each up to the end of a frame, beyond which nothing moves
        last = first + PIECE
        while last < len(timed) and timed["time"][last] == timed["time"][last - 1]:
            last += 1
        piece = slice(first, last)
        keys = timed["time"][piece] * 4 + ranks[piece]
        if np.any(keys[1:] < keys[:-1]):
            timed[piece] = timed[piece][np.argsort(keys, kind="stable")]
        first = last
    return timed


def unpacked(timed: Array) -> Array:
    """[control] TIMED_EVENT records of PACKED_TIMED_EVENT records, as an engine takes them."""
    return _copied(timed, ev.TIMED_EVENT, ("time",))


def _copied(packed: Array, wanted: np.dtype[Any], times: tuple[str, ...]) -> Array:
    found = np.zeros(len(packed), wanted)
    for name in times:
        found[name] = packed[name]
    for name in ev.PACKED_EVENT.names or ():
        found["event"][name] = packed["event"][name]
    return found


def _bytes(path: str | os.PathLike[str]) -> bytes:
    file = Path(path)
    if file.is_dir():
        raise BrokenError("is a folder, not a MIDI file")
    if file.exists() and not file.is_file():
        raise BrokenError("is not a regular file")
    with file.open("rb") as stream:
        data = stream.read(LONGEST + 1)
    if not data:
        raise BrokenError("is empty")
    if len(data) > LONGEST:
        raise BrokenError(f"is larger than {LONGEST // 2**20} MB, the limit for MIDI files")
    return data


def _song(data: bytes) -> MidiSong:
    remarks = Remarks()
    begin, size = _midi_in(data, remarks)
    data = data[:size]
    if len(data) < begin + 14:
        raise BrokenError("ends within its header")
    fields, at = _header(data, begin, remarks)
    kind, count, division = (int.from_bytes(data[fields + i : fields + i + 2], "big") for i in (0, 2, 4))
    ppq, seconds_per_tick = _division(division)
    if kind > 2:
        remarks.add("format", f"byte {fields}: the format is {kind}; the tracks are played together, as in format 1")
        kind = 1
    tracks = read_tracks(data, at, remarks)
    del data
    found = len(tracks.spans)
    if not found:
        raise BrokenError("; ".join(["has no track", *remarks.lines[:1]]))
    if found != count:
        remarks.add("count", f"the header declares {several(count, 'track')}; the file has {found}")
    if kind == 0 and found > 1:
        remarks.add("format", "format 0 allows only one track; the tracks are played together")
    ticks, words, end = _in_turn(tracks, remarks) if kind == 2 else _merged(tracks)
    del tracks
    return _timed(ticks, words, end, kind, ppq, seconds_per_tick, remarks)


def _midi_in(data: bytes, remarks: Remarks) -> tuple[int, int]:
    """Start and end of the MIDI data in the file."""
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        at = 12
        while at + 8 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            if data[at : at + 4] == b"data" and data[at + 8 : at + 12] == b"MThd":
                if at + 8 + size > len(data):
                    remarks.add(
                        "riff", f"byte {at + 4}: the RIFF chunk declares {size} bytes; {len(data) - at - 8} are present"
                    )
                return at + 8, min(len(data), at + 8 + size)
            at += 8 + size + size % 2
    begin = data.find(b"MThd", 0, 1024)  # MacBinary, or a damaged RIFF header, comes before it
    if begin > 0:
        remarks.add("before", f"{begin} bytes before the MIDI header are ignored")
    elif begin < 0 and alike(data, 0, b"MThd"):
        remarks.add("before", f"byte 0: the header is named {show(data[:4])}; it is read as 'MThd'")
        begin = 0
    elif begin < 0:
        raise BrokenError(f"is not a MIDI file: it begins with {show(data[:4])} instead of 'MThd'")
    return begin, len(data)


def _header(data: bytes, begin: int, remarks: Remarks) -> tuple[int, int]:
    """Offsets of the three header fields and of the next chunk."""
    length = int.from_bytes(data[begin + 4 : begin + 8], "big")
    if length >= 6 and chunk_at(data, begin + 8 + length):
        return begin + 8, begin + 8 + length
    if data[begin + 10 : begin + 14] == TRACK:
        remarks.add("header", f"byte {begin + 4}: the header has no length")
        return begin + 4, begin + 10
    if data.find(TRACK, begin + 14) < 0 and length != 6:
        raise BrokenError(f"has a header of {length} bytes instead of 6")
    if length != 6:
        remarks.add("header", f"byte {begin + 4}: the header declares {several(length, 'byte')}; it has 6")
    return begin + 8, begin + 14


def _division(division: int) -> tuple[Fraction, Fraction | None]:
    """Ticks per beat, and seconds per tick if that does not depend on the tempo."""
    if division < 0x8000:
        if division == 0:
            raise BrokenError("has 0 ticks per beat")
        return Fraction(division), None
    rate, ticks = 0x100 - (division >> 8), division & 0xFF
    if rate not in _SMPTE or ticks == 0:
        raise BrokenError(
            f"has {ticks} ticks per SMPTE frame at {rate} frames per second; the rate must be 24, 25, 29 or 30"
        )
    per_second = _SMPTE[rate] * ticks
    return per_second / 2, 1 / per_second


def _merged(tracks: Tracks) -> tuple[Array, Array, int]:
    """Merges simultaneous tracks: ticks and words by time, then in track order; and the end."""
    count, end = tracks.spans[-1][1], max(end for _, _, end in tracks.spans)
    ticks, words = tracks.ticks[:count], tracks.words[:count]
    if len(tracks.spans) > 1:
        order = np.argsort(ticks, kind="stable")
        ticks = ticks[order].astype(np.uint32 if end < 2**32 else np.int64)  # half the memory, except for absurd times
        words = words[order]
    return ticks, words, end


def _in_turn(tracks: Tracks, remarks: Remarks) -> tuple[Array, Array, int]:
    """Concatenates consecutive tracks: each starts at the default tempo and ends its hanging notes."""
    ticks: list[Array] = []
    words: list[Array] = []
    start = 0
    for begin, count, end in tracks.spans:
        if ticks:
            ticks.append(np.array([start]))
            words.append(np.array([DEFAULT_TEMPO], np.uint32))
        left = _left_on(tracks.words[begin:count], remarks)
        ticks += [tracks.ticks[begin:count] + start, np.full(len(left), start + end)]
        words += [tracks.words[begin:count], left]
        start += end
    return np.concatenate(ticks), np.concatenate(words), start


def _left_on(words: Array, remarks: Remarks) -> Array:
    """Messages that end the hanging notes of these messages."""
    left = still_on(words)
    notes = np.count_nonzero(left >> 28 == 8)
    if notes:
        many = f"{notes} notes have no note-off and end" if notes > 1 else "1 note has no note-off and ends"
        remarks.add("left", f"{many} with the file")
    return left


def _timed(
    at: Array, words: Array, end: int, kind: int, ppq: Fraction, seconds_per_tick: Fraction | None, remarks: Remarks
) -> MidiSong:
    """The music of messages at ticks."""
    unit = seconds_per_tick or 1 / (ppq * 1_000_000)
    tempo = TempoMap(at, words, by_tempo=not seconds_per_tick)
    last = tempo.last_tick(LONGEST_SECONDS * unit.denominator // unit.numerator)
    if end > last:
        days = f"{tempo.roughly(end) * float(unit) / 86_400:.0f} days"
        count = int(np.searchsorted(at, last, "right"))
        if not np.any(words[:count] >> 24 < SIGNATURE):
            raise BrokenError(f"is damaged: it would play for {days}")
        remarks.add("long", f"the file would play for {days}; everything after the first day is dropped")
        at, words, end = at[:count], words[:count], int(at[count - 1])
        tempo = TempoMap(at, words, by_tempo=not seconds_per_tick)

    def beats(ticks: Array | int) -> Array | float:
        return ticks * float(ppq.denominator) / ppq.numerator

    def times(rows: Array, units: Array | int, ticks: Array | int) -> None:
        rows["seconds"] = units * unit.numerator / unit.denominator
        rows["beat"] = beats(ticks)

    left, played = _left_on(words, remarks), words >> 24 < SIGNATURE
    events = np.zeros(np.count_nonzero(played) + len(left), PACKED_SONG_EVENT)
    filled = 0
    for first in range(0, len(words), PIECE):
        piece = slice(first, first + PIECE)
        chosen = played[piece]
        rows = events[filled : filled + np.count_nonzero(chosen)]
        times(rows, tempo.units(at[piece], first)[chosen], at[piece][chosen])
        _fill(rows["event"], words[piece][chosen])
        filled += len(rows)
    times(events[filled:], tempo.until(end), end)
    _fill(events["event"][filled:], left)

    tempos = np.zeros(len(tempo.ticks), TEMPO)
    times(tempos, tempo.starts, tempo.ticks)
    tempos["bpm"] = 120.0 if seconds_per_tick else 60_000_000 / tempo.per_tick
    if not len(events) and remarks.damage:
        raise BrokenError(f"is damaged: {remarks.damage}")
    if not np.any(events["event"]["kind"] == ev.NOTE_ON):
        remarks.add("notes", "there are no notes")
    duration = tempo.until(end) * unit.numerator / unit.denominator
    signed = words >> 24 == SIGNATURE
    meters = np.zeros(np.count_nonzero(signed), METER)
    meters["beat"] = beats(at[signed])
    meters["quantum"] = 4.0 * (words[signed] >> 8 & 0xFF) / (1 << (words[signed] & 0xFF))
    return MidiSong(events, duration, tempos, ppq, kind, remarks.lines, meters)


def _fill(events: Array, words: Array) -> None:
    """Converts messages to PACKED_EVENT records. A note-on with velocity 0 is a note-off with velocity 64."""
    status, a, b = words >> 28, (words >> 8 & 127).astype(np.float64), (words & 127).astype(np.float64)
    bend = b * 128 + a - 8192
    silent = (status == 9) & (b == 0)
    events["kind"] = np.where(silent, ev.NOTE_OFF, KIND_OF_STATUS[words >> 24])
    events["channel"] = (words >> 24 & 15) + 1
    events["number"] = np.where(status < 13, a, 0.0)
    simple = np.where(silent, 64.0, np.where(status == 13, a, np.where(status == 12, 0.0, b))) / 127
    events["value"] = np.where(status == 14, bend / np.where(bend > 0, 8191, 8192), simple)
