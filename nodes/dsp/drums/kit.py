"""Drum kit as a table: each drum is a bank of modes and a noise; General MIDI maps keys to drums."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from graph import inline
from graph.native import store
from nodes.dsp.drums.cymbal_modes import plate
from nodes.dsp.drums.kit_presets import BODIES, KITS
from nodes.dsp.math.functions import clamp, exp2, prewarp
from nodes.dsp.math.random import shuffle
from nodes.dsp.physical.bank import GAIN, SILENT, at, hush, ring, strike, tune
from nodes.dsp.physical.modes import body
from nodes.dsp.physical.percussion import audible, burst, density, fall, settled

MODES = 96
GROUPS = ("kick", "snare", "hats", "toms", "cymbals", "percussion")
FREQ, DECAY, DAMPING, SWEEP, SWEEP_TIME, BRIGHT, STRIKE, PUSH, PUSH_TIME = range(9)
HISS, CORNER, Q, BAND, HISS_TIME, BURSTS, SPACING, GROUP, PAN, COUNT, LEVEL = range(9, 20)
AWAKE, PITCH, FORCE, RATTLE, LEFT, TIMER, CHARGE1, CHARGE2, VELOCITY, LENGTH = range(10)
TUNE, ENERGY, LOUD, PITCH_FALL, FORCE_FALL, RATTLE_FALL, BURST_FALL = range(10, 17)
WARPED, DRIVE, HISSES, OF_NOISE, OF_BAND, OF_LOW = range(17, 23)
FIELDS = 23

# body; freq, decay, damping, sweep, its time, stick in Hz, strike, noise driving the modes and its time;
# noise, cutoff, q, band-pass fraction, decay, bursts, their spacing; group; pan.
DRUMS: dict[str, tuple[Any, ...]] = {
    "kick": ("pure", 50, 0.6, 0, 30, 0.16, 2e4, 0.95, 0, 0.01, 0.5, 2500, 0.7, 1, 0.03, 0, 0, 0, 0),
    "snare": ("shell", 185, 0.25, 0.5, 4, 0.09, 2e3, 0.9, 0, 0.01, 0.36, 2200, 0.8, 0, 0.28, 0, 0, 1, 0),
    "side stick": ("stick", 490, 0.07, 0.3, 0, 0.1, 6e3, 0.6, 0, 0.01, 0.5, 2600, 1.5, 1, 0.02, 0, 0, 1, 0),
    "clap": ("pure", 900, 0.02, 0, 0, 0.1, 2e4, 0, 0, 0.01, 1.3, 1150, 1.6, 1, 0.3, 3, 0.0105, 1, 0),
    "hat": ("sheet", 420, 0.14, 0, 0, 0.1, 2e4, 0, 1, 0.008, 0, 8000, 0.7, 0, 0.05, 0, 0, 2, 0.25),
    "low tom": ("skin", 82, 1.2, 0.7, 3.5, 0.22, 2500, 1, 0, 0.01, 0.15, 2000, 0.7, 1, 0.03, 0, 0, 3, 0.4),
    "mid tom": ("skin", 123, 1.0, 0.7, 3.5, 0.2, 2800, 1, 0, 0.01, 0.15, 2200, 0.7, 1, 0.03, 0, 0, 3, 0.1),
    "high tom": ("skin", 165, 0.8, 0.7, 3.5, 0.18, 3200, 1, 0, 0.01, 0.15, 2400, 0.7, 1, 0.03, 0, 0, 3, -0.25),
    "crash": ("sheet", 330, 4, 0.05, 0, 0.1, 2e4, 0, 1.2, 0.05, 0, 8000, 0.7, 0, 0.05, 0, 0, 4, -0.45),
    "ride": ("sheet", 520, 4, 0.05, 0, 0.1, 2e4, 0.3, 0.88, 0.006, 0, 8000, 0.7, 0, 0.05, 0, 0, 4, 0.45),
    "tambourine": ("jingles", 2300, 0.3, 0, 0, 0.1, 2e4, 0, 0.8, 0.05, 0.2, 8000, 0.8, 1, 0.12, 2, 0.025, 5, -0.2),
    "cowbell": ("cowbell", 545, 0.45, 0.3, 0, 0.1, 9e3, 0.6, 0, 0.01, 0, 3000, 1, 1, 0.02, 0, 0, 5, 0.2),
    "vibraslap": ("pure", 2400, 0.1, 0, 0, 0.1, 2e4, 0.1, 0, 0.01, 0.9, 2700, 4, 1, 0.05, 22, 0.028, 5, -0.3),
    "bongo": ("skin", 310, 0.35, 0.5, 1.5, 0.08, 4000, 0.9, 0, 0.01, 0.2, 3500, 0.7, 1, 0.02, 0, 0, 5, -0.35),
    "conga": ("skin", 185, 0.6, 0.6, 1, 0.1, 2500, 1, 0, 0.01, 0.15, 2500, 0.7, 1, 0.02, 0, 0, 5, 0.35),
    "timbale": ("skin", 290, 0.9, 0.15, 1, 0.1, 8000, 0.9, 0, 0.01, 0.2, 4500, 0.7, 1, 0.02, 0, 0, 5, 0.3),
    "agogo": ("cowbell", 880, 0.6, 0.2, 0, 0.1, 9e3, 0.55, 0, 0.01, 0, 3000, 1, 1, 0.02, 0, 0, 5, -0.3),
    "shaker": ("pure", 5000, 0.02, 0, 0, 0.1, 2e4, 0, 0, 0.01, 0.7, 6500, 1.2, 1, 0.09, 1, 0.03, 5, 0.4),
    "whistle": ("pure", 2350, 0.25, 0, 0.6, 0.3, 2e4, 0.4, 0, 0.01, 0.4, 2350, 12, 1, 0.2, 0, 0, 5, -0.1),
    "guiro": ("pure", 2800, 0.02, 0, 0, 0.1, 2e4, 0, 0, 0.01, 0.9, 3200, 3, 1, 0.03, 9, 0.009, 5, -0.4),
    "clave": ("stick", 2450, 0.09, 0, 0, 0.1, 6e3, 0.7, 0, 0.01, 0, 3000, 1, 1, 0.02, 0, 0, 5, 0.15),
    "wood block": ("stick", 830, 0.11, 0.4, 0, 0.1, 5e3, 0.8, 0, 0.01, 0.1, 2000, 1, 1, 0.01, 0, 0, 5, -0.15),
    "cuica": ("pure", 520, 0.35, 0, -9, 0.5, 2e4, 0.5, 0, 0.01, 0.15, 1500, 2, 1, 0.1, 0, 0, 5, 0.25),
    "triangle": ("rod", 1150, 2.8, 0.02, 0, 0.1, 2e4, 0.35, 0, 0.01, 0, 3000, 1, 1, 0.02, 0, 0, 5, -0.45),
}

# Key: drum, transposition in semitones, factor of its decay.
KEYS: dict[int, tuple[str, float, float]] = {
    35: ("kick", -3, 1.2), 36: ("kick", 0, 1), 37: ("side stick", 0, 1), 38: ("snare", 0, 1), 39: ("clap", 0, 1),
    40: ("snare", 3, 0.8), 41: ("low tom", 0, 1), 42: ("hat", 0, 1), 43: ("low tom", 3, 1), 44: ("hat", 0, 0.6),
    45: ("mid tom", 0, 1), 46: ("hat", 0, 11), 47: ("mid tom", 3, 1), 48: ("high tom", 0, 1), 49: ("crash", 0, 1),
    50: ("high tom", 3, 1), 51: ("ride", 0, 1), 52: ("crash", -4, 0.5), 53: ("ride", 5, 0.7),
    54: ("tambourine", 0, 1), 55: ("crash", 8, 0.3), 56: ("cowbell", 0, 1), 57: ("crash", -2, 1.2),
    58: ("vibraslap", 0, 1), 59: ("ride", -2, 1.2), 60: ("bongo", 5, 0.8), 61: ("bongo", 0, 1),
    62: ("conga", 5, 0.25), 63: ("conga", 5, 1), 64: ("conga", 0, 1), 65: ("timbale", 4, 0.9), 66: ("timbale", 0, 1),
    67: ("agogo", 5, 1), 68: ("agogo", 0, 1), 69: ("shaker", -3, 1), 70: ("shaker", 2, 0.5), 71: ("whistle", 0, 0.3),
    72: ("whistle", 0, 1.5), 73: ("guiro", 0, 0.4), 74: ("guiro", -1, 1), 75: ("clave", 0, 1),
    76: ("wood block", 4, 0.9), 77: ("wood block", 0, 1), 78: ("cuica", 7, 0.4), 79: ("cuica", 0, 1),
    80: ("triangle", 0, 0.05), 81: ("triangle", 0, 1),
}  # fmt: skip
FIRST, LAST = 35, 128
STANDARD = "standard"


class Kit(NamedTuple):
    """States of a kit."""

    bank: Any
    ratios: Any
    weights: Any
    table: Any
    now: Any
    random: Any


def _body(name: str, freq: float) -> tuple[Any, Any]:
    """Ratios and weights of a drum's modes."""
    if name == "sheet":
        ratios = plate(MODES, 40.0 if freq > 400 else 55.0)
        over = ratios * freq / 6_500
        weights = over**2 / (1 + over**2 * (0.4 + over)) * np.where((np.arange(MODES) * 0.7548777) % 1 < 0.5, 1, -1)
        return ratios, weights * np.sqrt(0.12 / (weights**2).sum())
    if name == "skin":
        ratios, shapes = body("membrane")
        return ratios, shapes[10] * 1.1
    few = {
        "pure": ([1], [1]),
        "shell": ([1, 1.81], [0.62, 0.4]),
        "stick": ([1, 2.71, 3.53], [0.6, 0.25, 0.3]),
        "cowbell": ([1, 1.493, 2.6, 3.3], [0.5, 0.45, 0.12, 0.1]),
        "rod": ([1, 2.31, 3.47, 4.63, 5.9, 7.7, 9.3, 11.8], [0.2, 0.3, 0.5, 0.4, 0.4, 0.35, 0.3, 0.2]),
        "jingles": ([1, 1.31, 1.77, 2.09, 2.42, 2.86, 3.33, 3.87, 4.4, 5.1], [0.05, 0.1] + [0.14] * 8),
        **BODIES,
    }[name]
    return np.array(few[0]), np.array(few[1])


