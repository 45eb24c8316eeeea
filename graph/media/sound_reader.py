"""Audio files as arrays: read once when a node is prepared, brought to the sample rate that it runs at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import AudioFileError

LIMIT = 64_000_000
"""Samples of all channels that one file may hold: eleven minutes in stereo at 48 kHz, 256 MB."""


def check_recording(path: str, *, channels: int = 2, seconds: float = np.inf) -> None:
    """[control] AudioFileError, naming the file, if its header says that `read_recording` cannot read it."""
    with _opened(path, channels, seconds):
        pass


def read_recording(path: str, *, channels: int = 2, seconds: float = np.inf) -> tuple[Any, float]:
    """[control] float32 (frames, channels) and the rate in Hz; AudioFileError, naming the file, if it will not do.

    channels, seconds   the most that the caller can use
    """
    with _opened(path, channels, seconds) as file:
        audio = file.read(dtype="float32", always_2d=True)
        rate = float(file.samplerate)
    if not np.isfinite(audio).all():
        frame = int(np.argmin(np.isfinite(audio).all(axis=1)))
        raise AudioFileError(f"{path} holds samples that are not finite numbers, the first in frame {frame}")
    return audio, rate


@contextmanager
def _opened(path: str, channels: int, seconds: float) -> Iterator[Any]:
    """The file, if it can be used."""
    import soundfile

    try:
        if not Path(path).is_file():
            what = "is a directory" if Path(path).is_dir() else "there is no such file"
            raise AudioFileError(f"{path}: {what}")
        with soundfile.SoundFile(path) as file:
            if file.channels > channels:
                raise AudioFileError(f"{path} has {file.channels} channels; {channels} at most")
            if file.frames > seconds * file.samplerate:
                long = file.frames / file.samplerate
                raise AudioFileError(f"{path} is {long:g} seconds long; {seconds:g} at most")
            if file.frames * file.channels > LIMIT:
                raise AudioFileError(f"{path} has {file.frames * file.channels:,} samples; {LIMIT:,} at most")
            if not file.frames:
                raise AudioFileError(f"{path} holds no sound: it has no frames")
            yield file
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioFileError(f"{path} cannot be read as audio: {str(error).rpartition(': ')[2]}") from None


def resampled(audio: Any, rate: float, wanted: float) -> Any:
    """[control] `audio` of `rate` at the `wanted` rate, by soxr at its very high quality."""
    if rate == wanted:
        return audio
    import soxr

    made = np.ascontiguousarray(soxr.resample(audio, rate, wanted, quality="VHQ"), np.float32)
    return made if len(made) else np.array(audio[:1], np.float32)  # of a frame or two nothing may be left
