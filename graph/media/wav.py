"""WAV files of 32-bit float or 16-, 24- and 32-bit integer samples that are readable while they grow.

The header has a fixed length, so it is updated in place. Beyond 4 GB it becomes an RF64 header (EBU Tech 3306): the
chunk `JUNK`, which readers skip, turns into `ds64` with 64-bit sizes. libsndfile cannot write such a plain header:
its RF64 contains a `PEAK` chunk with the time of day, which would make two renders differ.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from graph.media.formats import Bits, Rounding
from graph.media.raw_file import RawFile

_RIFF = "<4sI4s"
_SIZES = "<4sIQQQI"
_FORMAT = "<4sIHHIIHHH"
_FACT = "<4sII"
_DATA = "<4sI"
LENGTH = sum(struct.calcsize(part) for part in (_RIFF, _SIZES, _FORMAT, _FACT, _DATA))
"""Header size in bytes."""

_INTEGER, _FLOAT = 1, 3
_MOST = 0xFFFFFFFF


def sample_bytes(bits: Bits) -> int:
    """Bytes per sample."""
    return 4 if bits == "float" else int(bits) // 8


def wav_header(rate: int, channels: int, frames: int, bits: Bits = "float") -> bytes:
    """The `LENGTH`-byte header for `frames` frames."""
    width = sample_bytes(bits)
    frame = width * channels
    data = frames * frame
    whole = LENGTH - 8 + data + data % 2  # chunks have an even length
    kind = _FLOAT if bits == "float" else _INTEGER
    large = whole > _MOST
    sizes = (b"ds64", 28, whole, data, frames, 0) if large else (b"JUNK", 28, 0, 0, 0, 0)
    return b"".join(
        (
            struct.pack(_RIFF, b"RF64" if large else b"RIFF", _MOST if large else whole, b"WAVE"),
            struct.pack(_SIZES, *sizes),
            struct.pack(_FORMAT, b"fmt ", 18, kind, channels, rate, rate * frame, frame, 8 * width, 0),
            struct.pack(_FACT, b"fact", 4, min(frames, _MOST)),
            struct.pack(_DATA, b"data", _MOST if large else data),
        )
    )


def empty_wav(rate: int, channels: int, bits: Bits = "float") -> bytes:
    """A file with no frames."""
    return wav_header(rate, channels, 0, bits)


class WavStream:
    """Writes float32 samples unchanged, or rounded to integers; `flush` updates the header."""

    def __init__(self, file: RawFile, rate: int, channels: int, bits: Bits = "float") -> None:
        self._file, self._rate, self._channels, self._bits = file, rate, channels, bits
        self._width = sample_bytes(bits)
        self._rounding = None if bits == "float" else Rounding(bits)
        self._frames = 0

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends (frames, channels)."""
        self._file.write_at(self._end, self._encoded(audio))
        self._frames += len(audio)

    def flush(self) -> None:
        """Makes everything written so far readable."""
        self._file.write_at(0, wav_header(self._rate, self._channels, self._frames, self._bits))

    def close(self) -> None:
        """Completes the file; removes a partial frame left by a full disk."""
        self.flush()
        end = self._end
        self._file.truncate(end)
        if end % 2:
            self._file.write_at(end, b"\0")

    @property
    def _end(self) -> int:
        return LENGTH + self._frames * self._width * self._channels

    def _encoded(self, audio: NDArray[np.float32]) -> bytes:
        if self._rounding is None:
            return np.ascontiguousarray(audio, "<f4").tobytes()
        integers = np.ascontiguousarray(self._rounding(audio), "<i4")  # the value is in the upper bytes
        return integers.view(np.uint8).reshape(-1, 4)[:, 4 - self._width :].tobytes()
