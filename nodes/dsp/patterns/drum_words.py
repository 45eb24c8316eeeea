"""Drum names and the keys that play them: the General MIDI map and an extension for other traditions.

General MIDI ends at key 81, and the keys above have no standard. Here they hold hand drums of South Asia, West Africa,
the Middle East and Andalusia, marching drums, and effects. Two names may share a key: `mute_triangle` and the deepest
marching bass are both 80, and the kit decides which one sounds.
"""

from __future__ import annotations

from graph import NodeError, did_you_mean
from graph.language import note_number

HIGHEST = 128
"""Last key. It is one above the MIDI range: it plays inside a graph but cannot be sent."""

WORDS: dict[str, int] = {
    # General MIDI
    "deep_kick": 35, "kick": 36, "rimshot": 37, "side_stick": 37, "snare": 38, "clap": 39, "electric_snare": 40,
    "floor_tom": 41, "closed_hat": 42, "high_floor_tom": 43, "pedal_hat": 44, "low_tom": 45, "open_hat": 46,
    "mid_tom": 47, "high_mid_tom": 48, "crash": 49, "high_tom": 50, "ride": 51, "china": 52, "ride_bell": 53,
    "tambourine": 54, "splash": 55, "cowbell": 56, "crash_2": 57, "vibraslap": 58, "ride_2": 59, "bongo_high": 60,
    "bongo_low": 61, "conga_mute": 62, "conga_high": 63, "conga_low": 64, "timbale_high": 65, "timbale_low": 66,
    "agogo_high": 67, "agogo_low": 68, "maracas": 70, "shaker": 70, "short_whistle": 71, "long_whistle": 72,
    "guiro": 73, "long_guiro": 74, "clave": 75, "wood_block_high": 76, "wood_block_low": 77, "cuica_mute": 78,
    "cuica": 79, "mute_triangle": 80, "triangle": 81,
    # Short names
    "bass_drum": 36, "rim": 37, "hat": 42, "hi_hat": 42, "hihat": 42, "tom": 45, "cymbal": 49, "bongo": 60,
    "conga": 63, "timbale": 65, "agogo": 67, "whistle": 72, "wood_block": 76,
    # Effects
    "rainstick": 81, "rainstick_slow": 128, "ocean_drum": 82, "cabasa": 83, "wind_chimes": 84, "finger_cymbal": 85,
    # South Asia
    "tabla_na": 86, "tabla_tin": 87, "tabla_ge": 88, "tabla_dha": 89, "tabla_tit": 90, "tabla_ke": 91,
    "tabla_ge_bend": 108, "dhol_dagga": 92, "dhol_tilli": 93, "dhol_both": 94, "dholak_ge": 95, "dholak_na": 96,
    "dholak_tit": 97, "mridangam_tham": 98, "mridangam_nam": 99, "mridangam_din": 100, "mridangam_tha": 101,
    # West Africa, the Middle East, Peru and Andalusia
    "djembe_bass": 102, "djembe_tone": 103, "djembe_slap": 104, "doumbek_dum": 112, "doumbek_tek": 113,
    "doumbek_ka": 114, "cajon_slap": 109, "cajon_tap": 110, "cajon_slap_snare": 111,
    # Metal
    "metal_kick": 105, "metal_snare": 106, "metal_hat": 107,
    # Marching drums
    "march_snare": 115, "march_rimshot": 116, "march_click": 118, "quad_1": 119, "quad_2": 120, "quad_3": 121,
    "quad_4": 122, "quad_spock": 123, "bass_1": 124, "bass_2": 125, "bass_3": 126, "bass_4": 127, "bass_5": 80,
}  # fmt: skip


def drum_key(word: str) -> int:
    """Key of a drum name, note name or number; NodeError if it is none of them."""
    key = WORDS.get(word, note_number(word))
    if key is None and word.isdecimal() and len(word) <= 3:
        key = int(word)
    if key is None:
        word = word[:60]
        raise NodeError(f"there is no drum '{word}'.{did_you_mean(word, list(WORDS)) or f' There are: {_some()}'}")
    if not 0 <= key <= HIGHEST:
        raise NodeError(f"key {key} is outside 0 .. {HIGHEST}")
    return key


def _some() -> str:
    return f"{', '.join(list(WORDS)[:12])} and {len(WORDS) - 12} more (graphrun nodes Pattern)"
