"""Audio files as arrays: read once when a node is prepared, and converted to its sample rate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import AudioFileError

LIMIT = 64_000_000
"""Maximum samples per file over all channels: eleven minutes of 48 kHz stereo, 256 MB."""


def check_recording(path: str, *, channels: int = 2, seconds: float = np.inf) -> None:
    """[control] Raises AudioFileError, naming the file, if its header shows that `read_recording` cannot read it."""
    with _opened(path, channels, seconds):
        pass


def read_recording(path: str, *, channels: int = 2, seconds: float = np.inf) -> tuple[Any, float]:
    """[control] Returns float32 (frames, channels) and the rate in Hz; AudioFileError, naming the file, if unusable.

    channels, seconds   the caller's limits
    """
    with _opened(path, channels, seconds) as file:
        audio = file.read(dtype="float32", always_2d=True)
        rate = float(file.samplerate)
    if not np.isfinite(audio).all():
        frame = int(np.argmin(np.isfinite(audio).all(axis=1)))
        raise AudioFileError(f"{path} contains non-finite samples, the first in frame {frame}")
    return audio, rate


@contextmanager
def reading(path: str) -> Iterator[Any]:
    """[control] The open `soundfile.SoundFile`, of any length, for reading in pieces; AudioFileError if unusable."""
    with _opened(path, 1_024, np.inf, limited=False) as file:
        yield file


@contextmanager
def _opened(path: str, channels: int, seconds: float, *, limited: bool = True) -> Iterator[Any]:
    """The open file, if it is usable."""
    import soundfile

    try:
        if not Path(path).is_file():
            what = "is a directory" if Path(path).is_dir() else "no such file"
            raise AudioFileError(f"{path}: {what}")
        with soundfile.SoundFile(path) as file:
            if file.channels > channels:
                raise AudioFileError(f"{path} has {file.channels} channels; the limit is {channels}")
            if file.frames > seconds * file.samplerate:
                long = file.frames / file.samplerate
                raise AudioFileError(f"{path} is {long:g} seconds long; the limit is {seconds:g}")
            if limited and file.frames * file.channels > LIMIT:
                raise AudioFileError(f"{path} has {file.frames * file.channels:,} samples; the limit is {LIMIT:,}")
            if not file.frames:
                raise AudioFileError(f"{path} is empty: it has no frames")
            yield file
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioFileError(f"{path} cannot be read as audio: {str(error).rpartition(': ')[2]}") from None


def resampled(audio: Any, rate: float, wanted: float) -> Any:
    """[control] Converts `audio` from `rate` to the `wanted` rate with soxr at very high quality."""
    if rate == wanted:
        return audio
    import soxr

    made = np.ascontiguousarray(soxr.resample(audio, rate, wanted, quality="VHQ"), np.float32)
    return made if len(made) else np.array(audio[:1], np.float32)  # one or two frames may resample to none
