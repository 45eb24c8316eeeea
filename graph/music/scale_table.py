"""The table of scales: every scale of the program is here and nowhere else.

Degrees as musicians write them. Names and aliases are compared without case, spaces, hyphens and underscores.
Reference: N. Slonimsky, Thesaurus of Scales and Melodic Patterns, 1947; W. Zeitler, All the Scales.
"""

from __future__ import annotations

from graph.music.notes import degrees

FORMULAS = {
    "chromatic": "1 b2 2 b3 3 4 b5 5 b6 6 b7 7",
    "major": "1 2 3 4 5 6 7",
    "minor": "1 2 b3 4 5 b6 b7",
    "harmonic_minor": "1 2 b3 4 5 b6 7",
    "melodic_minor": "1 2 b3 4 5 6 7",
    "dorian": "1 2 b3 4 5 6 b7",
    "phrygian": "1 b2 b3 4 5 b6 b7",
    "lydian": "1 2 3 #4 5 6 7",
    "mixolydian": "1 2 3 4 5 6 b7",
    "locrian": "1 b2 b3 4 b5 b6 b7",
    "major_pentatonic": "1 2 3 5 6",
    "minor_pentatonic": "1 b3 4 5 b7",
    "blues": "1 b3 4 b5 5 b7",
    "major_blues": "1 2 b3 3 5 6",
    "whole_tone": "1 2 3 #4 #5 b7",
    "diminished": "1 2 b3 4 b5 b6 6 7",
    "half_whole": "1 b2 b3 3 #4 5 6 b7",
    "augmented": "1 #2 3 5 b6 7",
    "hungarian_minor": "1 2 b3 #4 5 b6 7",
    "hungarian_major": "1 #2 3 #4 5 6 b7",
    "phrygian_dominant": "1 b2 3 4 5 b6 b7",
    "double_harmonic": "1 b2 3 4 5 b6 7",
    "harmonic_major": "1 2 3 4 5 b6 7",
    "lydian_dominant": "1 2 3 #4 5 6 b7",
    "lydian_augmented": "1 2 3 #4 #5 6 7",
    "mixolydian_b6": "1 2 3 4 5 b6 b7",
    "dorian_b2": "1 b2 b3 4 5 6 b7",
    "dorian_sharp_4": "1 2 b3 #4 5 6 b7",
    "locrian_natural_2": "1 2 b3 4 b5 b6 b7",
    "altered": "1 b2 b3 b4 b5 b6 b7",
    "neapolitan_minor": "1 b2 b3 4 5 b6 7",
    "neapolitan_major": "1 b2 b3 4 5 6 7",
    "bebop_dominant": "1 2 3 4 5 6 b7 7",
    "bebop_major": "1 2 3 4 5 #5 6 7",
    "enigmatic": "1 b2 3 #4 #5 #6 7",
    "prometheus": "1 2 3 #4 6 b7",
    "tritone": "1 b2 3 b5 5 b7",
    "hirajoshi": "1 2 b3 5 b6",
    "in_sen": "1 b2 4 5 b7",
    "iwato": "1 b2 4 b5 b7",
    "miyako_bushi": "1 b2 4 5 b6",
    "ryukyu": "1 3 4 5 7",
    "yo": "1 2 4 5 6",
    "egyptian": "1 2 4 5 b7",
    "arabian": "1 2 3 4 b5 b6 b7",
    "persian": "1 b2 3 4 b5 b6 7",
    "balinese": "1 b2 b3 5 b6",
    "octaves": "1",
}
"""Degrees by name."""

ALIASES = {
    "ionian": "major",
    "natural_minor": "minor",
    "aeolian": "minor",
    "jazz_minor": "melodic_minor",
    "pentatonic": "major_pentatonic",
    "minor_blues": "blues",
    "whole_half": "diminished",
    "octatonic": "diminished",
    "dominant_diminished": "half_whole",
    "diminished_half_whole": "half_whole",
    "diminished_whole_half": "half_whole",  # as coremusic has it, whose `diminished` is the whole-half scale
    "gypsy_minor": "hungarian_minor",
    "freygish": "phrygian_dominant",
    "spanish": "phrygian_dominant",
    "byzantine": "double_harmonic",
    "arabic": "double_harmonic",
    "acoustic": "lydian_dominant",
    "overtone": "lydian_dominant",
    "hindu": "mixolydian_b6",
    "aeolian_dominant": "mixolydian_b6",
    "phrygian_sharp_6": "dorian_b2",
    "ukrainian_dorian": "dorian_sharp_4",
    "romanian_minor": "dorian_sharp_4",
    "half_diminished": "locrian_natural_2",
    "super_locrian": "altered",
    "major_locrian": "arabian",
    "insen": "in_sen",
    "in": "miyako_bushi",
    "suspended_pentatonic": "egyptian",
    "pelog": "balinese",
}

SCALES = {name: tuple(degree.semitones for degree in degrees(formula)) for name, formula in FORMULAS.items()}
"""Semitones above the root by name."""
