"""Echo for notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.sequencing.event_queue import MOST, QUEUED, ready, wait
from nodes.dsp.sequencing.sequence import EARLY, HEAD, MOVED, RUNNING, elapsed, follow
from nodes.dsp.sequencing.transforms import KEYS, copy, place_of, sounds

NOT_DOWN = -1


class NoteEcho(Node):
    """Note echo: repeats each note, softer each time and optionally transposed.

    It repeats notes, not audio: an echo can climb a chord, and the instrument plays every repeat afresh.
    Repeats keep the length of their note. They are timed in beats of the clock, follow its ramps and jumps, and are
    dropped when it stops. Notes played while it is stopped repeat at its tempo, or at `tempo` without a clock.
    Other events pass through once.
    """

    events = In(kind="events", doc="Notes to repeat.")
    clock = In(kind="clock", doc="Clock to follow.")
    beats = Option(0.75, min=1 / 64, max=64.0, doc="Beats between repeats.")
    repeats = Option(4, min=1, max=16, doc="Number of repeats per note.")
    decay = In(0.7, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Velocity ratio between repeats.")
    transpose = Option(0, "semitones", min=-48, max=48, doc="Transposition from each repeat to the next.")
    dry = Option(True, doc="Also output the original note.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    out = Out(kind="events", doc="Notes and their repeats.")

    distance = State(ndim=1, dtype=np.float64)
    queue = State(MOST, QUEUED)
    size = State((1,), np.int64)
    sent = State((KEYS,), np.int32, initial=NOT_DOWN, doc="Repeats scheduled for each key that is down.")
    held = State((KEYS,), np.int32, doc="Number of notes sounding on each key.")
    tuned = State((KEYS,), np.float64, doc="Note number of each key; may be fractional.")
    head = State((HEAD,), np.float64)
    lapse = State((2,), np.float64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        return {"distance": [self.options["beats"]]}

    @kernel(double=True)
    def process(block):
        events, out, queue, size, sent = block.events, block.out, block.queue, block.size, block.sent
        held, head = block.held, block.head
        clear(out)
        arrived = 0
        for frame in range(block.frames):
            tempo = block.clock.tempo[frame]
            tempo = tempo if tempo > 0.0 else float(block.tempo[frame, 0])
            beat = follow(block.clock, head, frame, tempo, block.sample_rate)
            now = elapsed(head, block.lapse, beat, tempo, block.sample_rate)
            if head[MOVED] != 0.0 and head[RUNNING] == 0.0:
                size[0] = 0
                for at in range(KEYS):
                    mine = 1 if block.dry and sent[at] != NOT_DOWN else 0
                    if held[at] > mine and mine == 0:
                        emit(out, frame, NOTE_OFF, at // 128 if at >= 128 else 16, 0, block.tuned[at], 0.5)
                    held[at] = min(held[at], mine)
                    sent[at] = min(sent[at], 0)
            while arrived < events.count[0] and events.records[arrived].frame <= frame:
                event = events.records[arrived]
                arrived += 1
                if event.kind not in (NOTE_ON, NOTE_OFF):
                    copy(out, event)
                    continue
                at = place_of(event.channel, event.number)
                down = sent[at] != NOT_DOWN
                begins = event.kind == NOTE_ON
                heard = begins or held[at] == 0  # a retriggered key, or a note-off without a note-on
                if down != begins and block.dry:
                    heard = sounds(held, at, event.kind)
                if heard and block.dry:
                    copy(out, event)
                for i in range(max(sent[at], 0)):
                    due = now + block.distance[0] * (i + 1)
                    wait(queue, size, due, NOTE_OFF, event, event.number + block.transpose * (i + 1), 0.5)
                sent[at] = NOT_DOWN
                if event.kind == NOTE_ON:
                    sent[at] = 0
                    value, number = event.value, event.number
                    for i in range(block.repeats):
                        value *= clamp(float(block.decay[frame, 0]), 0.0, 1.0)
                        number += block.transpose
                        due = now + block.distance[0] * (i + 1)
                        if value < 0.01 or number < 0.0 or number > 127.0:
                            break
                        if not wait(queue, size, due, NOTE_ON, event, number, value):
                            out.count[1] += 1
                            break
                        sent[at] = i + 1
            while ready(queue, size, now + EARLY, out):
                size[0] -= 1
                row = queue[size[0]]
                at = place_of(row.channel, row.number)
                block.tuned[at] = row.number
                if sounds(held, at, row.kind):
                    emit(out, frame, row.kind, row.channel, row.note_id, row.number, row.value)
