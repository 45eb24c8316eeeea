"""Music theory as plain Python: notes, intervals, scales, chords, keys, progressions, ragas, voicings.

Floor 3: imports `language` and `errors`. It knows no nodes; options of nodes that name a scale or chord are read here,
and `scale_table` and `chord_table` are the only tables of either.

Public.
"""

from __future__ import annotations

from graph.errors import MusicError
from graph.music.chord_table import CHORDS
from graph.music.chords import Chord, chord, chord_intervals
from graph.music.intervals import Interval, interval
from graph.music.naming import name_chord
from graph.music.notes import ROOTS, Note, note, pitch_class
from graph.music.progressions import key, progression, relative, signature
from graph.music.ragas import MAQAMAT, RAGAS
from graph.music.scale_table import SCALES
from graph.music.scales import Scale, scale, scale_steps
from graph.music.voicing import VOICINGS, voice_led, voiced

__all__ = [
    "CHORDS",
    "MAQAMAT",
    "RAGAS",
    "ROOTS",
    "SCALES",
    "VOICINGS",
    "Chord",
    "Interval",
    "MusicError",
    "Note",
    "Scale",
    "chord",
    "chord_intervals",
    "interval",
    "key",
    "name_chord",
    "note",
    "pitch_class",
    "progression",
    "relative",
    "scale",
    "scale_steps",
    "signature",
    "voice_led",
    "voiced",
]
