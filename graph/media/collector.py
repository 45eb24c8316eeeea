"""Buffers libsndfile's output in memory, so that it can be written in an order that keeps the file readable."""

from __future__ import annotations

import os
from io import BytesIO

import numpy as np
import soundfile
from numpy.typing import NDArray


class Collector:
    """A file-like object for `soundfile.SoundFile`; it keeps disk errors out of libsndfile's callbacks."""

    def __init__(self) -> None:
        self._at = self._end = 0
        self._pieces: list[tuple[int, bytes]] = []

    def write(self, data: bytes) -> int:
        """Records these bytes and their position."""
        self._pieces.append((self._at, bytes(data)))
        self._at += len(data)
        self._end = max(self._end, self._at)
        return len(data)

    def read(self, _size: int = -1, /) -> bytes:
        """Returns nothing: encoders do not read, but soundfile requires the method."""
        return b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves the write position."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        return self._at

    def tell(self) -> int:
        """The write position."""
        return self._at

    def take(self) -> list[tuple[int, bytes]]:
        """The data written since the last call as (position, bytes); contiguous pieces are joined."""
        joined: list[tuple[int, bytearray]] = []
        for place, data in self._pieces:
            if joined and place == joined[-1][0] + len(joined[-1][1]):
                joined[-1][1].extend(data)
            else:
                joined.append((place, bytearray(data)))
        self._pieces.clear()
        return [(place, bytes(data)) for place, data in joined]


def encoded(audio: NDArray[np.float32], rate: int, form: str, subtype: str) -> bytes:
    """A complete file of (frames, channels) in memory."""
    memory = BytesIO()
    with soundfile.SoundFile(memory, "w", rate, audio.shape[1], format=form, subtype=subtype) as sound:
        sound.write(audio)
    return memory.getvalue()
