"""A jump within a MIDI file: what still matters of the events before the place is sent there, in their order.

`graph.midi.chase` says how long each event matters, and keeps a list of those that do at every 256th place. So a
jump costs as much in a file of a million events as in a short one, and allocates nothing. What a full cable does
not take comes in the next block, before anything that is due then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph import CAPACITY, KEY_PRESSURE, NOTE_OFF, NOTE_ON, inline
from graph.midi import EVERY, chased, snapshots
from nodes.dsp.sequencing.sequence import EARLY
from nodes.dsp.sequencing.song import KIND, give, note_sounding, silence

CURSOR = 4
PLACE, AT, ROUND, TIME = range(CURSOR)
"""Of what is being sent: the place that it is for, -1 for none; how much of it was sent; whether what the round
before has left goes first; the time of the place within the file, in the unit of the events."""


def chase_tables(score: Mapping[str, Any]) -> Mapping[str, Any]:
    """[control] The tables of a score's events in the order of their frames, and of their beats."""
    until, until_by_beat = chased(score["events"]), chased(score["by_beat"])
    lasting, lists = snapshots(until)
    lasting_by_beat, lists_by_beat = snapshots(until_by_beat)
    first = {"until": until, "lasting": lasting, "lists": lists}
    return first | {
        "until_by_beat": until_by_beat, "lasting_by_beat": lasting_by_beat, "lists_by_beat": lists_by_beat
    }  # fmt: skip


@inline(double=True)
def begin_chase(cursor, place, time, length):
    """[audio] From here on what matters at this place is to be sent."""
    cursor[PLACE] = place[1]
    cursor[AT] = 0.0
    cursor[ROUND] = 1.0 if place[2] > 0 else 0.0
    cursor[TIME] = time - place[2] * length


@inline(double=True)
def begin_again(out, place, cursor, sounding, frame):
    """[audio] Ends what sounds and goes to the first event; nothing before it matters."""
    silence(out, sounding, frame)
    place[:] = 0
    cursor[PLACE] = -1.0


@inline(double=True)
def chase(out, tables, cursor, sounding, frame, notes):
    """[audio] Sends what is left to be sent; True once all was.

    tables   times and events, until when each matters, those that do at every 256th place, where each list begins
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
