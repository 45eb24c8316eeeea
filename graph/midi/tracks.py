"""The bytes of a Standard MIDI File as tracks of messages; `graph.midi.file` makes music of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}

Message: TypeAlias = tuple[int, int, int, int]
"""Tick, status byte, two data bytes. A tempo is (tick, 0xFF, microseconds a beat, 0), a time signature
(tick, SIGNATURE, its upper number, its lower number)."""

SIGNATURE = 0xFE


@dataclass
class Track:
    messages: list[Message] = field(default_factory=list)
    end: int = 0


class BrokenError(Exception):
    """What is wrong, without the file's name."""


def chunks(data: bytes, at: int, count: int, warnings: list[str]) -> Iterator[tuple[int, int]]:
    """Where the events of each track begin and end."""
    found = 0
    while at < len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        start, end = at + 8, at + 8 + length
        if start > len(data) or end > len(data):
            if found >= count:
                warnings.append(f"{len(data) - at} bytes after the last track are ignored")
                return
            if name == b"MTrk":
                raise BrokenError(
                    f"is cut short: track {found + 1} promises {length} bytes, {max(0, len(data) - start)} are there"
                )
            raise BrokenError(f"has {show(name)} at byte {at}, where track {found + 1} of {count} ought to begin")
        if name == b"MTrk":
            found += 1
            yield start, end
        else:
            warnings.append(f"a chunk {show(name)} at byte {at} is ignored")
        at = end


def read_track(data: bytes, at: int, end: int, name: str, warnings: list[str]) -> Track:
    """The messages between two places in the file."""
    track = Track()
    tick = status = 0
    odd = set()
    try:
        while at < end:
            delta, at = _number(data, at, name)
            tick += delta
            if at >= end:
                odd.add("ends with a time and no event")
                break
            first = data[at]
            if first >= 0x80:
                at += 1
                status = first if first < 0xF0 else status
            elif status == 0:
                raise BrokenError(f"has data without a status in {name}, at byte {at}")
            if 0x80 <= first < 0xF0 or first < 0x80:
                size = 1 if 0xC0 <= status < 0xE0 else 2
                if at + size > end:
                    raise IndexError
                if max(data[at : at + size]) > 0x7F:
                    odd.add("has data above 127, taken as 127")
                a = min(data[at], 127)
                track.messages.append((tick, status, a, min(data[at + 1], 127) if size == 2 else 0))
                at += size
            elif first == 0xFF:
                kind = data[at]
                length, at = _number(data, at + 1, name)
                if at + length > end:
                    raise IndexError
                if kind == 0x2F:
                    break
                if kind == 0x51:
                    tempo = int.from_bytes(data[at : at + length], "big") if length == 3 else 0
                    if tempo > 0:
                        track.messages.append((tick, 0xFF, tempo, 0))
                    else:
                        odd.add("has a tempo that is no tempo, which is ignored")
                if kind == 0x58 and length >= 2 and data[at] > 0 and data[at + 1] <= 6:
                    track.messages.append((tick, SIGNATURE, data[at], 1 << data[at + 1]))
                at += length
            elif first in (0xF0, 0xF7):
                length, at = _number(data, at, name)
                if at + length > end:
                    raise IndexError
                at += length
            else:
                odd.add(f"has a system message {first:02X}, which is ignored")
                at += _SYSTEM_BYTES.get(first, 0)
        else:
            odd.add("has no end mark")
    except IndexError:
        raise BrokenError(f"is damaged: {name} ends within an event") from None
    warnings.extend(f"{name} {text}" for text in sorted(odd))
    track.end = tick
    return track


def _number(data: bytes, at: int, name: str) -> tuple[int, int]:
    """A number of variable length, at most 4 bytes, and where it ends."""
    value = 0
    for i in range(at, at + 4):
        byte = data[i]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, i + 1
    raise BrokenError(f"is damaged: {name} has a number of more than 4 bytes at byte {at}")


def show(name: bytes) -> str:
    """Four bytes of a chunk's name, for people."""
    return repr(name.decode("latin-1"))
