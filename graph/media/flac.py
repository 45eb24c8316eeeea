"""FLAC files that are readable while they grow: the sample count in STREAMINFO is updated with each block.

The encoder buffers up to one block (4,096 frames), which may be missing from the readable part. A count of 0 means
"unknown", which libsndfile does not open, so the file is one frame of silence until the first block arrives.
The layout is in RFC 9639, section 8.2.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from graph.media.collector import Collector, encoded
from graph.media.formats import Rounding
from graph.media.raw_file import RawFile

_BLOCK = slice(10, 12)
"""Largest block size in STREAMINFO, in frames."""
_COUNT = slice(21, 26)
"""The last 4 bits of the sample size, then the 36-bit frame count of the stream."""


def empty_flac(rate: int, channels: int, bits: Literal["16", "24"] = "24") -> bytes:
    """A file with one silent frame."""
    return encoded(np.zeros((1, channels), np.float32), rate, "FLAC", f"PCM_{bits}")


class FlacStream:
    """Writes 16- or 24-bit FLAC with libsndfile's encoder."""

    def __init__(self, file: RawFile, rate: int, channels: int, bits: Literal["16", "24"] = "24") -> None:
        self._file = file
        self._out = Collector()
        self._sound = soundfile.SoundFile(self._out, "w", rate, channels, format="FLAC", subtype=f"PCM_{bits}")
        self._rounding = Rounding(bits)
        self._waiting: list[tuple[int, bytes]] = []
        self._head = b""
        self._frames = 0

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends (frames, channels)."""
        self._sound.write(self._rounding(audio))
        self._frames += len(audio)

    def flush(self) -> None:
        """Makes all complete blocks readable."""
        if not self._head and self._frames:
            self._begin()
        block = int.from_bytes(self._head[_BLOCK], "big") if self._head else 4_096
        count = max(0, self._frames - 1) // block * block
        self._put()
        if count:
            self._patch(count)

    def close(self) -> None:
        """Completes the file with the encoder's last block, the frame count and the checksum of all samples."""
        self._sound.close()
        if not self._frames:
            return
        if not self._head:
            self._begin()
        self._waiting += self._out.take()
        within = [piece for piece in self._waiting if piece[0] < len(self._head)]
        self._waiting = [piece for piece in self._waiting if piece[0] >= len(self._head)]
        self._put()
        self._patch(self._frames)
        self._waiting = within
        self._put()

    def _begin(self) -> None:
        """Holds the header back: the first one may give a count of 0 frames."""
        pieces = self._out.take()
        data = pieces[0][1]
        length, last = 4, False
        while not last:
            last = bool(data[length] & 0x80)
            length += 4 + int.from_bytes(data[length + 1 : length + 4], "big")
        self._head = data[:length]
        self._waiting = [(length, data[length:]), *pieces[1:]]

    def _put(self) -> None:
        """Writes the pending data; data refused by a full disk stays pending."""
        self._waiting += self._out.take()
        while self._waiting:
            self._file.write_at(*self._waiting[0])
            del self._waiting[0]

    def _patch(self, count: int) -> None:
        rest = self._head[_COUNT.start] & 0xF0
        known = (rest << 32 | count).to_bytes(5, "big")
        if self._head[_COUNT] == known:
            return
        fresh = not int.from_bytes(self._head[_COUNT], "big") & 0xFFFFFFFFF
        self._head = self._head[: _COUNT.start] + known + self._head[_COUNT.stop :]
        if fresh:
            self._file.write_at(0, self._head)
        else:
            self._file.write_at(_COUNT.start, known)
