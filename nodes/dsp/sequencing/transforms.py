"""What changes notes on their way keeps: which note each key has become, and who still holds a note.

So a note ends as what it began as, however much the transform was turned meanwhile.
"""

from __future__ import annotations

import numpy as np

from graph import ALL_NOTES_OFF, ALL_SOUND_OFF, CONTROL, NOTE_OFF, NOTE_ON, emit, helper

KEYS = 2048
"""Places in a table of the keys of all channels."""


@helper(double=True)
def place_of(channel, number):
    """[audio] Where a key stands in such a table; microtuned ones stand with the nearest."""
    return (channel & 15) * 128 + int(min(max(np.floor(number + 0.5), 0.0), 127.0))


@helper(double=True)
def ends_all(event):
    """[audio] Whether this controller ends all notes of its channel."""
    return event.kind == CONTROL and (event.number == ALL_NOTES_OFF or event.number == ALL_SOUND_OFF)


@helper(double=True)
def forget(table, channel, nothing):
    """[audio] Clears the keys of a channel."""
    for key in range(128):
        table[(channel & 15) * 128 + key] = nothing


@helper(double=True)
def copy(out, event):
    """[audio] An event as it is."""
    emit(out, event.frame, event.kind, event.channel, event.note_id, event.number, event.value)


@helper(double=True)
def sounds(held, at, kind):
    """[audio] Counts who holds a note; whether this beginning or end is heard: every beginning, and the last end."""
    held[at] = held[at] + 1 if kind == NOTE_ON else max(held[at] - 1, 0)
    return kind == NOTE_ON or held[at] == 0


@helper(double=True)
def begin(out, held, event, number, value):
    """[audio] A note begins as another key; `held` counts the keys that hold it."""
    held[place_of(event.channel, number)] += 1
    emit(out, event.frame, NOTE_ON, event.channel, event.note_id, number, value)


@helper(double=True)
def finish(out, held, event, number, known):
    """[audio] One that held a note lets it go (if it did, as far as is known); it ends with the last."""
    at = place_of(event.channel, number)
    held[at] -= 1 if known and held[at] > 0 else 0
    if held[at] == 0:
        value = 0.5 if event.kind == NOTE_ON else event.value
        emit(out, event.frame, NOTE_OFF, event.channel, event.note_id, number, value)


@helper(double=True)
def folded(number):
    """[audio] A key brought back into 0 .. 127 by octaves."""
    number = number if number >= 0.0 else number + 12.0 * np.ceil(-number / 12.0)
    return number if number <= 127.0 else number - 12.0 * np.ceil((number - 127.0) / 12.0)
