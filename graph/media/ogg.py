"""Ogg Vorbis files that are readable while they grow, up to the last frame that was flushed.

The encoder keeps its packets until a page is full, which takes seconds where the music is soft, and libsndfile has no
way to hurry it. So `flush` writes behind the last real page a tail: the frames after it, encoded once more by
an encoder of their own and numbered as a continuation. The next real pages are written over it, so a file that was
completed holds no trace of it; one that was killed has a seam of some milliseconds where its tail begins.

RFC 3533 has the pages. A Vorbis packet gives a quarter of its own block and of the one before (Vorbis I, 1.3.2).
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
"""Packets before the first one with sound."""
_LAST = 4
"""The flag of a stream's last page."""
_LACES = 255
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Page(NamedTuple):
    """One page; `granule` counts the frames that can be decoded after it, -1 where no packet ends in it."""

    granule: int
    serial: int
    number: int
    laces: bytes
    body: bytes


class Blocks(NamedTuple):
    """Frames of a short and of a long block."""

    short: int
    long: int


def empty_ogg(rate: int, channels: int) -> bytes:
    """A file without a frame."""
    return encoded(np.zeros((0, channels), np.float32), rate, "OGG", "VORBIS")


class OggStream:
    """The encoder is libsndfile's, at its own quality."""

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
        """Makes all that was written readable."""
        if self._frames:
            self._put(tail=True)

    def close(self) -> None:
        """Completes the file: the encoder gives its last pages."""
        self._sound.close()
        self._put(tail=False)

    def _put(self, *, tail: bool) -> None:
        self._waiting += b"".join(data for _, data in self._out.take())
        data = self._waiting
        for page in pages(data):
            self._page = page if page.granule >= 0 else page._replace(granule=self._page.granule)
        behind = self._tail() if tail else b""
        fresh = data + behind
        # An old tail behind the new pages would be read as their continuation. It is written over in the same call,
        # for a kill may fall between two.
        self._file.write_at(self._end, fresh.ljust(self._length - self._end, b"\0"))
        self._length = self._end + len(fresh)
        self._file.truncate(self._length)
        self._end += len(data)
        self._waiting = b""

    def _tail(self) -> bytes:
        """Pages for the frames behind the last real one."""
        done, blocks = self._page.granule, self._blocks
        lead = (blocks.short + blocks.long) // 4 + blocks.long // 2  # so that long blocks lie as the real ones do
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
    """The pages of an Ogg stream that begins with one and ends with one."""
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
    """The two block sizes, from Vorbis' first packet."""
    sizes = identification[28]
    return Blocks(1 << (sizes & 15), 1 << (sizes >> 4))


def granules(sound: list[bytes], blocks: Blocks) -> Iterator[int]:
    """How many frames can be decoded after each packet; the first only begins an overlap."""
    total, before = 0, 0
    for packet in sound:
        size = blocks.long if packet and packet[0] & 2 else blocks.short
        total += (before + size) // 4 if before else 0
        before = size
        yield total


def paged(sound: list[tuple[bytes, int]], serial: int, number: int, frames: int) -> Iterator[bytes]:
    """Pages that end a stream after `frames`, of packets and how far each goes."""
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
    """Ogg's CRC runs from the highest bit and zlib's from the lowest, over the same polynomial."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    checksum = int(f"{mirrored:032b}"[::-1], 2)
    return page[:_CHECKSUM] + checksum.to_bytes(4, "little") + page[_CHECKSUM + 4 :]
