"""[control] Computes the playing order of events within a frame, as a kernel over all events of a file."""

from __future__ import annotations

import numpy as np

from graph.memory.events import ALL_NOTES_OFF, ALL_SOUND_OFF, CONTROL, NOTE_OFF, NOTE_ON, PACKED_TIMED_EVENT
from graph.native.functions import inline, view1

int8, int64 = np.int8, np.int64

RANKING = np.dtype([(name, np.int64) for name in ("events", "count", "ranks", "open", "begun")])
"""Addresses and a count.

events, count   PACKED_TIMED_EVENT records in time order
ranks           output, int8 for each event
open, begun     int64, initially 0, for each key of 16 channels: notes started before this frame, and in it
"""


@inline(double=True)
def rank_events(address):  # type: ignore[no-untyped-def]
    """Writes the rank of each event within its frame: note-offs come before note-ons (rank 1).

    If a note starts and ends in one frame, its note-off comes last (rank 2).
    """
    job = view1(address, 1, RANKING)[0]
    events, ranks = view1(job.events, job.count, PACKED_TIMED_EVENT), view1(job.ranks, job.count, int8)
    opened, begun = view1(job.open, 16 * 128, int64), view1(job.begun, 16 * 128, int64)
    first = 0
    for i in range(job.count):
        time, event = events[i].time, events[i].event
        if time != events[first].time:
            for j in range(first, i):
                if events[j].event.kind == NOTE_ON:
                    key = (int64(events[j].event.channel) - 1) * 128 + int64(events[j].event.number)
                    opened[key] += begun[key]
                    begun[key] = 0
            first = i
        rank = 0
        key = (int64(event.channel) - 1) * 128 + int64(event.number)
        if event.kind == NOTE_ON:
            rank = 1
            begun[key] += 1
        elif event.kind == NOTE_OFF:
            if opened[key] > 0:
                opened[key] -= 1
            elif begun[key] > 0:
                begun[key] -= 1
                rank = 2
        elif event.kind == CONTROL and (event.number == ALL_SOUND_OFF or event.number == ALL_NOTES_OFF):
            rank = 1
        ranks[i] = rank
