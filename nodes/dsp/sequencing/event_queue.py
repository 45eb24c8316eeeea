"""Events that wait for their time: a queue sorted by when they are due, which never loses the end of a note."""

from __future__ import annotations

from graph import NOTE_OFF, NOTE_ON, emit, helper
from graph.memory.events import CAPACITY

MOST = 512
"""Events that wait; no note begins to wait in the second half, which is left for what ends notes."""
FIELDS = 6
DUE, KIND, CHANNEL, NOTE_ID, NUMBER, VALUE = range(FIELDS)


@helper(double=True)
def wait(queue, size, due, kind, event, number, value):
    """[audio] Puts an event among those that wait, behind what is due at once with it; False if there is no room.

    The last is the next one due, so that taking it moves nothing.
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


@helper(double=True)
def ready(queue, size, now, out):
    """[audio] Whether the next event is due, and the cable has room for it."""
    return size[0] > 0 and queue[size[0] - 1, DUE] <= now and out.count[0] < CAPACITY


@helper(double=True)
def give(queue, size, out, frame):
    """[audio] Gives the next event."""
    size[0] -= 1
    row = queue[size[0]]
    emit(out, frame, int(row[KIND]), int(row[CHANNEL]), int(row[NOTE_ID]), row[NUMBER], row[VALUE])


@helper(double=True)
def bring_forward(queue, size, i, due):
    """[audio] Makes an event due earlier."""
    queue[i, DUE] = due
    while i + 1 < size[0] and queue[i + 1, DUE] > due:
        for j in range(FIELDS):
            kept = queue[i, j]
            queue[i, j] = queue[i + 1, j]
            queue[i + 1, j] = kept
        i += 1


@helper(double=True)
def ends_key(queue, i, channel, number):
    """[audio] Whether a waiting event ends this key."""
    return queue[i, KIND] == NOTE_OFF and queue[i, CHANNEL] == channel and queue[i, NUMBER] == number


@helper(double=True)
def hasten(queue, size, due, channel, number):
    """[audio] What ends a key comes no later than its next beginning at `due`, or it would end that one."""
    i = 0
    while i < size[0]:
        if ends_key(queue, i, channel, number) and queue[i, DUE] > due:
            bring_forward(queue, size, i, due)
        else:
            i += 1


@helper(double=True)
def shorten(queue, size, beats, channel, number):
    """[audio] The end of a key that comes next is due so much earlier."""
    for i in range(size[0] - 1, -1, -1):
        if ends_key(queue, i, channel, number):
            bring_forward(queue, size, i, queue[i, DUE] - beats)
            return


@helper(double=True)
def beginning_waits(queue, size):
    """[audio] Whether a note is among those that wait to begin."""
    found = False
    for i in range(size[0]):
        found = found or queue[i, KIND] == NOTE_ON
    return found
