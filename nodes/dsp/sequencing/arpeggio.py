"""Arpeggiator: the held keys, and the orders in which they play."""

from __future__ import annotations

from graph import ALL_NOTES_OFF, ALL_SOUND_OFF, CONTROL, NOTE_OFF, NOTE_ON, helper
from nodes.dsp.math.random import drawn

MODES = (
    "up", "down", "up_down", "down_up", "inclusive", "random", "walk", "played", "chord", "outside_in", "inside_out",
)  # fmt: skip
UP, DOWN, UP_DOWN, DOWN_UP, INCLUSIVE, RANDOM, WALK, PLAYED, CHORD, OUTSIDE_IN, INSIDE_OUT = range(11)

MOST = 32
"""Maximum number of held keys."""
KEY, VELOCITY, ORDER, PRESSED = range(4)
EMPTY = 1000.0
"""Key of an empty slot."""
COUNT, FINGERS, PRESSES, TURN, PLACE = range(5)
"""Items of `counts`: keys held, keys physically down, presses so far, notes played since the first key, position
of the walk."""


@helper(double=True)
def hold(held, counts, event, latch):
    """[audio] Handles an event; True if it is the first key of a new phrase."""
    key = float(int(min(max(event.number + 0.5, 0.0), 127.0)))
    down = event.kind == NOTE_ON
    all_off = event.kind == CONTROL and (event.number == ALL_NOTES_OFF or event.number == ALL_SOUND_OFF)
    first = down and (counts[COUNT] == 0 or (latch and counts[FINGERS] == 0))
    free, mine = -1, -1
    for i in range(MOST):
        if first or all_off:
            held[i, KEY] = EMPTY
        if held[i, KEY] == key:
            mine = i
        elif held[i, KEY] == EMPTY:
            free = i
    if first or all_off:
        counts[COUNT] = 0
        counts[FINGERS] = 0
        counts[TURN] = 0
        counts[PLACE] = 0
    if down and mine < 0 and free >= 0:
        mine = free
        held[mine, KEY] = key
        held[mine, PRESSED] = 0.0
        held[mine, ORDER] = float(counts[PRESSES])
        counts[COUNT] += 1
    if mine >= 0 and (down or event.kind == NOTE_OFF):
        now = 1.0 if down else 0.0
        counts[FINGERS] += int(now - held[mine, PRESSED])
        counts[PRESSES] += int(now)
        held[mine, PRESSED] = now
        held[mine, VELOCITY] = event.value if down else held[mine, VELOCITY]
    return first


@helper(double=True)
def let_go(held, counts):
    """[audio] Drops the latched keys that are no longer down."""
    for i in range(MOST):
        if held[i, PRESSED] == 0.0:
            held[i, KEY] = EMPTY
    counts[COUNT] = counts[FINGERS]


@helper(double=True)
def turn_key(held, counts, mode, octaves, salt, number):
    """[audio] Index of the key to play, -1 for all of them, and its octave offset."""
    count = counts[COUNT] * octaves
    turn, last = counts[TURN], count - 1
    place = turn % count
    chance = drawn(salt, number, 0.0)
    if mode == DOWN:
        place = last - place
    elif mode in (UP_DOWN, DOWN_UP):
        place = turn % max(2 * last, 1)
        place = place if place < count else 2 * last - place
        place = last - place if mode == DOWN_UP else place
    elif mode == INCLUSIVE:
        place = turn % (2 * count)
        place = place if place < count else 2 * count - 1 - place
    elif mode == RANDOM:
        place = int(chance * count)
    elif mode == WALK:
        place = min(counts[PLACE], last) + (0 if turn == 0 else 1 if chance < 0.5 else -1)
        place = min(1, last) if place < 0 else max(last - 1, 0) if place > last else place
        counts[PLACE] = place
    elif mode in (OUTSIDE_IN, INSIDE_OUT):
        place = last - place if mode == INSIDE_OUT else place
        place = place // 2 if place % 2 == 0 else last - place // 2
    elif mode == CHORD:
        return -1, turn % octaves
    by = ORDER if mode == PLAYED else KEY
    before, found = -1.0, 0
    for _ in range(place % counts[COUNT] + 1):
        least = 1e300
        for i in range(MOST):
            if held[i, KEY] < EMPTY and before < held[i, by] < least:
                least, found = held[i, by], i
        before = least
    return found, place // counts[COUNT]
