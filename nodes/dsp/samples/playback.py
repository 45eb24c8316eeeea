"""Sample playback with three players per layer of a voice: the note, its release sample, and a stolen note."""

from __future__ import annotations

import numpy as np

from graph import bits_to_float, float_to_bits, inline
from nodes.dsp.delays.fractional import weigh
from nodes.dsp.math.functions import exp2, log2
from nodes.dsp.math.random import shuffle, uniform
from nodes.dsp.samples.zones import (
    COPIES,
    FADE_IN,
    FADE_OUT,
    FALL,
    GAIN,
    GROUP,
    HIGH_CHANCE,
    HIGH_KEY,
    HIGH_VELOCITY,
    LEFT,
    LENGTH,
    LOOP,
    LOW_CHANCE,
    LOW_KEY,
    LOW_VELOCITY,
    OFF_BY,
    OFFSET,
    ONE_SHOT,
    POSITION,
    RELEASES,
    RIGHT,
    SEQUENCE,
    SHRINKS,
    START,
    STEP,
    TRACK,
    TURN,
)

MAIN, AFTER, STOLEN = range(3)

SILENT = 1e-4
"""Level (-80 dB) at which a fading player ends."""


@inline(double=True)
def fits(row, freq, velocity, releases):
    """Whether a zone plays this note. Keys extend half a semitone and velocities half a step beyond their limits."""
    key = 69.0 + 12.0 * np.float64(log2(np.float32(freq / 440.0)))
    step = 127.0 * velocity
    found = row[LOW_KEY] - 0.5 <= key and key < row[HIGH_KEY] + 0.5
    found = found and row[LOW_VELOCITY] - 0.5 <= step and step < row[HIGH_VELOCITY] + 0.5
    return found and (row[RELEASES] > 0.0) == releases


@inline(double=True)
def loudness(row, velocity):
    """The gain of a zone at a velocity: equal-power crossfades, and velocity tracking of 40 dB per decade at 100 %."""
    step = 127.0 * velocity
    up = (step - row[FADE_IN]) / max(row[FADE_IN + 1] - row[FADE_IN], 1e-3)
    down = (row[FADE_OUT + 1] - step) / max(row[FADE_OUT + 1] - row[FADE_OUT], 1e-3)
    power = min(max(up, 0.0), 1.0) * min(max(down, 0.0), 1.0)
    tracked = exp2(np.float32(row[TRACK]) * log2(np.float32(max(velocity, 1e-3)))) if row[TRACK] != 0.0 else 1.0
    return np.float32(np.sqrt(power)) * np.float32(tracked)


@inline
def strike(block, voice, freq, velocity, releases, quick):
    """Starts the zones of a note, or of its release, on the voice's players; their previous sound fades out."""
    table = block.table
    layers = block.zone.shape[0] // 3
    first = AFTER * layers if releases else MAIN * layers
    block.random[0] = shuffle(block.random[0])
    chance = 0.5 + 0.5 * uniform(block.random[0])
    layer = 0
    for zone in range(table.shape[0]):
        row = table[zone]
        if fits(row, freq, velocity, releases):
            turn = block.turns[zone]
            block.turns[zone] = turn + 1
            drawn = row[LOW_CHANCE] <= chance and (chance < row[HIGH_CHANCE] or row[HIGH_CHANCE] >= 1.0)
            if drawn and turn % np.int64(row[SEQUENCE]) == np.int64(row[POSITION]) and layer < layers:
                choke(block, row[GROUP], voice, first, first + layer, quick)
                begin(block, first + layer, voice, zone, loudness(row, velocity), quick)
                layer += 1
    if not releases:
        for rest in range(layer, layers):
            begin(block, first + rest, voice, 0, np.float32(0.0), quick)


@inline
def choke(block, group, voice, first, last, quick):
    """Ends the zones that this group turns off, except on the players `first` up to `last` of this voice."""
    if group != 0.0:
        for other in range(block.voices):
            for player in range(block.zone.shape[0]):
                spared = other == voice and first <= player < last
                if not spared and block.table[block.zone[player, other], OFF_BY] == group:
                    block.fall[player, other] = min(block.fall[player, other], quick)


@inline
def begin(block, player, voice, zone, loud, quick):
    """Starts a player at the start of a zone, or with silence; its previous sound fades out."""
    layers = block.zone.shape[0] // 3
    stolen = STOLEN * layers + player % layers
    if block.level[player, voice] > block.level[stolen, voice]:
        block.zone[stolen, voice] = block.zone[player, voice]
        block.place[stolen, voice] = block.place[player, voice]
        block.level[stolen, voice] = block.level[player, voice]
        block.fall[stolen, voice] = quick
    block.zone[player, voice] = zone
    block.place[player, voice] = block.table[zone, OFFSET]
    block.level[player, voice] = loud
    block.fall[player, voice] = 1.0


@inline
def release(block, voice, seconds):
    """Releases the note's players: 60 dB in `seconds`, or in the zone's own time; one-shots keep playing."""
    for player in range(block.zone.shape[0] // 3):
        row = block.table[block.zone[player, voice]]
        if row[ONE_SHOT] == 0.0:
            own = np.float32(row[FALL]) if row[FALL] > 0.0 else seconds
            fall = exp2(-9.965784 / (own * block.sample_rate))
            block.fall[player, voice] = min(block.fall[player, voice], fall)


@inline
def copy(row, freq):
    """The band-limited copy that a zone (a row of the table) plays at `freq`, and the crossfade into the next one.

    The crossfade starts where the bandwidth of the copy reaches half the sample rate, and ends before aliases
    fall to five sixths of that.
    """
    count = np.int64(row[COPIES])
    up = np.float32(np.float64(freq) * row[STEP] * 0.5)
    square = up * up
    bits = float_to_bits(square if square > 1.0 else np.float32(1.0))
    which = np.int64(bits >> np.uint32(23)) - 127
    part = 2.5 * (bits_to_float(np.uint32((bits & np.uint32(0x7FFFFF)) | np.uint32(0x3F800000))) - 1.0)
    which += 1 if part >= 1.0 else 0
    part = np.float32(0.0) if part >= 1.0 or which >= count - 1 else part
    return min(which, count - 1), part


@inline
def add(block, frame, voice, row, which, place, level):
    """Adds a copy of a recording at `place`, in rows of the first copy, to the output."""
    place = place * SHRINKS[which]
    whole = np.int64(place)
    first = np.uint64(np.int64(row[START + which]) + whole - 3)
    fraction = np.float32(1.0) - np.float32(place - np.float64(whole))
    sides = block.data.shape[1]
    for channel in range(block.width):
        heard = weigh(block.data, channel if channel < sides else sides - 1, first, fraction)
        side = row[LEFT] if channel == 0 else row[RIGHT]
        aside = level * np.float32(side) if block.width == 2 else level
        block.out[frame, channel * block.voices + voice] += aside * heard


@inline
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
