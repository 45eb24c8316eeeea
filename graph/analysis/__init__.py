"""Measures sound: levels, loudness, pitch, onsets, tempo, key and spectrum of arrays and audio files.

Floor 8: imports `media` and below. Everything here is [control] and reads a file in pieces, so that its length does
not matter. `report.analyze` measures all at once; the other modules each measure one thing, for an array.

Public: programs import these names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.analysis.attacks import onsets
    from graph.analysis.beats import Tempo, tempo
    from graph.analysis.levels import Levels, loudness, silences, true_peak
    from graph.analysis.lufs import Loudness, k_weighting
    from graph.analysis.report import Analysis, analyze
    from graph.analysis.spectra import chroma, mfcc, spectrum
    from graph.analysis.tonality import Key, key
    from graph.analysis.tracking import Pitch, pitch

_PLACES = {
    "Analysis": "report",
    "Key": "tonality",
    "Levels": "levels",
    "Loudness": "lufs",
    "Pitch": "tracking",
    "Tempo": "beats",
    "analyze": "report",
    "chroma": "spectra",
    "k_weighting": "lufs",
    "key": "tonality",
    "loudness": "levels",
    "mfcc": "spectra",
    "onsets": "attacks",
    "pitch": "tracking",
    "silences": "levels",
    "spectrum": "spectra",
    "tempo": "beats",
    "true_peak": "levels",
}
__getattr__ = lazily(__name__, {name: f"{__name__}.{place}" for name, place in _PLACES.items()})

__all__ = [
    "Analysis",
    "Key",
    "Levels",
    "Loudness",
    "Pitch",
    "Tempo",
    "analyze",
    "chroma",
    "k_weighting",
    "key",
    "loudness",
    "mfcc",
    "onsets",
    "pitch",
    "silences",
    "spectrum",
    "tempo",
    "true_peak",
]
