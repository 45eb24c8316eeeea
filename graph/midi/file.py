"""Standard MIDI Files: from the bytes of a file to events at exact times.

Tolerant of what programs write (wrong track counts, missing ends, text of any kind, strangers
among the chunks), strict where music would be lost: every such file is one clear `MidiFileError`.
Reading is done here and not by mido, which turns down playable files for a strange key signature,
and whose numbers of unlimited length let a damaged file of a few megabytes run for hours. The
tests take mido as the judge of the times.

Reference: Standard MIDI Files 1.0 (RP-001), MIDI Manufacturers Association.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from graph.errors import MidiFileError
from graph.memory import events as ev
from graph.midi.tracks import SIGNATURE, BrokenError, Message, Track, chunks, read_track, show

SONG_EVENT = np.dtype([("seconds", np.float64), ("beat", np.float64), ("event", ev.EVENT)])
TEMPO = np.dtype([("seconds", np.float64), ("beat", np.float64), ("bpm", np.float64)])
METER = np.dtype([("beat", np.float64), ("quantum", np.float64)])

LONGEST = 8 * 2**20
"""Bytes; a larger file is something else."""

_DAYS = 30
_MICROSECONDS_PER_BEAT = 500_000
_SMPTE = {24: Fraction(24), 25: Fraction(25), 29: Fraction(30_000, 1001), 30: Fraction(30)}

Array: TypeAlias = "np.ndarray[Any, Any]"


@dataclass(frozen=True)
class MidiSong:
    """A file's music.

    events     SONG_EVENT records in the order of playing; frames are 0
    duration   seconds to the end of the longest track
    tempos     TEMPO records, the first at 0
    ppq        ticks a beat; of a file in SMPTE time, ticks in half a second
    type       0, 1 or 2, as the file says
    warnings   what was odd but did not hinder
    meters     METER records: the beat from which bars have `quantum` beats, as the file's time signatures say
    """

    events: Array
    duration: float
    tempos: Array
    ppq: Fraction
    type: int
    warnings: tuple[str, ...] = ()
    meters: Array = field(default_factory=lambda: np.zeros(0, METER))


def read(path: str | os.PathLike[str]) -> MidiSong:
    """[control] The music of a Standard MIDI File; MidiFileError says what is wrong with a broken one."""
    try:
        return _song(_bytes(path))
    except (BrokenError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MidiFileError(f"{os.fspath(path)}: {reason}") from None


def events_at(song: MidiSong, sample_rate: float) -> Array:
    """[control] TIMED_EVENT records with absolute frames.

    At one frame, notes that end come before notes that begin, so that a key struck again is off and
    then on; controllers come before notes that begin, so that a bank, a bend or a pedal is set when
    they do. A note that begins and ends at one frame keeps that order.
    """
    timed = np.zeros(len(song.events), ev.TIMED_EVENT)
    timed["event"] = song.events["event"]
    timed["time"] = np.rint(song.events["seconds"] * sample_rate).astype(np.int64)
    rank = np.zeros(len(timed), np.int64)
    open_before: dict[tuple[int, float], int] = defaultdict(int)
    begun: list[tuple[int, float]] = []
    now = -1
    columns = (timed["time"], *(timed["event"][name] for name in ("kind", "channel", "number")))
    for i, (frame, kind, channel, number) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        if frame != now:
            for key in begun:
                open_before[key] += 1
            begun.clear()
            now = frame
        key = (channel, number)
        if kind == ev.NOTE_ON:
            rank[i] = 1
            begun.append(key)
        elif kind == ev.NOTE_OFF:
            if open_before[key] > 0:
                open_before[key] -= 1
            elif key in begun:
                begun.remove(key)
                rank[i] = 2
        elif kind == ev.CONTROL and number in (ev.ALL_SOUND_OFF, ev.ALL_NOTES_OFF):
            rank[i] = 1
    return timed[np.lexsort((rank, timed["time"]))]


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
        raise BrokenError(f"is larger than {LONGEST // 2**20} MB, so it is no MIDI file")
    return data


def _song(data: bytes) -> MidiSong:
    warnings: list[str] = []
    begin = data.find(b"MThd", 0, 1024)  # not always at 0: RIFF and MacBinary put a header of their own before it
    if begin < 0:
        raise BrokenError(f"is not a MIDI file: it begins with {show(data[:4])} instead of 'MThd'")
    if begin > 0:
        warnings.append(f"{begin} bytes before the MIDI header are ignored")
    if len(data) < begin + 14:
        raise BrokenError("ends within its header")
    length = int.from_bytes(data[begin + 4 : begin + 8], "big")
    kind, count, division = (int.from_bytes(data[begin + i : begin + i + 2], "big") for i in (8, 10, 12))
    if length != 6 and data[begin + 14 : begin + 18] == b"MTrk":
        warnings.append(f"the header says that it has {length} bytes; it has 6")
        length = 6
    if length < 6 or begin + 8 + length > len(data):
        raise BrokenError(f"has a header of {length} bytes, where 6 are usual")
    if kind > 2:
        raise BrokenError(f"is of format {kind}; Standard MIDI Files have format 0, 1 or 2")
    ppq, seconds_per_tick = _division(division)

    tracks = [
        read_track(data, start, end, f"track {number}", warnings)
        for number, (start, end) in enumerate(chunks(data, begin + 8 + length, count, warnings), start=1)
    ]
    if not tracks:
        raise BrokenError("; ".join(["has no track", *warnings[:1]]))
    if len(tracks) != count:
        warnings.append(f"the header promises {count} tracks, {len(tracks)} are there")
    if kind == 0 and len(tracks) > 1:
        warnings.append("a file of format 0 has one track; the tracks are played together")
    return _timed(tracks if kind == 2 else [_merged(tracks)], kind, ppq, seconds_per_tick, warnings)


def _division(division: int) -> tuple[Fraction, Fraction | None]:
    """Ticks a beat, and seconds a tick where no tempo decides that."""
    if division < 0x8000:
        if division == 0:
            raise BrokenError("has 0 ticks a beat")
        return Fraction(division), None
    rate, ticks = 0x100 - (division >> 8), division & 0xFF
    if rate not in _SMPTE or ticks == 0:
        raise BrokenError(
            f"counts {ticks} ticks in each of {rate} SMPTE frames a second; 24, 25, 29 or 30 are possible"
        )
    per_second = _SMPTE[rate] * ticks
    return per_second / 2, 1 / per_second


def _merged(tracks: list[Track]) -> Track:
    """Tracks that are played together: by time, and at one time in the order of the tracks."""
    messages = sorted((message for track in tracks for message in track.messages), key=lambda message: message[0])
    return Track(messages, max(track.end for track in tracks))


def _timed(
    sequences: list[Track], kind: int, ppq: Fraction, seconds_per_tick: Fraction | None, warnings: list[str]
) -> MidiSong:
    """Sequences played one after the other. Times are counted in whole units, so that nothing adds up."""
    unit = seconds_per_tick or 1 / (ppq * 1_000_000)
    events, tempos, meters = [], [], []
    units = ticks = 0

    def seconds(count: int) -> float:
        return count * unit.numerator / unit.denominator

    def beat(count: int) -> float:
        return count * ppq.denominator / ppq.numerator

    for sequence in sequences:
        per_tick = 1 if seconds_per_tick else _MICROSECONDS_PER_BEAT
        tempos.append((seconds(units), beat(ticks), _bpm(per_tick, seconds_per_tick)))
        last = 0
        for tick, status, a, b in [*sequence.messages, *_still_on(sequence, warnings)]:
            units += (tick - last) * per_tick
            last = tick
            if status == SIGNATURE:
                meters.append((beat(ticks + tick), a * 4 / b))
            elif status != 0xFF:
                events.append((seconds(units), beat(ticks + tick), _event(status, a, b)))
            elif not seconds_per_tick:
                per_tick = a
                tempos.append((seconds(units), beat(ticks + tick), _bpm(a, None)))
        units += (sequence.end - last) * per_tick
        ticks += sequence.end
    if seconds(units) > _DAYS * 86_400:
        raise BrokenError(f"is damaged: it would play for {seconds(units) / 86_400:.0f} days")
    if not any(event[2][1] == ev.NOTE_ON for event in events):
        warnings.append("there are no notes")
    found = np.array(events, SONG_EVENT), seconds(units), np.array(tempos, TEMPO)
    return MidiSong(*found, ppq, kind, tuple(warnings), np.array(meters, METER))


def _bpm(microseconds: int, seconds_per_tick: Fraction | None) -> float:
    return 120.0 if seconds_per_tick else 60_000_000 / microseconds


def _still_on(sequence: Track, warnings: list[str]) -> list[Message]:
    """Ends what a sequence leaves sounding: its notes, then its pedals."""
    notes: dict[tuple[int, int], int] = {}
    pedals: dict[tuple[int, int], bool] = {}
    for _, status, a, b in sequence.messages:
        if status >> 4 in (8, 9):
            notes[status & 15, a] = b if status >> 4 == 9 else 0
        elif status >> 4 == 11 and a in (ev.SUSTAIN, ev.SOSTENUTO):
            pedals[status & 15, a] = b >= 64
        elif status >> 4 == 11 and a == ev.RESET_CONTROLLERS:
            pedals = {key: down and key[0] != status & 15 for key, down in pedals.items()}
    left = [(sequence.end, 0x80 | channel, key, 64) for (channel, key), on in notes.items() if on]
    down = [(sequence.end, 0xB0 | channel, number, 0) for (channel, number), on in pedals.items() if on]
    if left:
        many = len(left) > 1
        warnings.append(f"{len(left)} notes never end; they end" if many else "1 note never ends; it ends")
        warnings[-1] += " with the file"
    return left + down


def _event(status: int, a: int, b: int) -> tuple[int, int, int, int, float, float]:
    """An EVENT record. A note on of velocity 0 is a note off of velocity 64, as MIDI has it."""
    channel = (status & 15) + 1
    match status >> 4:
        case 8:
            kind, number, value = ev.NOTE_OFF, a, b / 127
        case 9:
            kind, number, value = (ev.NOTE_ON, a, b / 127) if b else (ev.NOTE_OFF, a, 64 / 127)
        case 10:
            kind, number, value = ev.KEY_PRESSURE, a, b / 127
        case 11:
            kind, number, value = ev.CONTROL, a, b / 127
        case 12:
            kind, number, value = ev.PROGRAM, a, 0.0
        case 13:
            kind, number, value = ev.PRESSURE, 0, a / 127
        case _:
            bend = (b << 7 | a) - 8192
            kind, number, value = ev.BEND, 0, bend / (8191 if bend > 0 else 8192)
    return 0, kind, channel, 0, float(number), value
