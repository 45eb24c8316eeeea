"""Ogg Vorbis files that are readable while they grow, up to the last flushed frame.

The encoder holds packets until a page is full, which takes seconds for quiet music, and libsndfile cannot force it.
`flush` therefore writes a tail after the last real page: the remaining frames, encoded again by a separate encoder
and numbered as a continuation. The next real pages overwrite it, so a completed file contains no trace of it; in a
file from a killed process there is a discontinuity of some milliseconds where the tail begins.

RFC 3533 defines the pages. A Vorbis packet yields a quarter of its own block and of the previous one (Vorbis I, 1.3.2).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from graph.media.collector import Collector, encoded
from graph.media.raw_file import RawFile

_HEAD = struct.Struct("<4sBBqIIIB")
_CHECKSUM = 22
_HEADERS = 3
"""Number of header packets before the first audio packet."""
_LAST = 4
"""The flag of the stream's last page."""
_LACES = 255
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Page(NamedTuple):
    """One page; `granule` is the number of frames decodable up to it, -1 if no packet ends in it."""

    granule: int
    serial: int
    number: int
    laces: bytes
    body: bytes


class Blocks(NamedTuple):
    """Block sizes in frames, short and long."""

    short: int
    long: int


def empty_ogg(rate: int, channels: int) -> bytes:
    """A file with no frames."""
    return encoded(np.zeros((0, channels), np.float32), rate, "OGG", "VORBIS")


class OggStream:
    """Writes Ogg Vorbis with libsndfile's encoder at its default quality."""

    def __init__(self, file: RawFile, rate: int, channels: int) -> None:
        self._file, self._rate = file, rate
        self._out = Collector()
        self._sound = soundfile.SoundFile(self._out, "w", rate, channels, format="OGG", subtype="VORBIS")
        self._blocks = blocks_of(next(pages(empty_ogg(rate, channels))).body)
        self._waiting = b""
        self._end = self._length = 0
        self._page = Page(0, 0, 0, b"", b"")
        self._recent: list[NDArray[np.float32]] = []
        self._frames = self._first = 0

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends (frames, channels)."""
        self._sound.write(audio)
        self._recent.append(audio.copy())
        self._frames += len(audio)

    def flush(self) -> None:
        """Makes everything written so far readable."""
        if self._frames:
            self._put(tail=True)

    def close(self) -> None:
        """Completes the file with the encoder's last pages."""
        self._sound.close()
        self._put(tail=False)

    def _put(self, *, tail: bool) -> None:
        self._waiting += b"".join(data for _, data in self._out.take())
        data = self._waiting
        for page in pages(data):
            self._page = page if page.granule >= 0 else page._replace(granule=self._page.granule)
        behind = self._tail() if tail else b""
        fresh = data + behind
        # An old tail after the new pages would be read as their continuation. The same call overwrites it, because the
        # process may be killed between two calls.
        self._file.write_at(self._end, fresh.ljust(self._length - self._end, b"\0"))
        self._length = self._end + len(fresh)
        self._file.truncate(self._length)
        self._end += len(data)
        self._waiting = b""

    def _tail(self) -> bytes:
        """Pages for the frames after the last real page."""
        done, blocks = self._page.granule, self._blocks
        lead = (blocks.short + blocks.long) // 4 + blocks.long // 2  # aligns long blocks with the real ones
        start = max(0, done - lead)
        while self._recent and self._first + len(self._recent[0]) <= start:
            self._first += len(self._recent.pop(0))
        if self._frames <= done:
            return b""
        audio = np.concatenate(self._recent)[start - self._first :]
        sound = list(packets(encoded(audio, self._rate, "OGG", "VORBIS")))[_HEADERS:]
        ends = [start + end for end in granules(sound, blocks)]
        behind = [(packet, end) for packet, end in zip(sound, ends, strict=True) if end > done or not done]
        return b"".join(paged(behind, self._page.serial, self._page.number + 1, self._frames))


def pages(data: bytes) -> Iterator[Page]:
    """The pages of Ogg data that starts and ends on page boundaries."""
    place = 0
    while place < len(data):
        _, _, _, granule, serial, number, _, count = _HEAD.unpack_from(data, place)
        laces = data[place + _HEAD.size : place + _HEAD.size + count]
        start = place + _HEAD.size + count
        place = start + sum(laces)
        yield Page(granule, serial, number, laces, data[start:place])


def packets(data: bytes) -> Iterator[bytes]:
    """The packets of an Ogg stream."""
    packet = b""
    for page in pages(data):
        place = 0
        for lace in page.laces:
            packet += page.body[place : place + lace]
            place += lace
            if lace < _LACES:
                yield packet
                packet = b""


def blocks_of(identification: bytes) -> Blocks:
    """The two block sizes, from Vorbis's first packet."""
    sizes = identification[28]
    return Blocks(1 << (sizes & 15), 1 << (sizes >> 4))


def granules(sound: list[bytes], blocks: Blocks) -> Iterator[int]:
    """The number of frames decodable after each packet; the first packet only starts an overlap."""
    total, before = 0, 0
    for packet in sound:
        size = blocks.long if packet and packet[0] & 2 else blocks.short
        total += (before + size) // 4 if before else 0
        before = size
        yield total


def paged(sound: list[tuple[bytes, int]], serial: int, number: int, frames: int) -> Iterator[bytes]:
    """Pages that end a stream after `frames`, from packets with their granule positions."""
    laces, body = b"", b""
    for index, (packet, end) in enumerate(sound):
        laces += bytes([_LACES] * (len(packet) // _LACES) + [len(packet) % _LACES])
        body += packet
        last = index == len(sound) - 1
        if last or len(laces) + len(sound[index + 1][0]) // _LACES + 1 > _LACES:
            granule = frames if last else min(end, frames)
            head = _HEAD.pack(b"OggS", 0, _LAST if last else 0, granule, serial, number, 0, len(laces))
            yield with_checksum(head + laces + body)
            laces, body, number = b"", b"", number + 1


def with_checksum(page: bytes) -> bytes:
    """Ogg's CRC is MSB-first and zlib's LSB-first, with the same polynomial."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    checksum = int(f"{mirrored:032b}"[::-1], 2)
    return page[:_CHECKSUM] + checksum.to_bytes(4, "little") + page[_CHECKSUM + 4 :]
