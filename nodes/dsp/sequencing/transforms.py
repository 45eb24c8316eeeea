"""Bookkeeping of note transforms: the output note of each key, and the keys that hold each output note.

A note-off always ends the note its note-on started, however the transform has changed since.
"""

from __future__ import annotations

import numpy as np

from graph import ALL_NOTES_OFF, ALL_SOUND_OFF, CONTROL, NOTE_OFF, NOTE_ON, emit, inline

KEYS = 2048
"""Size of a table of the keys of all channels."""


@inline(double=True)
def place_of(channel, number):
    """[audio] Index of a key in such a table; microtonal keys share the nearest one's."""
    return (channel & 15) * 128 + int(min(max(np.floor(number + 0.5), 0.0), 127.0))


@inline(double=True)
def ends_all(event):
    """[audio] Whether this controller ends all notes of its channel."""
    return event.kind == CONTROL and (event.number == ALL_NOTES_OFF or event.number == ALL_SOUND_OFF)


@inline(double=True)
def forget(table, channel, nothing):
    """[audio] Clears the keys of a channel."""
    for key in range(128):
        table[(channel & 15) * 128 + key] = nothing


@inline(double=True)
def draw_number(clock, counts, event, apart):
    """[audio] Index of a note's random draw: from its beat, to 1/96, and its key if `apart`; without a clock, the
    count in `counts[0]`."""
    frame = min(max(event.frame, 0), clock.tempo.shape[0] - 1)
    if clock.tempo[frame] <= 0.0:
        return float(counts[0])
    key = place_of(event.channel, event.number) if apart else 0
    return np.floor(clock.beat[frame] * 96.0 + 0.5) * 2048.0 + key


@inline(double=True)
def copy(out, event):
    """[audio] Outputs an event unchanged."""
    emit(out, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)


@inline(double=True)
def sounds(held, at, kind):
    """[audio] Counts the holders of a note; True if this event is to be output: every note-on, and the last
    note-off."""
    held[at] = held[at] + 1 if kind == NOTE_ON else max(held[at] - 1, 0)
    return kind == NOTE_ON or held[at] == 0


@inline(double=True)
def begin(out, held, event, number, value):
    """[audio] Starts a note under its output number; `held` counts the keys that hold it."""
    held[place_of(event.channel, number)] += 1
    emit(out, event.frame, NOTE_ON, event.channel, event.note_id, number, value)


@inline(double=True)
def finish(out, held, event, number, known):
    """[audio] Releases one holder of a note (if `known`); the last one ends the note."""
    at = place_of(event.channel, number)
    held[at] -= 1 if known and held[at] > 0 else 0
    if held[at] == 0:
        value = 0.5 if event.kind == NOTE_ON else event.value
        emit(out, event.frame, NOTE_OFF, event.channel, event.note_id, number, value)


@inline(double=True)
def folded(number):
    """[audio] Key number folded into 0 .. 127 by octaves."""
    number = number if number >= 0.0 else number + 12.0 * np.ceil(-number / 12.0)
    return number if number <= 127.0 else number - 12.0 * np.ceil((number - 127.0) / 12.0)
