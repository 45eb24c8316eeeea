"""Pictures of sound: waveform, spectrogram, loudness and pitch over time, as PNG or SVG.

Drawn with matplotlib (the extra `plot`), from at most `COLUMNS` values per curve, so that an hour is no larger than a
second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graph.analysis.levels import frames_of, levels_of
from graph.analysis.lufs import MOMENTARY, lufs, moving
from graph.analysis.spectra import magnitudes
from graph.analysis.tracking import pitch
from graph.errors import AudioFileError, GraphError

COLUMNS = 1_200
SIZE = 4_096
LOW, HIGH = 30.0, 16_000.0
ROWS = 240
"""Rows of the spectrogram, evenly spaced in octaves."""
RANGE = 80.0
"""dB from the brightest to the darkest color."""
FORMATS = (".png", ".svg")
INK, FAINT, SIGNAL, SECOND = "#8a8f98", "#8a8f9855", "#3b82f6", "#f59e0b"
"""Colors that are readable on white and on dark pages: the background is transparent."""


def draw_file(file: str | PathLike[str], target: str | PathLike[str]) -> None:
    """[control] Draws an audio file of up to eleven stereo minutes; AudioFileError if it cannot be read."""
    from graph.media.sound_reader import read_recording

    audio, rate = read_recording(str(file), channels=1_024)
    draw(audio, rate, target, title=Path(file).name)


def draw(
    audio: ArrayLike,
    rate: float,
    target: str | PathLike[str],
    *,
    title: str = "",
    sections: Mapping[str, float] | None = None,
) -> None:
    """[control] Draws (frames,) or (frames, channels) at `rate` Hz to a .png or .svg file, 1,200 pixels wide.

    sections   names of parts of the piece, and where each begins in seconds
    GraphError if matplotlib is not installed or the sound is empty; AudioFileError for other suffixes.
    """
    path = Path(target)
    check_picture(path)
    array = frames_of(audio)
    if not len(array):
        raise GraphError("there is no sound to draw: it has no frames")
    figure = _figure(array, rate, title, sections or {})
    try:
        figure.savefig(path, transparent=True)
    except OSError as error:
        raise AudioFileError(f"cannot write {path}: {error.strerror or error}") from None


def check_picture(path: Path) -> None:
    """Raises AudioFileError if `path` cannot become a picture, GraphError if matplotlib is missing."""
    if path.suffix.lower() not in FORMATS:
        raise AudioFileError(f"{path}: the suffix selects the format: use one of {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise AudioFileError(f"{path}: directory {path.parent} does not exist")
    try:
        import matplotlib as _  # noqa: F401
    except ImportError:
        raise GraphError("pictures of sound need matplotlib: pip install 'graphrun[plot]'") from None


def _figure(array: NDArray[np.float32], rate: float, title: str, sections: Mapping[str, float]) -> Any:
    from matplotlib.figure import Figure

    seconds = len(array) / rate
    figure = Figure(figsize=(12, 8), dpi=100, layout="constrained")
    parts: Sequence[Any] = figure.subplots(4, 1, sharex=True, height_ratios=(2, 4, 1.6, 1.6))
    wave, spectral, loud, melody = parts
    if title:
        wave.set_title(title, loc="left", color=INK, fontsize=11)
    _waveform(wave, array, seconds)
    _spectrogram(spectral, array.mean(axis=1), rate)
    moments = lufs(moving(levels_of(array, rate).tenths, MOMENTARY))
    loud.plot(np.arange(len(moments)) * 0.1 + 0.2, moments, color=SIGNAL, linewidth=1.2)
    loud.set_ylim(min(-50.0, float(moments.max()) - 10), max(0.0, float(moments.max()) + 3))
    loud.set_ylabel("LUFS (0.4 s)")
    _melody(melody, array, rate)
    melody.set_xlabel("seconds")
    for part in parts:
        part.set_xlim(0, seconds)
        part.tick_params(colors=INK, labelsize=9)
        part.yaxis.label.set_color(INK)
        part.xaxis.label.set_color(INK)
        for spine in part.spines.values():
            spine.set_color(FAINT)
        if part is not spectral:
            part.grid(color=FAINT, linewidth=0.5)
        for start in sections.values():
            part.axvline(start, color=SECOND, linewidth=1)
    for name, start in sections.items():
        wave.annotate(
            name, (start, 1), (3, -11), xycoords=("data", "axes fraction"), textcoords="offset points", color=SECOND
        )
    return figure


def _waveform(part: Any, array: NDArray[np.float32], seconds: float) -> None:
    """The range of each column, over all channels."""
    columns = min(COLUMNS, len(array))
    edges = np.linspace(0, len(array), columns + 1).astype(int)[:-1]
    high, low = np.maximum.reduceat(array.max(axis=1), edges), np.minimum.reduceat(array.min(axis=1), edges)
    part.fill_between(edges / len(array) * seconds, low, high, color=SIGNAL, linewidth=0.6)
    limit = max(1e-3, float(np.abs(array).max())) * 1.05
    part.set_ylim(-limit, limit)
    part.set_ylabel("amplitude")


def _spectrogram(part: Any, mono: NDArray[np.float32], rate: float) -> None:
    columns = min(COLUMNS, max(1, len(mono) // 64))
    padded = np.concatenate((np.zeros(SIZE // 2), mono, np.zeros(SIZE // 2))).astype(np.float32)
    centers = (np.arange(columns) + 0.5) / columns * len(mono)
    starts = centers.astype(int)
    high = min(HIGH, rate / 2)
    wanted = LOW * (high / LOW) ** (np.arange(ROWS) / (ROWS - 1)) * SIZE / rate
    picture = np.empty((ROWS, columns))
    for first in range(0, columns, 128):
        some = starts[first : first + 128]
        made = magnitudes(padded[some[:, None] + np.arange(SIZE)])
        for row, spectrum in enumerate(made):
            picture[:, first + row] = np.interp(wanted, np.arange(len(spectrum)), spectrum)
    levels = 20 * np.log10(np.maximum(picture, 1e-9))
    top = float(levels.max())
    part.pcolormesh(
        (np.arange(columns + 1)) / columns * len(mono) / rate,
        LOW * (high / LOW) ** (np.arange(ROWS + 1) / ROWS),
        levels,
        vmin=top - RANGE,
        vmax=top,
        cmap="magma",
        rasterized=True,
    )
    part.set_yscale("log")
    ticks = [hertz for hertz in (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000) if hertz < high]
    part.set_yticks(ticks, [f"{hertz // 1000}k" if hertz >= 1000 else str(hertz) for hertz in ticks])
    part.set_yticks([], minor=True)
    part.set_ylabel("Hz")


def _melody(part: Any, array: NDArray[np.float32], rate: float) -> None:
    track = pitch(array, rate)
    known = np.isfinite(track.hertz)
    part.plot(track.times[known], 69 + 12 * np.log2(track.hertz[known] / 440), ".", color=SIGNAL, markersize=2.5)
    keys = range(24, 109, 12)
    part.set_yticks(list(keys), [f"C{key // 12 - 1}" for key in keys])
    part.set_ylim(24, 108)
    part.set_ylabel("pitch")
