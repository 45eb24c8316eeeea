"""Audio file formats by suffix, sample sizes, and the rounding of float samples to integers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from graph.errors import AudioFileError

Integers = Literal["16", "24", "32"]
Bits = Literal[Integers, "float"]
BITS: tuple[Bits, ...] = (*get_args(Integers), "float")
"""Sample sizes: 16-, 24- and 32-bit integers, and 32-bit float."""

_PCM: Mapping[Bits, str] = {"16": "PCM_16", "24": "PCM_24", "32": "PCM_32", "float": "FLOAT"}


class Format(NamedTuple):
    """A container of libsndfile, the encoding of each sample size, and the size used if none is requested.

    A compressed format has a single encoding and no sample size.
    """

    container: str
    subtypes: Mapping[Bits, str]
    default: Bits = "float"
    compressed: str = ""


TABLE: Mapping[str, Format] = {
    ".wav": Format("WAV", _PCM),
    ".flac": Format("FLAC", {"16": "PCM_16", "24": "PCM_24"}, "24"),
    ".ogg": Format("OGG", {}, compressed="VORBIS"),
    ".opus": Format("OGG", {}, compressed="OPUS"),
    ".mp3": Format("MP3", {}, compressed="MPEG_LAYER_III"),
    ".aiff": Format("AIFF", _PCM),
    ".aif": Format("AIFF", _PCM),
    ".caf": Format("CAF", _PCM),
    ".au": Format("AU", _PCM),
    ".w64": Format("W64", _PCM),
    ".rf64": Format("RF64", _PCM),
}
"""Formats that are written. WAV becomes RF64 beyond 4 GB."""

FORMATS = tuple(TABLE)


class Encoding(NamedTuple):
    """What a file is written as; `bits` is None for compressed formats."""

    container: str
    subtype: str
    bits: Bits | None


def encoding(path: Path, bits: Bits | None = None) -> Encoding:
    """The encoding for a path, by its suffix; AudioFileError if the format is unknown or lacks that sample size."""
    found = TABLE.get(path.suffix.lower())
    if found is None:
        raise AudioFileError(f"{path}: the suffix selects the format: use one of {', '.join(FORMATS)}")
    if found.compressed:
        if bits is not None:
            raise AudioFileError(f"{path}: {path.suffix} is compressed and has no sample size: remove --bits {bits}")
        return Encoding(found.container, found.compressed, None)
    bits = bits or found.default
    if bits not in found.subtypes:
        sizes = " or ".join(found.subtypes)
        raise AudioFileError(
            f"{path}: {path.suffix} has {sizes} bits, not {bits}: use --bits {next(iter(found.subtypes))}"
        )
    return Encoding(found.container, found.subtypes[bits], bits)


class Rounding:
    """Rounds float samples to integers, left-justified in int32. Full scale is 1.0; what exceeds it is clipped.

    16 bits get triangular dither of two least significant bits peak to peak, which makes the error independent of the
    signal: its power is that of rounding times three (Lipshitz, Wannamaker, Vanderkooy, "Quantization and Dither",
    J. Audio Eng. Soc. 40, 1992). 24 bits are exact: a float32 has no more. Digital silence stays silent.
    """

    def __init__(self, bits: Integers, seed: int = 0) -> None:
        self._steps = 2.0 ** (int(bits) - 1)
        self._shift = 32 - int(bits)
        self._random = np.random.default_rng(seed) if bits == "16" else None

    def __call__(self, audio: NDArray[np.float32]) -> NDArray[np.int32]:
        """The integers of (frames, channels)."""
        scaled = audio.astype(np.float64) * self._steps
        if self._random is not None:
            dither = self._random.random((2, *scaled.shape))
            scaled += np.where(audio != 0.0, dither[0] - dither[1], 0.0)
        rounded = np.clip(np.rint(scaled), -self._steps, self._steps - 1)
        return np.asarray(rounded.astype(np.int64) << self._shift, np.int32)
