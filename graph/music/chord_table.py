"""The table of chords: every chord of the program is here and nowhere else.

By name: the degrees, the symbol after a root's name, and other names. Any other symbol, such as `7#9b13`, is read from
its parts (`graph.music.symbols`).
"""

from __future__ import annotations

from graph.music.notes import degrees

FORMULAS = {
    "major": ("1 3 5", ""),
    "minor": ("1 b3 5", "m"),
    "diminished": ("1 b3 b5", "dim"),
    "augmented": ("1 3 #5", "aug"),
    "sus2": ("1 2 5", "sus2"),
    "sus4": ("1 4 5", "sus4"),
    "power": ("1 5", "5"),
    "power_octave": ("1 5 8", "5add8"),
    "octave": ("1 8", " octave"),
    "sixth": ("1 3 5 6", "6"),
    "minor_sixth": ("1 b3 5 6", "m6"),
    "six_nine": ("1 3 5 6 9", "6/9"),
    "minor_six_nine": ("1 b3 5 6 9", "m6/9"),
    "seventh": ("1 3 5 b7", "7"),
    "major_seventh": ("1 3 5 7", "maj7"),
    "minor_seventh": ("1 b3 5 b7", "m7"),
    "minor_major_seventh": ("1 b3 5 7", "mMaj7"),
    "half_diminished": ("1 b3 b5 b7", "m7b5"),
    "diminished_seventh": ("1 b3 b5 bb7", "dim7"),
    "augmented_seventh": ("1 3 #5 b7", "7#5"),
    "augmented_major_seventh": ("1 3 #5 7", "maj7#5"),
    "seventh_flat_5": ("1 3 b5 b7", "7b5"),
    "seventh_sus4": ("1 4 5 b7", "7sus4"),
    "seventh_flat_9": ("1 3 5 b7 b9", "7b9"),
    "seventh_sharp_9": ("1 3 5 b7 #9", "7#9"),
    "seventh_sharp_11": ("1 3 5 b7 #11", "7#11"),
    "seventh_flat_5_flat_9": ("1 3 b5 b7 b9", "7b5b9"),
    "seventh_sharp_5_sharp_9": ("1 3 #5 b7 #9", "7#5#9"),
    "major_seventh_sharp_11": ("1 3 5 7 #11", "maj7#11"),
    "add9": ("1 3 5 9", "add9"),
    "add11": ("1 3 5 11", "add11"),
    "minor_add9": ("1 b3 5 9", "madd9"),
    "ninth": ("1 3 5 b7 9", "9"),
    "major_ninth": ("1 3 5 7 9", "maj9"),
    "minor_ninth": ("1 b3 5 b7 9", "m9"),
    "minor_major_ninth": ("1 b3 5 7 9", "mMaj9"),
    "ninth_sus4": ("1 4 5 b7 9", "9sus4"),
    "eleventh": ("1 3 5 b7 9 11", "11"),
    "major_eleventh": ("1 3 5 7 9 11", "maj11"),
    "minor_eleventh": ("1 b3 5 b7 9 11", "m11"),
    "thirteenth": ("1 3 5 b7 9 11 13", "13"),
    "major_thirteenth": ("1 3 5 7 9 11 13", "maj13"),
    "minor_thirteenth": ("1 b3 5 b7 9 11 13", "m13"),
}
"""Degrees and symbol by name."""

_NUMBERS = {"sixth": 6, "seventh": 7, "ninth": 9, "eleventh": 11, "thirteenth": 13}

ALIASES = {
    "dominant_7_flat_5": "seventh_flat_5",
    "dominant_7_sharp_5": "augmented_seventh",
    "dominant_7_flat_9": "seventh_flat_9",
    "dominant_7_sharp_9": "seventh_sharp_9",
    "dominant_7_flat_5_flat_9": "seventh_flat_5_flat_9",
    "dominant_7_sharp_5_sharp_9": "seventh_sharp_5_sharp_9",
    "half_diminished_7": "half_diminished",
    "half_diminished_seventh": "half_diminished",
    "major_6": "sixth",
    "minor_6": "minor_sixth",
    "major_sixth": "sixth",
    **{f"dominant_{word}": word for word in _NUMBERS if word != "sixth"},
    **{f"dominant_{number}": word for word, number in _NUMBERS.items() if word != "sixth"},
    **{
        f"{kind}_{number}": f"{kind}_{word}"
        for kind in ("major", "minor", "minor_major", "augmented", "augmented_major", "diminished")
        for word, number in _NUMBERS.items()
        if f"{kind}_{word}" in FORMULAS
    },
}

CHORDS = {name: tuple(degree.semitones for degree in degrees(formula)) for name, (formula, _) in FORMULAS.items()}
"""Semitones above the root by name, the root included."""
SYMBOLS = {name: symbol for name, (_, symbol) in FORMULAS.items()}