def layout(kit: str) -> tuple[dict[str, tuple[Any, ...]], dict[int, tuple[str, float, float]]]:
    """[control] Drums of a kit, and the map from its keys to them."""
    if kit == STANDARD:
        return DRUMS, KEYS
    other = KITS[kit]
    borrowed = {key: (f"standard {KEYS[key][0]}", *KEYS[key][1:]) for key in other.borrowed}
    drums = {name: DRUMS[name.removeprefix("standard ")] for name, *_ in borrowed.values()}
    return {**other.drums, **drums}, {**borrowed, **other.keys}


@lru_cache
def tables(kit: str = STANDARD) -> tuple[Any, Any, Any, Any]:
    """[control] Ratios and weights (drums, modes), the table of drums, and the table of keys: drum, semitones, factor.

    An unmapped key has drum -1.
    """
    drums, played = layout(kit)
    ratios, weights = np.zeros((2, len(drums), MODES), np.float32)
    rows = []
    for i, (name, *row) in enumerate(drums.values()):
        r, w = _body(name, row[FREQ])
        ratios[i, : len(r)], weights[i, : len(w)] = r, w
        rows.append([*row, -(-len(r) // 16) * 16, 1.0])
    names = list(drums)
    keys = np.full((LAST - FIRST + 1, 3), -1, np.float32)
    for key, (drum, *rest) in played.items():
        keys[key - FIRST] = names.index(drum), *rest
    return ratios, weights, np.array(rows, np.float32), keys


@inline
def start(kit, drum, velocity, semitones, length, sample_rate):
    """Strikes a drum: sets its pitch, its decay and the excitation of its modes."""
    table, now = kit.table, kit.now
    freq = table[drum, FREQ] * exp2(semitones * 0.08333333)
    now[drum, TUNE] = freq
    now[drum, LENGTH] = length
    now[drum, AWAKE] = 1.0
    now[drum, VELOCITY] = velocity
    now[drum, PITCH] = velocity
    now[drum, FORCE] = velocity * table[drum, PUSH]
    now[drum, RATTLE] = velocity
    now[drum, LEFT] = table[drum, BURSTS]
    now[drum, TIMER] = table[drum, SPACING] * sample_rate
    now[drum, LOUD] = np.sqrt(41.4 / (table[drum, PUSH_TIME] * sample_rate))
    now[drum, PITCH_FALL] = fall(table[drum, SWEEP_TIME], sample_rate)
    now[drum, FORCE_FALL] = fall(table[drum, PUSH_TIME], sample_rate)
    now[drum, RATTLE_FALL] = fall(table[drum, HISS_TIME] * length, sample_rate)
    now[drum, BURST_FALL] = fall(2.5 * table[drum, SPACING] + 0.001, sample_rate)
    filtered(kit, drum, sample_rate)
    bright = table[drum, BRIGHT] * (0.3 + 0.7 * velocity)
    for k in range(MODES):
        place = freq * kit.ratios[drum, k]
        over = place / bright
        gain = kit.weights[drum, k] * audible(place, sample_rate) / (1.0 + over * over)
        store(kit.bank, at(kit.bank, GAIN, drum) + k, gain)
    pitch(kit, drum, sample_rate)
    strike(kit.bank, drum, velocity * table[drum, STRIKE])


@inline
def filtered(kit, drum, sample_rate):
    """Precomputes the fixed filter of a drum's noise, so that `sound` needs one multiplication per coefficient."""
    table, now = kit.table, kit.now
    n, d = prewarp(table[drum, CORNER], sample_rate)
    q = table[drum, Q]
    g = n / d
    now[drum, WARPED] = g
    now[drum, DRIVE] = q / (q * (g * g + 1.0) + g)
    now[drum, HISSES] = table[drum, HISS] * density(sample_rate)
    alone = table[drum, BAND] > 0.5
    now[drum, OF_NOISE] = 0.0 if alone else 1.0
    now[drum, OF_BAND] = 1.5 / np.sqrt(q) if alone else -1.0 / q
    now[drum, OF_LOW] = 0.0 if alone else -1.0


@inline
def pitch(kit, drum, sample_rate):
    """Tunes a drum to the current position of its sweep."""
    table, now = kit.table, kit.now
    bent = now[drum, TUNE] * exp2(table[drum, SWEEP] * now[drum, PITCH] * 0.08333333)
    loss = 1.0 / (table[drum, DECAY] * now[drum, LENGTH])
    modes = np.int64(table[drum, COUNT])
    tune(kit.bank, kit.ratios, drum * MODES, drum, modes, bent, loss, table[drum, DAMPING], sample_rate)


@inline
def sound(kit, drum, looks, sample_rate):
    """One frame of an active drum."""
    table, now = kit.table, kit.now
    if looks and now[drum, PITCH] > 1e-4 and table[drum, SWEEP] != 0.0:
        pitch(kit, drum, sample_rate)
    now[drum, PITCH] = settled(now[drum, PITCH] * now[drum, PITCH_FALL])
    kit.random[drum] = shuffle(kit.random[drum])
    loud = now[drum, LOUD] * clamp(1.0 - 2.0 * now[drum, ENERGY], 0.0, 1.0)
    push = burst(kit.random[drum], now[drum, FORCE] * loud)
    now[drum, FORCE] = settled(now[drum, FORCE] * now[drum, FORCE_FALL])
    total, energy = ring(kit.bank, drum, np.int64(table[drum, COUNT]), push, np.float32(1.0))
    now[drum, ENERGY] = energy
    # The last burst decays over its full time, earlier ones within the spacing.
    many = now[drum, LEFT] > 0.5
    now[drum, TIMER] -= 1.0
    again = many & (now[drum, TIMER] <= 0.0)
    now[drum, LEFT] -= 1.0 if again else 0.0
    now[drum, TIMER] = table[drum, SPACING] * sample_rate if again else now[drum, TIMER]
    now[drum, RATTLE] = now[drum, VELOCITY] if again else now[drum, RATTLE]
    falls = now[drum, BURST_FALL] if now[drum, LEFT] > 0.5 else now[drum, RATTLE_FALL]
    hiss = burst(kit.random[drum], now[drum, RATTLE] * now[drum, HISSES])
    now[drum, RATTLE] = settled(now[drum, RATTLE] * falls)
    g, one, two = now[drum, WARPED], now[drum, CHARGE1], now[drum, CHARGE2]
    band = now[drum, DRIVE] * (g * (hiss - two) + one)
    low = two + g * band
    now[drum, CHARGE1] = settled(2.0 * band - one)
    now[drum, CHARGE2] = settled(2.0 * low - two)
    if (energy < SILENT) & (now[drum, FORCE] == 0.0) & (now[drum, RATTLE] == 0.0) & (now[drum, LEFT] < 0.5):
        now[drum, AWAKE] = 0.0
        hush(kit.bank, drum)
    noise = now[drum, OF_NOISE] * hiss + now[drum, OF_BAND] * band + now[drum, OF_LOW] * low
    return table[drum, LEVEL] * (total + noise)
