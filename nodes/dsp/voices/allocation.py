"""Voice allocation: free voices, voice stealing, and the key stack of monophonic modes."""

from __future__ import annotations

from graph import helper
from nodes.dsp.voices.voices import (
    CHANNEL,
    GATE,
    HELD,
    KEY,
    KEYS,
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


@helper(double=True)
def choose(memory, time, key, channel):
    """[audio] Voice for a new note: the one already sounding this key; else one that has never played; else the one
    silent longest; else the one whose key has been up longest, held by a pedal; else the oldest.
    """
    best = 0
    lowest = 4 * _CLASS
    for voice in range(memory.now.shape[1]):
        note = memory.notes[voice]
        here = note[WANT + GATE] > 0 or note[RELEASE_FRAME] == time
        if note[STRUCK] == 0:
            rank = 0
        elif here and note[KEY] == key and note[CHANNEL] == channel:
            rank = -1
        elif note[WANT + GATE] == 0:
            rank = _CLASS + int(note[RELEASED])
        elif note[HELD] == 0:
            rank = 2 * _CLASS + int(note[LIFTED])
        else:
            rank = 3 * _CLASS + int(note[STRUCK])
        if rank < lowest:
            best = voice
            lowest = rank
    return best


@helper(double=True)
def is_note(note, key, channel, note_id):
    """[audio] Whether this is the note in question; an id of 0 matches any."""
    same = note[NOTE_ID] == note_id or note_id == 0 or note[NOTE_ID] == 0
    return same and note[KEY] == key and note[CHANNEL] == channel


@helper(double=True)
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


@helper(double=True)
def forget(memory, key, channel, note_id, whole_channel):
    """[audio] Removes a key, or all keys of a channel, from the stack."""
    kept = 0
    for i in range(memory.flags[KEYS]):
        entry = memory.stack[i]
        if not (is_note(entry, key, channel, note_id) or (whole_channel and reaches(memory, channel, entry[CHANNEL]))):
            for column in range(4):
                memory.stack[kept, column] = entry[column]
            kept += 1
    memory.flags[KEYS] = kept


@helper(double=True)
def top(memory, priority):
    """[audio] Stack index of the key that should sound."""
    best = memory.flags[KEYS] - 1
    for i in range(memory.flags[KEYS]):
        higher = memory.stack[i, KEY] - memory.stack[best, KEY]
        if (priority == HIGH and higher > 0) or (priority == LOW and higher < 0):
            best = i
    return best


@helper(double=True)
def allocate(memory, time, rate, mode, priority, glide, on, whole_channel, key, channel, note_id, velocity):
    """[audio] Handles a key press or release, or the release of all keys of a channel."""
    voices = memory.now.shape[1]
    if mode != POLY:
        forget(memory, key, channel, 0 if on else note_id, whole_channel)
    if not on:
        for voice in range(voices):
            note = memory.notes[voice]
            if is_note(note, key, channel, note_id) or (whole_channel and reaches(memory, channel, note[CHANNEL])):
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
        for voice in range(first, voices if mode == UNISON else first + 1):
            start(memory, time, rate, voice, memory.stack[sounding], detached, glide)
