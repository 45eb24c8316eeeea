"""Audio files, written so that a file is whole or not there at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.errors import AudioFileError

FORMATS = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24"), ".ogg": ("OGG", "VORBIS")}
"""By suffix: WAV keeps the engine's float32, FLAC has 24 bits, Ogg is Vorbis."""

FULL = 1 << 16
"""Bytes that are left on a disk that is full."""

_ADD_PEAK_CHUNK = 0x1050
"""libsndfile's SFC_SET_ADD_PEAK_CHUNK: that chunk holds the time of writing, so two renders of one
patch would differ."""


class SoundFileWriter:
    """Writes beside the target and renames at the end; an error or Ctrl-C leaves nothing behind.

    path      the target; its suffix is one of `FORMATS`
    rate      Hz, a whole number; channels: 1 to what the format holds
    """

    def __init__(self, path: str | os.PathLike[str], rate: float, channels: int) -> None:
        self.path = Path(path)
        self.frames = 0
        self.peak = 0.0
        check_target(self.path)
        if rate != int(rate):
            raise AudioFileError(f"{self.path}: an audio file's rate is a whole number of Hz, not {rate}")
        form, subtype = FORMATS[self.path.suffix.lower()]
        self._partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        import soundfile

        try:
            self._partial.open("wb").close()  # for the system's own words where it cannot be
        except OSError as error:
            raise AudioFileError(f"{self.path} cannot be written: {error.strerror}") from None
        try:
            self._file: Any = soundfile.SoundFile(self._partial, "w", int(rate), channels, format=form, subtype=subtype)
        except (soundfile.LibsndfileError, OSError, ValueError) as error:
            self._partial.unlink(missing_ok=True)
            raise AudioFileError(f"{self.path} cannot be written with {channels} channels: {_reason(error)}") from None
        if form == "WAV":
            soundfile._snd.sf_command(self._file._file, _ADD_PEAK_CHUNK, soundfile._ffi.NULL, 0)

    def write(self, audio: NDArray[np.float32]) -> None:
        """Appends float32 (frames, channels)."""
        import soundfile

        if len(audio):
            self.peak = max(self.peak, float(np.abs(audio).max()))
        try:
            self._file.write(audio)
        except (soundfile.LibsndfileError, OSError) as error:
            raise AudioFileError(f"{self.path} cannot be written: {self._why(error)}") from None
        self.frames += len(audio)

    def __enter__(self) -> SoundFileWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import soundfile

        try:
            self._file.close()
            if kind is None:
                self._partial.replace(self.path)
        except (soundfile.LibsndfileError, OSError) as trouble:
            if kind is None:  # what is there may be worth much
                raise AudioFileError(f"{self.path}: {self._why(trouble)}; the sound is in {self._partial}") from None
        finally:
            if kind is not None:
                self._partial.unlink(missing_ok=True)

    def _why(self, error: Exception) -> str:
        """libsndfile calls whatever the system says a system error."""
        with suppress(OSError):
            if disk_usage(self._partial.parent).free < FULL:
                return "the disk is full"
        return _reason(error)


def check_target(path: Path) -> None:
    """Raises AudioFileError for a target that cannot become an audio file; touches nothing."""
    if path.suffix.lower() not in FORMATS:
        known = ", ".join(FORMATS)
        raise AudioFileError(f"{path}: the suffix says the format; it should be one of {known}")
    if path.is_dir():
        raise AudioFileError(f"{path} is a directory")
    if not path.parent.is_dir():
        raise AudioFileError(f"{path}: there is no directory {path.parent}")


def _reason(error: Exception) -> str:
    return str(error).rpartition(": ")[2] or type(error).__name__
