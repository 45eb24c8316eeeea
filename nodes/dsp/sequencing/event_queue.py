"""Queue of delayed events, sorted by due time, that never drops a note-off."""

from __future__ import annotations

import numpy as np

from graph import CAPACITY, NOTE_OFF, NOTE_ON, emit, inline

MOST = 512
"""Capacity of the queue; its second half is reserved for note-offs."""

QUEUED = np.dtype(
    [
        ("due", np.float64),
        ("number", np.float64),
        ("value", np.float64),
        ("kind", np.int64),
        ("channel", np.int64),
        ("note_id", np.int64),
    ]
)
"""A queued event; `due` is in the frames or beats of the node that keeps it."""


@inline(double=True)
def wait(queue, size, due, kind, event, number, value):
    """[audio] Queues an event, after those due at the same time; False if the queue is full.

    The next event due is the last row, so that removing it moves nothing.
    """
    count = size[0]
    if count == MOST or (kind == NOTE_ON and count >= MOST // 2):
        return False
    at = count
    while at > 0 and queue[at - 1].due <= due:
        queue[at] = queue[at - 1]
        at -= 1
    row = queue[at]
    row.due, row.number, row.value = due, number, value
    row.kind, row.channel, row.note_id = kind, event.channel, event.note_id
    size[0] = count + 1
    return True


@inline(double=True)
def ready(queue, size, now, out):
    """[audio] Whether the next event is due and the output has room for it."""
    return size[0] > 0 and queue[size[0] - 1].due <= now and out.count[0] < CAPACITY


@inline(double=True)
def give(queue, size, out, frame):
    """[audio] Outputs the next event."""
    size[0] -= 1
    row = queue[size[0]]
    emit(out, frame, row.kind, row.channel, row.note_id, row.number, row.value)


@inline(double=True)
def bring_forward(queue, size, i, due):
    """[audio] Moves an event to an earlier time."""
    row = queue[i]
    number, value, kind, channel, note_id = row.number, row.value, row.kind, row.channel, row.note_id
    while i + 1 < size[0] and queue[i + 1].due > due:
        queue[i] = queue[i + 1]
        i += 1
    row = queue[i]
    row.due, row.number, row.value, row.kind, row.channel, row.note_id = due, number, value, kind, channel, note_id


@inline(double=True)
def ends_key(queue, i, channel, number):
    """[audio] Whether a queued event is the note-off of this key."""
    row = queue[i]
    return row.kind == NOTE_OFF and row.channel == channel and row.number == number


@inline(double=True)
def hasten(queue, size, due, channel, number):
    """[audio] Moves note-offs of a key to `due` at the latest, so that they cannot end the note that starts then."""
    i = 0
    while i < size[0]:
        if ends_key(queue, i, channel, number) and queue[i].due > due:
            bring_forward(queue, size, i, due)
        else:
            i += 1


@inline(double=True)
def shorten(queue, size, beats, channel, number):
    """[audio] Moves the next note-off of a key earlier by `beats`."""
    for i in range(size[0] - 1, -1, -1):
        if ends_key(queue, i, channel, number):
            bring_forward(queue, size, i, queue[i].due - beats)
            return


@inline(double=True)
def beginning_waits(queue, size):
    """[audio] Whether a note-on is queued."""
    found = False
    for i in range(size[0]):
        found = found or queue[i].kind == NOTE_ON
    return found
