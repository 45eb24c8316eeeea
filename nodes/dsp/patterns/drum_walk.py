"""Playback of a table of drum hits in a kernel: reading ahead, queueing, and playing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graph import NOTE_OFF, NOTE_ON, emit, inline
from nodes.dsp.patterns.drum_table import (
    AHEAD,
    BAR,
    BEAT,
    CHANCE,
    COUNT,
    DRAWN,
    FIRST,
    KEY,
    LEAN,
    LENGTH,
    SLICES,
    VELOCITY,
)  # fmt: skip

EARLY = 1e-9
"""Rounding tolerance in beats; 0.1 ns at 600 bpm."""

ENTRY, INDEX, TURN, FILL, FILL_INDEX, QUEUED, RUNS = range(7)
ORIGIN, BEFORE, NEXT_DUE, NEXT_OFF = range(4)
DUE, SOUND, LOUD, PLACE = range(4)
QUEUE = 128
MOST = 4096
"""Maximum hits examined per frame."""

NEVER = 1e18
STRAY, LOUDER = 0.012, 0.25
"""Largest deviation of a hit at full `human`: in seconds, and as a fraction of its velocity."""

LONGEST = 0.07
"""Seconds by which the first note of a drag precedes its beat."""


class Walk(NamedTuple):
    """Position in the table, queued hits, the ends of sounding notes, and the seed of all draws."""

    hits: Any
    parts: Any
    place: Any
    song: Any
    queue: Any
    offs: Any
    seed: Any


@inline(double=True)
def dice(seed, hit, turn, side):
    """Random number from 0 to 1, fixed per hit and turn, so it is the same wherever playback starts."""
    x = np.uint32(np.uint32(seed) * np.uint32(0x9E3779B1) + np.uint32(hit) * np.uint32(0x85EBCA77))
    x = np.uint32(x ^ np.uint32(np.uint32(turn) * np.uint32(0xC2B2AE3D)))
    x = np.uint32(x ^ np.uint32(side * np.uint32(0x27D4EB2F)))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B))
    x = np.uint32(x ^ (x >> np.uint32(16)))
    return float(x) * 2.3283064365386963e-10


@inline(double=True)
def part_of_turn(walk):
    """The part played by the current pass: that of the entry, or in random direction a slice drawn by its index."""
    entry, turn = walk.place[ENTRY], walk.place[TURN]
    slices = int(walk.parts[entry, SLICES])
    if slices == 0:
        return entry
    return int(walk.parts[entry, DRAWN]) + int(dice(walk.seed[0], entry, turn, 4) * slices)


@inline(double=True)
def is_over(walk):
    """Whether the current pass has been read to its end and, without a loop, is the last one."""
    part = part_of_turn(walk)
    last = max(int(walk.parts[walk.place[ENTRY], SLICES]), 1) - 1
    return walk.place[INDEX] == int(walk.parts[part, COUNT]) and walk.place[TURN] >= last


@inline(double=True)
def seek(walk, beat, swing, every, loop):
    """Seeks to the first hit and the first fill at or after `beat`."""
    hits, place = walk.hits, walk.place
    part = walk.parts[place[ENTRY]]
    cycle = max(every, 1) * part[BAR]
    since = beat - walk.song[ORIGIN]
    turn = int(max(np.floor((since + EARLY) / part[LENGTH]), 0.0))
    place[TURN] = turn if loop else min(turn, max(int(part[SLICES]), 1) - 1)
    place[INDEX] = 0
    drawn = walk.parts[part_of_turn(walk)]
    first = int(drawn[FIRST])
    while place[INDEX] < int(drawn[COUNT]):
        row = first + place[INDEX]
        if hits[row, BEAT] + hits[row, LEAN] * swing + place[TURN] * part[LENGTH] >= since - EARLY:
            break
        place[INDEX] += 1
    place[FILL] = int(max(np.floor((since + EARLY) / cycle), 0.0))
    place[FILL_INDEX] = 0


@inline(double=True)
def queue_hit(walk, row, nominal, turn, beat, tempo, human, begun):
    """Queues a hit, or drops it by its probability. `begun`: playback starts at this frame."""
    hits, song, queue, seed = walk.hits, walk.song, walk.queue, walk.seed[0]
    chosen = hits[row, CHANCE] >= 1.0 or dice(seed, row, turn, 1) < hits[row, CHANCE]
    late = begun and hits[row, AHEAD] > 0.0
    if chosen and not late and walk.place[QUEUED] < QUEUE:
        stray = human * STRAY * (2.0 * dice(seed, row, turn, 2) - 1.0)
        louder = 1.0 + human * LOUDER * (2.0 * dice(seed, row, turn, 3) - 1.0)
        due = max(nominal + (stray - hits[row, AHEAD]) * tempo / 60.0, beat)
        at = walk.place[QUEUED]
        queue[at, DUE] = due
        queue[at, SOUND] = hits[row, KEY]
        queue[at, LOUD] = min(max(hits[row, VELOCITY] * louder, 0.01), 1.0)
        queue[at, PLACE] = nominal
        walk.place[QUEUED] += 1
        song[NEXT_DUE] = min(song[NEXT_DUE], due)


@inline(double=True)
def take(walk, counts, beat, swing, tempo, human, every, loop, begun):
    """Queues the hits due soon: those of the pattern, or of the fill where there is one."""
    hits, parts, place = walk.hits, walk.parts, walk.place
    part = parts[place[ENTRY]]
    cycle = max(every, 1) * part[BAR]
    origin, fills, endless = walk.song[ORIGIN], counts[1], loop and (part[COUNT] > 0.0 or part[SLICES] > 0.0)
    until = beat + EARLY + (human * STRAY + LONGEST) * tempo / 60.0 - origin
    for _ in range(MOST):
        drawn = parts[part_of_turn(walk)]
        if place[INDEX] == int(drawn[COUNT]) and (endless or not is_over(walk)):
            place[INDEX] = 0
            place[TURN] += 1
            drawn = parts[part_of_turn(walk)]
        row, turn, nominal, taken = 0, place[TURN], NEVER, False
        if place[INDEX] < int(drawn[COUNT]):
            row = int(drawn[FIRST]) + place[INDEX]
            straight = hits[row, BEAT] + turn * part[LENGTH]
            nominal = straight + hits[row, LEAN] * swing
            taken = True
            if fills > 0:
                of = int(np.floor((straight + EARLY) / cycle))
                taken = straight < (of + 1) * cycle - parts[counts[0] + of % fills, LENGTH] - EARLY
        if nominal <= until:
            place[INDEX] += 1
        elif fills > 0:
            turn = place[FILL]
            fill = parts[counts[0] + turn % fills]
            end = (turn + 1) * cycle
            if place[FILL_INDEX] == int(fill[COUNT]):
                if end > until:
                    break
                place[FILL] += 1
                place[FILL_INDEX] = 0
                taken = False
            else:
                row = int(fill[FIRST]) + place[FILL_INDEX]
                nominal = end - fill[LENGTH] + hits[row, BEAT] + hits[row, LEAN] * swing
                if nominal > until or (not loop and end > part[LENGTH] * max(part[SLICES], 1.0) + EARLY):
                    break
                taken = not begun or origin + nominal >= beat - EARLY
                place[FILL_INDEX] += 1
        else:
            break
        if taken:
            queue_hit(walk, row, origin + nominal, turn, beat, tempo, human, begun)


@inline(double=True)
def turn_to(walk, entry, beat, swing, every, loop):
    """Switches to another part at `beat`: the chain keeps its position in the song, a single pattern starts with the
    bar."""
    place, song, queue = walk.place, walk.song, walk.queue
    bar = walk.parts[entry, BAR]
    place[ENTRY] = entry
    song[ORIGIN] = 0.0 if entry == 0 else max(np.floor((beat + EARLY) / bar), 0.0) * bar
    song[NEXT_DUE] = NEVER
    left = 0
    for at in range(place[QUEUED]):
        if queue[at, PLACE] < beat - EARLY:
            for column in range(4):
                queue[left, column] = queue[at, column]
            song[NEXT_DUE] = min(song[NEXT_DUE], queue[left, DUE])
            left += 1
    place[QUEUED] = left
    seek(walk, beat, swing, every, loop)


@inline(double=True)
def follow(walk, out, frame, channel, moved, wanted, beat, swing, every, loop):
    """Relocates where the clock starts, stops or jumps, and switches to the requested part at the next bar.

    After a start, stop or jump every note ends, and the queue is cleared.
    """
    song = walk.song
    to, turns = beat, moved
    if moved:
        for key in range(walk.offs.shape[0]):
            if walk.offs[key] < NEVER:
                walk.offs[key] = NEVER
                emit(out, frame, NOTE_OFF, channel, 0, float(key), 0.5)
        walk.place[QUEUED] = 0
        song[NEXT_OFF] = NEVER
    elif wanted != walk.place[ENTRY]:
        bar = walk.parts[walk.place[ENTRY], BAR]
        now = np.floor((beat - song[ORIGIN] + EARLY) / bar)
        turns = now != np.floor((song[BEFORE] - song[ORIGIN] + EARLY) / bar)
        to = song[ORIGIN] + now * bar
    if turns:
        turn_to(walk, wanted, to, swing, every, loop)
    song[BEFORE] = beat


@inline(double=True)
def play(walk, out, frame, beat, gate, channel):
    """Ends and starts the notes that are due, in the order in which they were queued."""
    place, song, queue, offs = walk.place, walk.song, walk.queue, walk.offs
    if song[NEXT_OFF] <= beat + EARLY:
        song[NEXT_OFF] = NEVER
        for key in range(offs.shape[0]):
            if offs[key] <= beat + EARLY:
                offs[key] = NEVER
                emit(out, frame, NOTE_OFF, channel, 0, float(key), 0.5)
            song[NEXT_OFF] = min(song[NEXT_OFF], offs[key])
    if song[NEXT_DUE] <= beat + EARLY:
        song[NEXT_DUE] = NEVER
        left = 0
        for at in range(place[QUEUED]):
            if queue[at, DUE] <= beat + EARLY:
                key = int(queue[at, SOUND])
                if offs[key] < NEVER:
                    emit(out, frame, NOTE_OFF, channel, 0, float(key), 0.5)
                emit(out, frame, NOTE_ON, channel, 0, float(key), queue[at, LOUD])
                offs[key] = beat + gate
                song[NEXT_OFF] = min(song[NEXT_OFF], offs[key])
            else:
                for column in range(4):
                    queue[left, column] = queue[at, column]
                song[NEXT_DUE] = min(song[NEXT_DUE], queue[left, DUE])
                left += 1
        place[QUEUED] = left
