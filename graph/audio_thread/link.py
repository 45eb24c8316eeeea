"""[audio] Exchanges the Link session's state between the companion process and the nodes that follow it."""

from __future__ import annotations

import numpy as np

from graph.memory.tables import LINK
from graph.native.functions import fence_acquire, inline, load_acquire, store_release, view1

int64 = np.int64
TRIES = 4
"""The writer holds the record for nanoseconds; a failed read is retried in the next block."""
ASKED_AT = int(LINK.fields["asked"][1])  # type: ignore[index]


@inline(double=True)
def follow_session(engine):
    """Copies the session's timeline to the nodes' record, and their requests back."""
    if engine.session == 0:
        return
    ours = view1(engine.link, 1, LINK)[0]
    theirs = view1(engine.session, 1, LINK)[0]
    sequence = view1(engine.session, 1, int64)
    for _ in range(TRIES):
        before = load_acquire(sequence, 0)
        peers, playing, tempo = theirs.peers, theirs.playing, theirs.tempo
        beat, time, since = theirs.beat, theirs.time, theirs.since
        answered = theirs.answered
        fence_acquire()
        if before % 2 == 0 and load_acquire(sequence, 0) == before:
            ours.peers = peers
            ours.playing = playing
            ours.tempo = tempo
            ours.beat = beat
            ours.time = time
            ours.since = since
            ours.answered = answered
            ours.sequence = before
            break
    if ours.asked != theirs.asked:
        theirs.ask_tempo = ours.ask_tempo
        theirs.ask_playing = ours.ask_playing
        theirs.ask_time = ours.ask_time
        theirs.ask_beat = ours.ask_beat
        theirs.bring = ours.bring
        store_release(view1(engine.session + ASKED_AT, 1, int64), 0, ours.asked)
