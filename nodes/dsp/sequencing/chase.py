"""A jump within a MIDI file: what still matters of the events before the place is sent there, in their order.

`graph.midi.chase` says how long each event matters, and keeps a list of those that do at every 256th place. So a
jump costs as much in a file of a million events as in a short one, and allocates nothing. What a full cable does
not take comes in the next block, before anything that is due then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, helper
from graph.memory.events import CAPACITY, KEY_PRESSURE
from graph.midi.chase import EVERY, chased, snapshots
from nodes.dsp.sequencing.song import KIND, give, note_sounding

CURSOR = 3
PLACE, AT, ROUND = range(CURSOR)
"""Of what is being sent: the place that it is for, -1 for none; how much of it was sent; whether what the round
before has left goes first."""


def chase_tables(score: Mapping[str, Any]) -> Mapping[str, Any]:
    """[control] The tables of a score's events in the order of their frames, and of their beats."""
    until = chased(score["events"], np.floor(score["times"] + 0.5))
    until_by_beat = chased(score["by_beat"], score["beats"])
    lasting, lists = snapshots(until)
    lasting_by_beat, lists_by_beat = snapshots(until_by_beat)
    first = {"until": until, "lasting": lasting, "lists": lists}
    return first | {
        "until_by_beat": until_by_beat, "lasting_by_beat": lasting_by_beat, "lists_by_beat": lists_by_beat
    }  # fmt: skip


@helper(double=True)
def begin_chase(cursor, place):
    """[audio] From here on what matters at this place is to be sent."""
    cursor[PLACE] = place[1]
    cursor[AT] = 0
    cursor[ROUND] = 1 if place[2] > 0 else 0


@helper(double=True)
def chase(out, tables, cursor, sounding, frame, notes):
    """[audio] Sends what is left to be sent; True once all was.

    tables   the events, until when each matters, those that matter at every 256th place, and where each list begins
    """
    events, until, lasting, lists = tables
    while cursor[PLACE] >= 0:
        place = cursor[PLACE] if cursor[ROUND] == 0 else events.shape[0]
        snapshot = place // EVERY
        begin = lists[snapshot]
        listed = lists[snapshot + 1] - begin
        while cursor[AT] < listed + place - snapshot * EVERY:
            if out.count[0] >= CAPACITY:
                return False
            at = cursor[AT]
            event = lasting[begin + at] if at < listed else snapshot * EVERY + at - listed
            cursor[AT] += 1
            kind = events[event, KIND]
            note = kind in (NOTE_ON, NOTE_OFF, KEY_PRESSURE)
            if until[event] >= place and (notes != 0 or not note):
                note_sounding(sounding, events[event])
                give(out, events[event], frame)
        cursor[AT] = 0
        if cursor[ROUND] != 0:
            cursor[ROUND] = 0
        else:
            cursor[PLACE] = -1
    return True
