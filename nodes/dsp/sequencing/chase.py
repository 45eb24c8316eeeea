"""Event chasing after a jump within a MIDI file: sends the earlier events that are still in effect, in order.

`graph.midi.chase` computes how long each event is in effect, and a list of those in effect at every 256th event. So a
jump costs as much in a file of a million events as in a short one, and allocates nothing. Events that do not fit on
the cable are sent in the next block, before any that are due then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import CAPACITY, KEY_PRESSURE, NOTE_OFF, NOTE_ON, inline
from graph.midi import EVERY, chased, snapshots
from nodes.dsp.sequencing.sequence import EARLY
from nodes.dsp.sequencing.song import KIND, give, note_sounding, silence

CURSOR = 4
PLACE, AT, ROUND, TIME = range(CURSOR)
"""Items of the cursor: target position, -1 for none; number of events sent; whether leftovers of the previous pass go
first; time of the position within the file, in the unit of the events."""


def chase_tables(score: Mapping[str, Any]) -> Mapping[str, Any]:
    """[control] The chase tables of a score's events, in their order."""
    until = chased(score["events"])
    lasting, lists = snapshots(until)
    return {"until": until.astype(np.int32), "lasting": lasting, "lists": lists}


@inline(double=True)
def begin_chase(cursor, place, time, length):
    """[audio] Starts sending the events in effect at a position."""
    cursor[PLACE] = place[1]
    cursor[AT] = 0.0
    cursor[ROUND] = 1.0 if place[2] > 0 else 0.0
    cursor[TIME] = time - place[2] * length


@inline(double=True)
def begin_again(out, place, cursor, sounding, frame):
    """[audio] Ends all sounding notes and moves to the first event, without chasing."""
    silence(out, sounding, frame)
    place[:] = 0
    cursor[PLACE] = -1.0


@inline(double=True)
def chase(out, tables, cursor, sounding, frame, notes):
    """[audio] Sends the remaining events; True when all are sent.

    tables   times and events, how long each is in effect, the lists of every 256th event, and the start of each list
    """
    times, events, until, lasting, lists = tables
    count = events.shape[0]
    while cursor[PLACE] >= 0.0:
        place = int(cursor[PLACE]) if cursor[ROUND] == 0.0 else count
        snapshot = place // EVERY
        begin = lists[snapshot]
        listed = lists[snapshot + 1] - begin
        while cursor[AT] < listed + place - snapshot * EVERY:
            if out.count[0] >= CAPACITY:
                return False
            at = int(cursor[AT])
            event = lasting[begin + at] if at < listed else snapshot * EVERY + at - listed
            cursor[AT] += 1.0
            kind = events[event, KIND]
            note = kind in (NOTE_ON, NOTE_OFF, KEY_PRESSURE)
            last = until[event]
            over = note and last < count and times[last] <= cursor[TIME] + EARLY
            if last >= place and not over and (notes != 0 or not note):
                note_sounding(sounding, events[event])
                give(out, events[event], frame)
        cursor[AT] = 0.0
        if cursor[ROUND] != 0.0:
            cursor[ROUND] = 0.0
        else:
            cursor[PLACE] = -1.0
    return True
