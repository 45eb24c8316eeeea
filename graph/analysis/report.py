"""Everything that is measured of a file or an array, in one pass through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.analysis.attacks import OnsetStrength
from graph.analysis.beats import tempo_of
from graph.analysis.levels import Levels, decibels, frames_of, silent
from graph.analysis.spectra import RATE, ChromaProfile
from graph.analysis.tonality import key_of
from graph.analysis.tracking import PitchTrack
from graph.errors import AudioFileError

PIECE = 1 << 17
"""Frames read at a time."""
SILENCE_BELOW, SILENCE_SECONDS = -60.0, 0.3


class Analysis(NamedTuple):
    """What `analyze` found. Levels are in dB relative to full scale, at least -180; times are in seconds.

    file, format          name and encoding of the file; "" for an array
    channels, rate        rate in Hz
    seconds, frames       length
    peak_db, true_peak_db largest sample, and largest value of the waveform between samples (ITU-R BS.1770)
    rms_db, noise_floor_db   of the whole, and of its quietest tenth
    lufs, momentary, short_term, lra   integrated loudness, its largest values over 0.4 s and 3 s, its range in LU
    dc, clipped           mean of the worst channel; samples in runs at full scale
    correlation           of the first two channels, -1 to 1
    tempo, tempo_confidence, beats   beats per minute or None, 0 to 1, and the time of each beat
    key, key_confidence   such as "A minor", "" if there is none; 0 to 1
    onsets                times at which notes and drums begin
    pitch                 median fundamental in Hz of its pitched parts; None if less than half is pitched
    silences              passages of at least 0.3 s below -60 dB
    """

    file: str
    format: str
    channels: int
    rate: float
    seconds: float
    frames: int
    peak_db: float
    true_peak_db: float
    rms_db: float
    noise_floor_db: float
    lufs: float
    momentary: float
    short_term: float
    lra: float
    dc: float
    clipped: int
    correlation: float
    tempo: float | None
    tempo_confidence: float
    beats: list[float]
    key: str
    key_confidence: float
    onsets: list[float]
    pitch: float | None
    silences: list[tuple[float, float]]


def analyze(source: str | PathLike[str] | Any, rate: float | None = None) -> Analysis:
    """[control] Analyzes an audio file of any length, or an array, in bounded memory.

    source   path of a file; or (frames,) or (frames, channels), which needs `rate` in Hz
    Raises AudioFileError, naming the file, if it cannot be read; ValueError for an array without a rate.
    """
    if isinstance(source, str | PathLike):
        from graph.media.sound_reader import reading

        with reading(str(source)) as file:
            listener = Listener(file.samplerate, file.channels)
            for piece in pieces(file, str(source)):
                listener.hear(piece)
            return listener.analysis(str(source), f"{file.format} {file.subtype}")
    rate = rate or getattr(source, "rate", None)
    if not rate:
        raise ValueError("an array needs its sample rate: analyze(audio, rate)")
    array = frames_of(source)
    listener = Listener(rate, array.shape[1])
    for start in range(0, len(array), PIECE):
        listener.hear(array[start : start + PIECE])
    return listener.analysis("", "")


def pieces(file: Any, path: str) -> Iterator[NDArray[np.float32]]:
    """The sound of an open file, `PIECE` frames at a time; AudioFileError for samples that are not finite."""
    at = 0
    while len(piece := file.read(PIECE, dtype="float32", always_2d=True)):
        if not np.isfinite(piece).all():
            frame = at + int(np.argmin(np.isfinite(piece).all(axis=1)))
            raise AudioFileError(f"{path} contains non-finite samples, the first in frame {frame}")
        at += len(piece)
        yield piece


class Listener:
    """Hears (frames, channels) piece by piece, and measures everything."""

    def __init__(self, rate: float, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self.levels = Levels(rate, channels)
        self.strength, self.chroma, self.track = OnsetStrength(), ChromaProfile(), PitchTrack()
        self._mono: Any = None
        if rate != RATE:
            import soxr

            self._mono = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")

    def hear(self, audio: NDArray[np.float32]) -> None:
        """Adds float32 (frames, channels)."""
        self.levels.hear(audio)
        self._musical(audio.mean(axis=1, dtype=np.float32), last=False)

    def _musical(self, mono: NDArray[np.float32], *, last: bool) -> None:
        if self._mono is not None:
            mono = self._mono.resample_chunk(mono, last=last)
        for part in (self.strength, self.chroma, self.track):
            part.hear(mono)

    def analysis(self, file: str, form: str) -> Analysis:
        """The result; ends the sound."""
        self._musical(np.zeros(0, np.float32), last=True)
        levels, loud = self.levels, self.levels.loudness()
        tempo = tempo_of(self.strength.flux())
        key = key_of(self.chroma.rows())
        pitch = self.track.pitch()
        pitched = np.isfinite(pitch.hertz).mean() >= 0.5 if len(pitch.hertz) else False
        return Analysis(
            file=file,
            format=form,
            channels=self.channels,
            rate=self.rate,
            seconds=round(levels.frames / self.rate, 6),
            frames=levels.frames,
            peak_db=_round(decibels(levels.peak)),
            true_peak_db=_round(decibels(levels.true_peak)),
            rms_db=_round(decibels(levels.rms)),
            noise_floor_db=_round(decibels(levels.noise_floor)),
            lufs=_round(loud.integrated),
            momentary=_round(loud.momentary),
            short_term=_round(loud.short_term),
            lra=_round(loud.range),
            dc=round(levels.dc, 6),
            clipped=levels.clipped,
            correlation=round(levels.correlation, 3),
            tempo=round(tempo.bpm, 2) if np.isfinite(tempo.bpm) else None,
            tempo_confidence=_round(tempo.confidence),
            beats=_times(tempo.beats),
            key=key.name,
            key_confidence=_round(key.confidence),
            onsets=_times(self.strength.onsets()),
            pitch=_round(pitch.median) if pitched else None,
            silences=list(silent(levels.windows, SILENCE_BELOW, SILENCE_SECONDS)),
        )


def _round(value: float) -> float:
    return round(float(value), 2)


def _times(values: Iterable[float]) -> list[float]:
    return [round(float(value), 4) for value in values]
