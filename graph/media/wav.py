"""WAV files of 32-bit float samples that are readable while they grow.

The header has a fixed length, so it is updated in place. Beyond 4 GB it becomes an RF64 header (EBU Tech 3306): the
chunk `JUNK`, which readers skip, turns into `ds64` with 64-bit sizes. libsndfile cannot write such a plain header:
its RF64 contains a `PEAK` chunk with the time of day, which would make two renders differ.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from graph.media.raw_file import RawFile

_RIFF = "<4sI4s"
_SIZES = "<4sIQQQI"
_FORMAT = "<4sIHHIIHHH"
_FACT = "<4sII"
_DATA = "<4sI"
LENGTH = sum(struct.calcsize(part) for part in (_RIFF, _SIZES, _FORMAT, _FACT, _DATA))
"""Header size in bytes."""

_FLOAT = 3
_MOST = 0xFFFFFFFF


def wav_header(rate: int, channels: int, frames: int) -> bytes:
    """The `LENGTH`-byte header for `frames` frames of float32."""
    frame = 4 * channels
    data = frames * frame
    whole = LENGTH - 8 + data
    large = whole > _MOST
    sizes = (b"ds64", 28, whole, data, frames, 0) if large else (b"JUNK", 28, 0, 0, 0, 0)
    return b"".join(
        (
            struct.pack(_RIFF, b"RF64" if large else b"RIFF", _MOST if large else whole, b"WAVE"),
            struct.pack(_SIZES, *sizes),
            struct.pack(_FORMAT, b"fmt ", 18, _FLOAT, channels, rate, rate * frame, frame, 32, 0),
            struct.pack(_FACT, b"fact", 4, min(frames, _MOST)),
            struct.pack(_DATA, b"data", _MOST if large else data),
        )
    )


def empty_wav(rate: int, channels: int) -> bytes:
    """A file with no frames."""
    return wav_header(rate, channels, 0)


class WavStream:
    """Writes float32 samples unchanged; `flush` updates the header."""

    def __init__(self, file: RawFile, rate: int, channels: int) -> None:
        self._file, self._rate, self._channels = file, rate, channels
        self._frames = 0

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends (frames, channels)."""
        place = LENGTH + self._frames * 4 * self._channels
        self._file.write_at(place, np.ascontiguousarray(audio, "<f4").tobytes())
        self._frames += len(audio)

    def flush(self) -> None:
        """Makes everything written so far readable."""
        self._file.write_at(0, wav_header(self._rate, self._channels, self._frames))

    def close(self) -> None:
        """Completes the file; removes a partial frame left by a full disk."""
        self.flush()
        self._file.truncate(LENGTH + self._frames * 4 * self._channels)
