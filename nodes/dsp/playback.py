"""Playing recordings: three players a voice, for the note, for its release, and for what fades out beneath them."""

from __future__ import annotations

import numpy as np

from graph import helper
from nodes.dsp.fractional import weigh
from nodes.dsp.functions import log2
from nodes.dsp.zones import (
    GAIN,
    HIGH_KEY,
    HIGH_VELOCITY,
    LENGTH,
    LOOP,
    LOW_KEY,
    LOW_VELOCITY,
    RELEASES,
    START,
    STEP,
)

MAIN, AFTER, STOLEN = range(3)

SILENT = 1e-4
"""-80 dB, where a falling player ends."""


@helper(double=True)
def choose(table, freq, velocity, releases):
    """The zone of a note, or -1: keys reach half a semitone beyond their ends, velocities half a step."""
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
    """Starts a player at the beginning of zone `found`, or of silence; what it played fades out."""
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
def read(block, frame, voice, player, freq):
    """Adds the next sample of a player to the output."""
    row = block.table[block.zone[player, voice]]
    place = block.place[player, voice]
    whole = np.int64(place)
    first = np.uint64(np.int64(row[START]) + whole - 3)
    fraction = np.float32(1.0) - np.float32(place - np.float64(whole))
    loud = block.level[player, voice] * np.float32(row[GAIN])
    sides = block.data.shape[1]
    for channel in range(block.width):
        heard = weigh(block.data, channel if channel < sides else sides - 1, first, fraction)
        block.out[frame, channel * block.voices + voice] += loud * heard
    place += np.float64(freq) * row[STEP]
    level = block.level[player, voice] * block.fall[player, voice]
    if row[LOOP] > 0.0:
        # Four rows past its end, so that all eight points lie in what is joined.
        over = place - (row[LENGTH] + np.float64(4.0))
        if over >= 0.0:
            place = row[LENGTH] + np.float64(4.0) - row[LOOP] + over % row[LOOP]
    elif place >= row[LENGTH]:
        level = np.float32(0.0)
    block.place[player, voice] = place
    block.level[player, voice] = level if level > SILENT else np.float32(0.0)
