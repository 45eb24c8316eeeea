"""Formats that libsndfile writes whole: AIFF, CAF, AU, W64, RF64, Opus, MP3.

The header is brought up to date at each flush, by the library's command of that purpose, which soundfile does not
offer. Opus and MP3 have no length in their header: they are readable up to the last page or frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from graph.media.collector import Collector
from graph.media.formats import Encoding, Rounding
from graph.media.raw_file import RawFile

_UPDATE_HEADER_NOW, _PAGE_LATENCY = 0x1060, 0x1302
PAGE = 200.0
"""Milliseconds of sound per page of Opus, which is readable up to its last page."""


class LibsndfileStream:
    """Writes one of these formats through a `Collector`."""

    def __init__(self, file: RawFile, rate: int, channels: int, encoding: Encoding) -> None:
        self._file = file
        self._out = Collector()
        self._sound = soundfile.SoundFile(
            self._out, "w", rate, channels, format=encoding.container, subtype=encoding.subtype
        )
        if encoding.subtype == "OPUS":
            self._command(_PAGE_LATENCY, soundfile._ffi.new("double *", PAGE), 8)
        self._rounding = None if encoding.bits is None or encoding.bits == "float" else Rounding(encoding.bits)
        self._waiting: list[tuple[int, bytes]] = []

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends (frames, channels)."""
        self._sound.write(audio if self._rounding is None else self._rounding(audio))

    def flush(self) -> None:
        """Makes everything written so far readable."""
        self._command(_UPDATE_HEADER_NOW, soundfile._ffi.NULL, 0)
        self._put()

    def close(self) -> None:
        """Completes the file."""
        self._sound.close()
        self._put()

    def _command(self, number: int, data: Any, size: int) -> None:
        """A command of libsndfile that soundfile does not offer."""
        soundfile._snd.sf_command(self._sound._file, number, data, size)

    def _put(self) -> None:
        """Writes the pending data; data refused by a full disk stays pending."""
        self._waiting += self._out.take()
        while self._waiting:
            self._file.write_at(*self._waiting[0])
            del self._waiting[0]
