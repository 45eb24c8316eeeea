"""Arpeggiator: the held keys, and the orders in which they play.

Each note follows from the one before it and the keys held now: the next key above it, below it, or pressed after it. So
when the chord changes, the pattern continues from the note last played, without repeating or skipping one.
"""

from __future__ import annotations

from graph import ALL_NOTES_OFF, ALL_SOUND_OFF, CONTROL, NOTE_OFF, NOTE_ON, RESET_CONTROLLERS, SUSTAIN, inline
from nodes.dsp.math.random import drawn

MODES = (
    "up", "down", "up_down", "down_up", "inclusive", "random", "walk", "played", "chord", "outside_in", "inside_out",
)  # fmt: skip
UP, DOWN, UP_DOWN, DOWN_UP, INCLUSIVE, RANDOM, WALK, PLAYED, CHORD, OUTSIDE_IN, INSIDE_OUT = range(11)

MOST = 32
"""Maximum number of held keys."""
KEY, VELOCITY, ORDER, PRESSED, WAITS = range(5)
"""Items of a held key: number, velocity, press order, whether it is down, and whether no step has passed since."""
EMPTY = 1000.0
"""Key of an empty slot."""
OCTAVE = 1e9
"""Weight of the octave in a note's rank, above any key or press order."""
FINE = 1000.0
"""Parts of a semitone by which keys are ranked."""

COUNTS = 9
COUNT, FINGERS, PRESSES, TURN, DOWNWARD, PEDAL, LAST_KEY, LAST_ORDER, LAST_OCTAVE = range(COUNTS)
"""Keys held, keys physically down, presses so far, notes played since the first key, whether the pattern moves down,
channels whose sustain pedal is down as bits, and the note last played, its key in parts of a semitone."""


@inline(double=True)
def hold(held, counts, event, latch):
    """[audio] Handles an event; True if it is the first key of a new phrase."""
    key = min(max(event.number, 0.0), 127.0)
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
        held[mine, WAITS] = 1.0 if down else held[mine, WAITS]
        held[mine, VELOCITY] = event.value if down else held[mine, VELOCITY]
    return first


@inline(double=True)
def pedal_moves(counts, event):
    """[audio] Follows the sustain pedals of all channels; True if the event is one of theirs."""
    if event.kind != CONTROL or (event.number != SUSTAIN and event.number != RESET_CONTROLLERS):
        return False
    bit = 1 << (event.channel & 15)
    down = event.number == SUSTAIN and event.value >= 0.5
    counts[PEDAL] = counts[PEDAL] | bit if down else counts[PEDAL] & ~bit
    return event.number == SUSTAIN


@inline(double=True)
def let_go(held, counts, all_of_them):
    """[audio] Drops the keys that are no longer down, except, unless `all_of_them`, those that wait for a step."""
    for i in range(MOST):
        if held[i, KEY] < EMPTY and held[i, PRESSED] == 0.0 and (all_of_them or held[i, WAITS] == 0.0):
            held[i, KEY] = EMPTY
            counts[COUNT] -= 1


@inline(double=True)
def tapped_key(held, counts, latch):
    """[audio] Index of the first key that was struck and released since the last step while others are down, or -1.

    It sounds at the next step, out of turn.
    """
    least, found = 1e300, -1
    for i in range(MOST):
        tapped = held[i, KEY] < EMPTY and held[i, PRESSED] == 0.0 and held[i, WAITS] != 0.0
        if tapped and held[i, ORDER] < least and counts[FINGERS] > 0 and not latch:
            least, found = held[i, ORDER], i
    return found


@inline(double=True)
def stepped(held, one):
    """[audio] Updates the keys after a step: no key that is down, nor the one just played, waits for a step."""
    for i in range(MOST):
        if held[i, PRESSED] != 0.0 or one in (i, -1):
            held[i, WAITS] = 0.0


@inline(double=True)
def rank_of(key, order, octave, mode):
    """[audio] Rank of a note among all: by octave, then by key in parts of a semitone, or by press order."""
    return octave * OCTAVE + (order if mode == PLAYED else key)


@inline(double=True)
def fine(key):
    """[audio] A key in parts of a semitone."""
    return int(key * FINE + 0.5)


@inline(double=True)
def next_key(held, counts, mode, octaves, salt, number):
    """[audio] Index of the key to play, -1 for all, and its octave offset. Stores it as the note last played."""
    count = counts[COUNT] * octaves
    turn, last = counts[TURN], count - 1
    if mode == CHORD:
        return -1, turn % octaves
    chance = drawn(salt, number, 0.0)
    rank = rank_of(counts[LAST_KEY], counts[LAST_ORDER], counts[LAST_OCTAVE], mode)
    below, upto = 0, 0
    for i in range(MOST):
        for octave in range(octaves if held[i, KEY] < EMPTY else 0):
            each = rank_of(fine(held[i, KEY]), held[i, ORDER], octave, mode)
            below += 1 if each < rank else 0
            upto += 1 if each <= rank else 0
    if turn == 0:
        below, upto = 0, 0
        counts[DOWNWARD] = 1 if mode in (DOWN, DOWN_UP) else 0
        below = count if counts[DOWNWARD] != 0 else 0
    place = upto % count
    if mode == DOWN:
        place = (below - 1) % count
    elif mode in (UP_DOWN, DOWN_UP, INCLUSIVE):
        place = bounced(counts, below, upto, count, mode)
    elif mode == RANDOM:
        place = int(chance * count)
    elif mode == WALK and turn > 0:
        up = chance < 0.5 if below > 0 and upto < count else below == 0
        place = min(upto, last) if up else below - 1
    elif mode in (OUTSIDE_IN, INSIDE_OUT):
        place = spread(turn_after(below, upto, turn, count, mode), last, mode)
    found = ranked(held, mode, place % counts[COUNT])
    octave = place // counts[COUNT]
    counts[LAST_KEY] = fine(held[found, KEY])
    counts[LAST_ORDER] = int(held[found, ORDER])
    counts[LAST_OCTAVE] = octave
    return found, octave


@inline(double=True)
def bounced(counts, below, upto, count, mode):
    """[audio] The next position of a pattern that reverses at its ends, which `inclusive` plays twice."""
    if counts[DOWNWARD] == 0 and upto == count:
        counts[DOWNWARD] = 1
        return count - 1 if mode == INCLUSIVE else max(below - 1, 0)
    if counts[DOWNWARD] != 0 and below == 0:
        counts[DOWNWARD] = 0
        return 0 if mode == INCLUSIVE else min(upto, count - 1)
    return below - 1 if counts[DOWNWARD] != 0 else upto


@inline(double=True)
def spread(turn, last, mode):
    """[audio] The position of a step that alternates between the lowest and the highest notes."""
    turn = last - turn if mode == INSIDE_OUT else turn
    return turn // 2 if turn % 2 == 0 else last - turn // 2


@inline(double=True)
def turn_after(below, upto, turn, count, mode):
    """[audio] The step after that of the note last played; if it is gone, the next higher note takes its step."""
    if turn == 0:
        return 0
    here = min(below, count - 1)
    for each in range(count):
        if spread(each, count - 1, mode) == here:
            return (each + 1) % count if upto > below else each
    return 0


@inline(double=True)
def ranked(held, mode, place):
    """[audio] Index of the held key of a given rank."""
    by = ORDER if mode == PLAYED else KEY
    before, found = -1.0, 0
    for _ in range(place + 1):
        least = 1e300
        for i in range(MOST):
            if held[i, KEY] < EMPTY and before < held[i, by] < least:
                least, found = held[i, by], i
        before = least
    return found
