"""Audio files that can be read while they are written, and renders that are whole or not there at all."""

from __future__ import annotations

import errno
import math
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.errors import AudioFileError
from graph.media.raw_file import RawFile, beside, claim

FORMATS = (".wav", ".flac", ".ogg")
"""WAV keeps the engine's float32 and is RF64 past 4 GB, FLAC has 24 bits, Ogg is Vorbis."""

EVERY = 0.4
"""Seconds between two flushes of a take; FLAC keeps up to 4,096 frames longer."""


class Stream(Protocol):
    """An encoder that writes to a `RawFile`."""

    def write(self, audio: NDArray[np.float32], /) -> None:
        """Appends (frames, channels)."""

    def flush(self) -> None:
        """Makes what was written readable."""

    def close(self) -> None:
        """Completes the file."""


class Kind(NamedTuple):
    """A format: what makes its encoder, and what makes a whole file without sound, of a rate and channels."""

    stream: Callable[[RawFile, int, int], Stream]
    empty: Callable[[int, int], bytes]


class SoundFileWriter:
    """[control] Writes float32 as WAV, FLAC or Ogg. From one thread at a time.

    file      open and empty; closed by `close`
    path      names the file in messages
    rate      Hz, a whole number; channels: 1 to the format's limit
    flushes   makes the file readable every 0.4 s, so that kill -9 costs at most the last second
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
            raise AudioFileError(f"{self.path} cannot be written: {_reason(error)}") from None

    def close(self) -> None:
        """Completes the file."""
        try:
            self._stream.close()
        except (RuntimeError, OSError) as error:
            raise AudioFileError(f"{self.path} cannot be completed: {_reason(error)}") from None
        finally:
            self._file.close()


def new_take(path: Path, rate: float, channels: int) -> SoundFileWriter:
    """A recording, visible and readable from the start; where the name is taken, it is `take-2.wav`, and so on."""
    kind, empty = _kind(path, rate, channels)
    try:
        file = claim(path, empty)
    except OSError as error:
        raise AudioFileError(f"{path} cannot be written: {_reason(error)}") from None
    return SoundFileWriter(file, kind, file.path, rate, channels, flushes=True)


@contextmanager
def new_render(path: Path, rate: float, channels: int) -> Iterator[SoundFileWriter]:
    """Writes beside the target and renames at the end, over what was there; an error or Ctrl-C leaves nothing new."""
    kind, empty = _kind(path, rate, channels)
    partial = beside(path)
    try:
        file = RawFile(partial, "wb")
    except OSError as error:
        raise AudioFileError(f"{path} cannot be written: {_reason(error)}") from None
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
    except OSError as error:  # what is there may be worth much
        raise AudioFileError(f"{path} cannot be written: {_reason(error)}; the sound is in {partial}") from None


def check_target(path: Path) -> None:
    """Raises AudioFileError for a target that cannot become an audio file; touches nothing."""
    if path.suffix.lower() not in FORMATS:
        known = ", ".join(FORMATS)
        raise AudioFileError(f"{path}: the suffix says the format; it should be one of {known}")
    if path.is_dir():
        raise AudioFileError(f"{path} is a directory")
    if not path.parent.is_dir():
        raise AudioFileError(f"{path}: there is no directory {path.parent}")


def _kind(path: Path, rate: float, channels: int) -> tuple[Kind, bytes]:
    """How such a file is written, and one without sound; AudioFileError where there can be none."""
    check_target(path)
    if rate != int(rate):
        raise AudioFileError(f"{path}: an audio file's rate is a whole number of Hz, not {rate}")
    import soundfile

    from graph.media.flac import FlacStream, empty_flac
    from graph.media.ogg import OggStream, empty_ogg
    from graph.media.wav import WavStream, empty_wav

    kinds = {
        ".wav": Kind(WavStream, empty_wav),
        ".flac": Kind(FlacStream, empty_flac),
        ".ogg": Kind(OggStream, empty_ogg),
    }
    kind = kinds[path.suffix.lower()]
    try:
        return kind, kind.empty(int(rate), channels)
    except (soundfile.LibsndfileError, ValueError, struct.error) as error:
        raise AudioFileError(f"{path} cannot be written with {channels} channels: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error).rpartition(": ")[2] or type(error).__name__
