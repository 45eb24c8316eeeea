"""Voice allocation: free voices, voice stealing, and the key stack of monophonic modes."""

from __future__ import annotations

from graph import inline
from nodes.dsp.voices.voices import (
    CHANNEL,
    COUNT,
    COUNTS,
    FROM_LAST,
    FROM_PITCH,
    GATE,
    HELD,
    KEEPS_LOWEST,
    KEY,
    KEYS,
    LAST_FRAME,
    LAST_PITCH,
    LIFTED,
    NOTE_ID,
    RELEASE_FRAME,
    RELEASED,
    STRENGTH,
    STRUCK,
    WANT,
    lift,
    reaches,
    start,
)

POLY, MONO, LEGATO, UNISON = range(4)
LAST, HIGH, LOW = range(3)

STACK = 128
"""Held keys remembered by a monophonic voice."""

_CLASS = 1 << 48
NO_BASS = 1e9


@inline(double=True)
def choose(memory, time, key, channel):
    """[audio] The voice for a new note: the one that already sounds this key; else one that has never
    played; else the one silent longest; else the one released longest ago and held only by a pedal;
    else the oldest. With `keep_lowest`, the lowest note is stolen last, unless the new one is lower."""
    best = 0
    lowest = 5 * _CLASS
    bass = bass_of(memory) if memory.flags[KEEPS_LOWEST] > 0 else NO_BASS
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        here = note[WANT + GATE] > 0 or note[RELEASE_FRAME] == time
        if note[STRUCK] == 0:
            rank = 0
        elif here and note[KEY] == key and note[CHANNEL] == channel:
            rank = -1
        elif note[WANT + GATE] == 0:
            rank = _CLASS + int(note[RELEASED])
        elif note[KEY] == bass and key > bass:
            rank = 4 * _CLASS + int(note[STRUCK])
        elif note[HELD] == 0:
            rank = 2 * _CLASS + int(note[LIFTED])
        else:
            rank = 3 * _CLASS + int(note[STRUCK])
        if rank < lowest:
            best = voice
            lowest = rank
    return best


@inline(double=True)
def bass_of(memory):
    """[audio] The lowest key whose gate is open."""
    lowest = NO_BASS
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        if note[WANT + GATE] > 0 and note[KEY] < lowest:
            lowest = note[KEY]
    return lowest


@inline(double=True)
def is_note(note, key, channel, note_id):
    """[audio] Whether this is the note with that key, channel and id; an id of 0 matches any."""
    same = note[NOTE_ID] == note_id or note_id == 0 or note[NOTE_ID] == 0
    return same and note[KEY] == key and note[CHANNEL] == channel


@inline(double=True)
def push(memory, key, channel, note_id, velocity):
    """[audio] Pushes a key onto the stack; a full stack drops the oldest."""
    if memory.flags[KEYS] == STACK:
        for i in range(STACK - 1):
            for column in range(4):
                memory.stack[i, column] = memory.stack[i + 1, column]
        memory.flags[KEYS] -= 1
    entry = memory.stack[memory.flags[KEYS]]
    entry[KEY] = key
    entry[CHANNEL] = channel
    entry[NOTE_ID] = note_id
    entry[STRENGTH] = velocity
    memory.flags[KEYS] += 1


@inline(double=True)
def forget(memory, key, channel, note_id, whole_channel, most):
    """[audio] Removes a key, up to `most` times, or all keys of a channel, from the stack."""
    kept = 0
    gone = 0
    for i in range(memory.flags[KEYS]):
        entry = memory.stack[i]
        found = is_note(entry, key, channel, note_id) and gone < most
        if found or (whole_channel and reaches(memory, channel, entry[CHANNEL])):
            gone += 1
        else:
            for column in range(4):
                memory.stack[kept, column] = entry[column]
            kept += 1
    memory.flags[KEYS] = kept


@inline(double=True)
def top(memory, priority):
    """[audio] Stack index of the key that should sound."""
    best = memory.flags[KEYS] - 1
    for i in range(memory.flags[KEYS]):
        higher = memory.stack[i, KEY] - memory.stack[best, KEY]
        if (priority == HIGH and higher > 0) or (priority == LOW and higher < 0):
            best = i
    return best


@inline(double=True)
def allocate(memory, time, rate, mode, priority, glide, on, whole_channel, key, channel, note_id, velocity):
    """[audio] Handles a key press or release, or the release of all keys of a channel."""
    voices = memory.now.shape[1]
    counts = memory.flags[COUNTS] > 0
    if mode != POLY and not (on and counts):
        forget(memory, key, channel, 0 if on else note_id, whole_channel, 1 if counts else STACK)
    if not on:
        for voice in range(voices):
            note = memory.notes[voice]
            if whole_channel and reaches(memory, channel, note[CHANNEL]):
                note[COUNT] = 0
                lift(memory, voice, velocity)
            elif is_note(note, key, channel, note_id):
                note[COUNT] -= 1
                if note[COUNT] <= 0 or not counts:
                    lift(memory, voice, velocity)
    if mode == POLY:
        memory.flags[KEYS] = 0
    if on:
        push(memory, key, channel, note_id, velocity)
    sounding = top(memory, priority)
    pressed = on and sounding == memory.flags[KEYS] - 1
    if pressed or (mode != POLY and memory.flags[KEYS] > 0 and memory.notes[0, HELD] == 0):
        first = choose(memory, time, key, channel) if mode == POLY else 0
        detached = mode != LEGATO or memory.now[GATE, 0] == 0
        glide = 0.0 if mode == LEGATO and detached else glide
        origin = origin_of(memory, time, key) if mode == POLY else -1.0
        new = memory.stack[sounding]
        for voice in range(first, voices if mode == UNISON else first + 1):
            note = memory.notes[voice]
            again = note[HELD] > 0 and is_note(note, new[KEY], new[CHANNEL], 0)
            count = note[COUNT] + 1 if again and mode == POLY else 1
            start(memory, time, rate, voice, new, detached, glide, origin)
            note[COUNT] = count if mode == POLY else times(memory, new[KEY], new[CHANNEL])


@inline(double=True)
def times(memory, key, channel):
    """[audio] How many times the stack contains a key."""
    count = 0
    for i in range(memory.flags[KEYS]):
        if is_note(memory.stack[i], key, channel, 0):
            count += 1
    return count


@inline(double=True)
def origin_of(memory, time, key):
    """[audio] The key from which a note glides: that of the last note before this frame, negative for the voice's own.

    So all notes of a chord glide from the same key.
    """
    played = memory.played
    if played[LAST_FRAME] != time:
        played[FROM_PITCH] = played[LAST_PITCH]
    played[LAST_PITCH], played[LAST_FRAME] = key, time
    return played[FROM_PITCH] if memory.flags[FROM_LAST] > 0 else -1.0
