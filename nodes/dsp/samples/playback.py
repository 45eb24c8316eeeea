"""Sample playback: three players per voice, for the note, its release sample, and a stolen note that fades out."""

from __future__ import annotations

import numpy as np

from graph import bits_float, float_bits, helper
from nodes.dsp.delays.fractional import weigh
from nodes.dsp.math.functions import log2
from nodes.dsp.samples.zones import (
    COPIES,
    GAIN,
    HIGH_KEY,
    HIGH_VELOCITY,
    LENGTH,
    LOOP,
    LOW_KEY,
    LOW_VELOCITY,
    RELEASES,
    SHRINKS,
    START,
    STEP,
    TURN,
)

MAIN, AFTER, STOLEN = range(3)

SILENT = 1e-4
"""Level (-80 dB) at which a fading player ends."""


@helper(double=True)
def choose(table, freq, velocity, releases):
    """Zone of a note, or -1. Keys extend half a semitone and velocities half a step beyond their limits."""
    key = 69.0 + 12.0 * np.float64(log2(np.float32(freq / 440.0)))
    step = 127.0 * velocity
    found = -1
    for zone in range(table.shape[0] - 1, -1, -1):
        row = table[zone]
        fits = row[LOW_KEY] - 0.5 <= key and key < row[HIGH_KEY] + 0.5
        fits = fits and row[LOW_VELOCITY] - 0.5 <= step and step < row[HIGH_VELOCITY] + 0.5
        if fits and (row[RELEASES] > 0.0) == releases:
            found = zone
    return found


@helper
def begin(zone, place, level, fall, player, voice, found, quick):
    """Starts a player at zone `found`, or in silence if -1; its previous sound fades out."""
    if level[player, voice] > level[STOLEN, voice]:
        zone[STOLEN, voice] = zone[player, voice]
        place[STOLEN, voice] = place[player, voice]
        level[STOLEN, voice] = level[player, voice]
        fall[STOLEN, voice] = quick
    zone[player, voice] = found if found >= 0 else 0
    place[player, voice] = 0.0
    level[player, voice] = 1.0 if found >= 0 else 0.0
    fall[player, voice] = 1.0


@helper
def copy(row, freq):
    """Which copy of its recording a zone (a row of the table) plays at `freq`, and the crossfade into the next copy.

    The crossfade begins where the top of the copy reaches half the sample rate, and ends before anything
    aliases down to five sixths of that.
    """
    count = np.int64(row[COPIES])
    up = np.float32(np.float64(freq) * row[STEP] * 0.5)
    square = up * up
    bits = float_bits(square if square > 1.0 else np.float32(1.0))
    which = np.int64(bits >> np.uint32(23)) - 127
    part = 2.5 * (bits_float(np.uint32((bits & np.uint32(0x7FFFFF)) | np.uint32(0x3F800000))) - 1.0)
    which += 1 if part >= 1.0 else 0
    part = np.float32(0.0) if part >= 1.0 or which >= count - 1 else part
    return min(which, count - 1), part


@helper
def add(block, frame, voice, row, which, place, level):
    """Adds a copy of a recording at `place`, in rows of the first copy, to the output."""
    place = place * SHRINKS[which]
    whole = np.int64(place)
    first = np.uint64(np.int64(row[START + which]) + whole - 3)
    fraction = np.float32(1.0) - np.float32(place - np.float64(whole))
    sides = block.data.shape[1]
    for channel in range(block.width):
        heard = weigh(block.data, channel if channel < sides else sides - 1, first, fraction)
        block.out[frame, channel * block.voices + voice] += level * heard


@helper
def read(block, frame, voice, player, freq):
    """Adds the next sample of a player to the output."""
    row = block.table[block.zone[player, voice]]
    place = block.place[player, voice]
    loud = block.level[player, voice] * np.float32(row[GAIN])
    which, part = copy(row, freq)
    add(block, frame, voice, row, which, place, loud - part * loud)
    if part > 0.0:
        add(block, frame, voice, row, which + 1, place, part * loud)
    place += np.float64(freq) * row[STEP]
    level = block.level[player, voice] * block.fall[player, voice]
    if row[LOOP] > 0.0:
        over = place - row[TURN]
        if over >= 0.0:
            place = row[TURN] - row[LOOP] + over % row[LOOP]
    elif place >= row[LENGTH]:
        level = np.float32(0.0)
    block.place[player, voice] = place
    block.level[player, voice] = level if level > SILENT else np.float32(0.0)
