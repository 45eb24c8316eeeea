"""What libsndfile writes, kept in memory until it is put on the disk in an order that keeps the file readable."""

from __future__ import annotations

import os
from io import BytesIO

import numpy as np
import soundfile
from numpy.typing import NDArray


class Collector:
    """A file-like object for `soundfile.SoundFile`; no error of the disk can happen inside libsndfile's callbacks."""

    def __init__(self) -> None:
        self._at = self._end = 0
        self._pieces: list[tuple[int, bytes]] = []

    def write(self, data: bytes) -> int:
        """Notes down where these bytes go."""
        self._pieces.append((self._at, bytes(data)))
        self._at += len(data)
        self._end = max(self._end, self._at)
        return len(data)

    def read(self, _size: int = -1, /) -> bytes:
        """Nothing: an encoder does not read; soundfile asks for the method."""
        return b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves to where the next bytes go."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        return self._at

    def tell(self) -> int:
        """Where the next bytes go."""
        return self._at

    def take(self) -> list[tuple[int, bytes]]:
        """What was written since the last time, as (place, bytes); what lies end to end is one piece."""
        joined: list[tuple[int, bytearray]] = []
        for place, data in self._pieces:
            if joined and place == joined[-1][0] + len(joined[-1][1]):
                joined[-1][1].extend(data)
            else:
                joined.append((place, bytearray(data)))
        self._pieces.clear()
        return [(place, bytes(data)) for place, data in joined]


def encoded(audio: NDArray[np.float32], rate: int, form: str, subtype: str) -> bytes:
    """A whole file of (frames, channels) in memory."""
    memory = BytesIO()
    with soundfile.SoundFile(memory, "w", rate, audio.shape[1], format=form, subtype=subtype) as sound:
        sound.write(audio)
    return memory.getvalue()
