"""Audio files that are readable while they are written, and renders that are complete or absent."""

from __future__ import annotations

import errno
import math
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.errors import AudioFileError, several
from graph.media.formats import Bits, Encoding, encoding
from graph.media.raw_file import RawFile, beside, claim

EVERY = 0.4
"""Seconds between flushes of a recording; FLAC holds up to 4,096 frames more."""


class Stream(Protocol):
    """An encoder that writes to a `RawFile`."""

    def write(self, audio: NDArray[np.float32], /) -> None:
        """Appends (frames, channels)."""

    def flush(self) -> None:
        """Makes everything written so far readable."""

    def close(self) -> None:
        """Completes the file."""


class Kind(NamedTuple):
    """A format: its encoder, and a function that makes an empty file for a rate and channel count."""

    stream: Callable[[RawFile, int, int], Stream]
    empty: Callable[[int, int], bytes]


class SoundFileWriter:
    """[control] Writes float32 in one of the formats of `formats.TABLE`. Not for concurrent use by several threads.

    file      open and empty; `close` closes it
    path      file name in messages
    rate      integer in Hz; channels: 1 to the format's limit
    flushes   makes the file readable every 0.4 s, so that kill -9 loses at most the last second
    """

    def __init__(self, file: RawFile, kind: Kind, path: Path, rate: float, channels: int, *, flushes: bool) -> None:
        self.path = path
        self.frames = 0
        self.peak = 0.0
        self._file = file
        self._stream = kind.stream(file, int(rate), channels)
        self._due = 0.0 if flushes else math.inf

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends float32 (frames, channels)."""
        if not len(audio):
            return
        self.peak = max(self.peak, float(np.abs(audio).max()))
        try:
            self._stream.write(audio)
            self.frames += len(audio)
            if time.monotonic() >= self._due:
                self._stream.flush()
                self._due = time.monotonic() + EVERY
        except (RuntimeError, OSError) as error:
            raise AudioFileError(f"cannot write {self.path}: {_reason(error)}") from None

    def close(self) -> None:
        """Completes the file."""
        try:
            self._stream.close()
        except (RuntimeError, OSError) as error:
            raise AudioFileError(f"cannot finish {self.path}: {_reason(error)}") from None
        finally:
            self._file.close()


def new_take(path: Path, rate: float, channels: int, bits: Bits | None = None) -> SoundFileWriter:
    """A recording, visible and readable from the start; if the name is taken, it becomes `take-2.wav`, and so on."""
    kind, empty = _kind(path, rate, channels, bits)
    try:
        file = claim(path, empty)
    except OSError as error:
        raise AudioFileError(f"cannot write {path}: {_reason(error)}") from None
    return SoundFileWriter(file, kind, file.path, rate, channels, flushes=True)


@contextmanager
def new_render(path: Path, rate: float, channels: int, bits: Bits | None = None) -> Iterator[SoundFileWriter]:
    """Writes a temporary file and renames it at the end, replacing the target; an error or Ctrl-C leaves no file."""
    kind, empty = _kind(path, rate, channels, bits)
    partial = beside(path)
    try:
        file = RawFile(partial, "wb")
    except OSError as error:
        raise AudioFileError(f"cannot write {path}: {_reason(error)}") from None
    try:
        writer = SoundFileWriter(file, kind, path, rate, channels, flushes=False)
        file.write_at(0, empty)
        yield writer
        writer.close()
    except BaseException:
        file.close()
        partial.unlink(missing_ok=True)
        raise
    try:
        partial.replace(path)
    except OSError as error:  # the sound may be valuable
        raise AudioFileError(f"cannot write {path}: {_reason(error)}. The audio is in {partial}") from None


def check_target(path: Path, bits: Bits | None = None) -> None:
    """Raises AudioFileError if `path` cannot become an audio file; does not touch the disk."""
    encoding(path, bits)
    if path.is_dir():
        raise AudioFileError(f"{path} is a directory")
    if not path.parent.is_dir():
        raise AudioFileError(f"{path}: directory {path.parent} does not exist")


def _kind(path: Path, rate: float, channels: int, bits: Bits | None) -> tuple[Kind, bytes]:
    """The format of such a file, and an empty one; AudioFileError if the format does not support it."""
    check_target(path, bits)
    if rate != int(rate):
        raise AudioFileError(f"{path}: the sample rate of an audio file must be an integer in Hz, not {rate}")
    import soundfile

    kind = _encoder(encoding(path, bits))
    try:
        return kind, kind.empty(int(rate), channels)
    except (soundfile.LibsndfileError, ValueError, struct.error) as error:
        what = several(channels, "channel")
        raise AudioFileError(f"cannot write {path} with {what} at {int(rate)} Hz: {_reason(error)}") from None


def _encoder(found: Encoding) -> Kind:
    """The encoder of an encoding."""
    from graph.media.collector import encoded
    from graph.media.flac import FlacStream, empty_flac
    from graph.media.libsndfile import LibsndfileStream
    from graph.media.ogg import OggStream, empty_ogg
    from graph.media.wav import WavStream, empty_wav

    if found.container == "WAV" and found.bits:
        return Kind(partial(WavStream, bits=found.bits), partial(empty_wav, bits=found.bits))
    if found.container == "FLAC" and (found.bits == "16" or found.bits == "24"):
        return Kind(partial(FlacStream, bits=found.bits), partial(empty_flac, bits=found.bits))
    if found.subtype == "VORBIS":
        return Kind(OggStream, empty_ogg)

    def empty(rate: int, channels: int) -> bytes:
        return encoded(np.zeros((0, channels), np.float32), rate, found.container, found.subtype)

    return Kind(partial(LibsndfileStream, encoding=found), empty)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error).rpartition(": ")[2] or type(error).__name__
