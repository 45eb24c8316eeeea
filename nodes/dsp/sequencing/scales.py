"""Options that name a scale, a chord or a root, read by `graph.music`, and quantization of keys to a scale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from graph import NodeError, Option, did_you_mean
from graph.language import note_key
from graph.music import CHORDS, ROOTS, SCALES, MusicError, chord_intervals, pitch_class, scale_steps


def scale_option(default: str, doc: str) -> Option:
    """[control] An option that takes any scale: a name, a raga, a maqam, or steps in semitones."""
    return Option(default, words=tuple(SCALES), items=" ", doc=f"{doc} A name, or semitones such as 0 2 3 7 8.")


def root_option(doc: str) -> Option:
    """[control] An option that takes the name of a pitch class."""
    return Option("C", choices=ROOTS, doc=doc)


def keys_of(scale: str, root: float) -> list[float]:
    """[control] Keys of a scale, 0 .. 127, for the pitch class of `root`; all have the cents of the root."""
    first, cents = int(root) % 12 - 12, root - int(root)
    found = [first + 12 * octave + step + cents for octave in range(12) for step in scale_steps(scale)]
    return [key for key in found if 0 <= key <= 127]


def nearest_keys(scale: str, root: str) -> Any:
    """[control] Nearest key of a scale for every key, the lower of two; no keys at all for the chromatic scale.

    This turns a third and a fifth of 4 and 7 semitones on any degree into the chord of that degree.
    """
    if scale_steps(scale) == SCALES["chromatic"]:
        return np.zeros(0)
    keys = np.array(keys_of(scale, pitch_class(root)))
    return keys[np.abs(np.arange(128)[:, None] - keys).argmin(1)]


def intervals_of(text: str) -> Sequence[int]:
    """[control] Semitones of `4 7`, of a chord's name or of a symbol such as `m7b5`; NodeError for other text."""
    try:
        found = chord_intervals(text)
        if len(found) <= 8 and any(found):
            return found
    except MusicError:
        pass
    raise NodeError(
        f"write up to 8 intervals in semitones such as '4 7', a chord such as minor_seventh, or a symbol such as m7b5; "
        f"not '{text}'.{did_you_mean(text, [*CHORDS])}"
    )


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
