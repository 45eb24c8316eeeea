"""Scales and chords by name, and quantization of keys to a scale."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from graph import NodeError
from graph.language import note_key

SCALES = {
    "chromatic": (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major_pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole_tone": (0, 2, 4, 6, 8, 10),
    "octaves": (0,),
}
ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

CHORDS = {
    "octave": (12,),
    "power": (7, 12),
    "major": (4, 7),
    "minor": (3, 7),
    "diminished": (3, 6),
    "augmented": (4, 8),
    "sus2": (2, 7),
    "sus4": (5, 7),
    "sixth": (4, 7, 9),
    "minor_sixth": (3, 7, 9),
    "seventh": (4, 7, 10),
    "major_seventh": (4, 7, 11),
    "minor_seventh": (3, 7, 10),
    "half_diminished": (3, 6, 10),
    "diminished_seventh": (3, 6, 9),
    "ninth": (4, 7, 10, 14),
    "add9": (4, 7, 14),
}
"""Semitones above the lowest note, by chord."""


def keys_of(scale: str, root: float) -> list[float]:
    """[control] Keys of a scale, 0 .. 127, for the pitch class of `root`; all have the cents of the root."""
    whole = int(root)
    return [
        key + (root - whole) for key in range(128) if (key - whole) % 12 in SCALES[scale] and key + root - whole <= 127
    ]


def nearest_keys(scale: str, root: int) -> Any:
    """[control] Nearest key of a scale for every key; the lower of two.

    This turns a third and a fifth of 4 and 7 semitones on any degree into the chord of that degree.
    """
    keys = np.array(keys_of(scale, root))
    return keys[np.abs(np.arange(128)[:, None] - keys).argmin(1)]


def intervals_of(text: str) -> list[int]:
    """[control] Semitones of `4 7` or of a chord's name; NodeError if it is neither."""
    if text in CHORDS:
        return list(CHORDS[text])
    words = re.split(r"[\s,]+", text.strip())
    if all(re.fullmatch(r"[+-]?\d{1,2}", word) for word in words) and len(words) <= 8:
        return [int(word) for word in words]
    raise NodeError(f"write up to 8 intervals in semitones such as '4 7', or one of {', '.join(CHORDS)}; not '{text}'")


def pitch_of(text: str) -> float | None:
    """[control] Key of a note name or of a key number, either with cents (`A4+14c`, `69+14c`); None for other words."""
    number = re.match(r"\d{1,3}(?![\d.])", text, re.ASCII)
    key = note_key(f"C-1{text[number.end() :]}" if number else text)
    return key + int(number[0]) if key is not None and number else key


def key_of(text: str) -> float:
    """[control] Key of a note name or of a key number, either with cents; NodeError if it is neither."""
    key = pitch_of(text.strip())
    if key is None or not 0 <= key <= 127:
        raise NodeError(f"write a note from C-1 to G9 such as C2 or A4+14c, or its number, 0 .. 127; not '{text}'")
    return key
