"""Queue of delayed events, sorted by due time, that never drops a note-off."""

from __future__ import annotations

from graph import CAPACITY, NOTE_OFF, NOTE_ON, emit, inline

MOST = 512
"""Capacity of the queue; its second half is reserved for note-offs."""
FIELDS = 6
DUE, KIND, CHANNEL, NOTE_ID, NUMBER, VALUE = range(FIELDS)


@inline(double=True)
def wait(queue, size, due, kind, event, number, value):
    """[audio] Queues an event, after those due at the same time; False if the queue is full.

    The next event due is the last row, so that removing it moves nothing.
    """
    count = size[0]
    if count == MOST or (kind == NOTE_ON and count >= MOST // 2):
        return False
    at = count
    while at > 0 and queue[at - 1, DUE] <= due:
        for j in range(FIELDS):
            queue[at, j] = queue[at - 1, j]
        at -= 1
    queue[at, DUE] = due
    queue[at, KIND] = kind
    queue[at, CHANNEL] = event.channel
    queue[at, NOTE_ID] = event.note_id
    queue[at, NUMBER] = number
    queue[at, VALUE] = value
    size[0] = count + 1
    return True


@inline(double=True)
def ready(queue, size, now, out):
    """[audio] Whether the next event is due and the output has room for it."""
    return size[0] > 0 and queue[size[0] - 1, DUE] <= now and out.count[0] < CAPACITY


@inline(double=True)
def give(queue, size, out, frame):
    """[audio] Outputs the next event."""
    size[0] -= 1
    row = queue[size[0]]
    emit(out, frame, int(row[KIND]), int(row[CHANNEL]), int(row[NOTE_ID]), row[NUMBER], row[VALUE])


@inline(double=True)
def bring_forward(queue, size, i, due):
    """[audio] Moves an event to an earlier time."""
    queue[i, DUE] = due
    while i + 1 < size[0] and queue[i + 1, DUE] > due:
        for j in range(FIELDS):
            kept = queue[i, j]
            queue[i, j] = queue[i + 1, j]
            queue[i + 1, j] = kept
        i += 1


@inline(double=True)
def ends_key(queue, i, channel, number):
    """[audio] Whether a queued event is the note-off of this key."""
    return queue[i, KIND] == NOTE_OFF and queue[i, CHANNEL] == channel and queue[i, NUMBER] == number


@inline(double=True)
def hasten(queue, size, due, channel, number):
    """[audio] Moves note-offs of a key to `due` at the latest, so that they cannot end the note that starts then."""
    i = 0
    while i < size[0]:
        if ends_key(queue, i, channel, number) and queue[i, DUE] > due:
            bring_forward(queue, size, i, due)
        else:
            i += 1


@inline(double=True)
def shorten(queue, size, beats, channel, number):
    """[audio] Moves the next note-off of a key earlier by `beats`."""
    for i in range(size[0] - 1, -1, -1):
        if ends_key(queue, i, channel, number):
            bring_forward(queue, size, i, queue[i, DUE] - beats)
            return


@inline(double=True)
def beginning_waits(queue, size):
    """[audio] Whether a note-on is queued."""
    found = False
    for i in range(size[0]):
        found = found or queue[i, KIND] == NOTE_ON
    return found
