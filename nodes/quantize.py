"""Notes quantized to a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.sequencing.event_queue import MOST, QUEUED, beginning_waits, give, hasten, ready, shorten, wait
from nodes.dsp.sequencing.sequence import EARLY, HEAD, MOVED, RUNNING, elapsed, follow, step_after, step_beat
from nodes.dsp.sequencing.transforms import KEYS, copy, place_of


class Quantize(Node):
    """Note quantizer: delays notes to the next grid line to tighten loose playing.

    It can only delay notes. `forgive` passes a note that is just behind a line at once instead of holding it for the
    next. Notes keep their length. Where the clock jumps, waiting notes play on the new beat; where it stops, they are
    dropped; while it is stopped, notes pass undelayed. Other events pass through.
    """

    events = In(kind="events", doc="Notes to quantize.")
    clock = In(kind="clock", doc="Clock of the grid.")
    grid = Option(0.25, min=1 / 64, max=64.0, doc="Beats per grid line.")
    strength = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Fraction of the way to the line.")
    swing = In(0.5, "", 0.5, 0.75, ramp=0.0, voices=1, channels=1, doc="Position of the offbeat; 2/3 is triplets.")
    forgive = In(0.0, "", 0.0, 0.9, ramp=0.0, voices=1, channels=1, doc="Lateness allowed, as a fraction of the grid.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    out = Out(kind="events", doc="Quantized notes.")

    beats = State(ndim=1, dtype=np.float64)
    queue = State(MOST, QUEUED)
    size = State((1,), np.int64)
    late = State((KEYS,), np.float64, doc="Delay of each key's latest note, in beats.")
    head = State((HEAD,), np.float64)
    lapse = State((2,), np.float64)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        return {"beats": [self.options["grid"]]}

    @kernel(double=True)
    def process(block):
        events, out, queue, size, head = block.events, block.out, block.queue, block.size, block.head
        grid = block.beats[0]
        clear(out)
        arrived = 0
        for frame in range(block.frames):
            tempo = block.clock.tempo[frame]
            tempo = tempo if tempo > 0.0 else float(block.tempo[frame, 0])
            beat = follow(block.clock, head, frame, tempo, block.sample_rate)
            now = elapsed(head, block.lapse, beat, tempo, block.sample_rate)
            while head[MOVED] != 0.0 and beginning_waits(queue, size):
                row = queue[size[0] - 1]
                begins, early, channel, number = row.kind == NOTE_ON, row.due - now, row.channel, row.number
                if begins and head[RUNNING] == 0.0:
                    size[0] -= 1
                else:
                    give(queue, size, out, frame)
                if begins:
                    block.late[place_of(channel, number)] -= early
                    shorten(queue, size, early, channel, number)
            while arrived < events.count[0] and events.records[arrived].frame <= frame:
                event = events.records[arrived]
                arrived += 1
                if event.kind not in (NOTE_ON, NOTE_OFF):
                    copy(out, event)
                    continue
                at = place_of(event.channel, event.number)
                if event.kind == NOTE_ON:
                    swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
                    forgive = clamp(float(block.forgive[frame, 0]), 0.0, 0.9) * grid
                    line = step_beat(step_after(beat - forgive, grid, swing), grid, swing)
                    delay = max(line - beat, 0.0) * clamp(float(block.strength[frame, 0]), 0.0, 1.0)
                    block.late[at] = delay if head[RUNNING] != 0.0 else 0.0
                    hasten(queue, size, now + block.late[at], event.channel, event.number)
                due = now + block.late[at]
                if not wait(queue, size, due, event.kind, event, event.number, event.value):
                    if event.kind == NOTE_ON:
                        out.count[1] += 1
                    else:
                        give(queue, size, out, frame)
                        wait(queue, size, due, event.kind, event, event.number, event.value)
            while ready(queue, size, now + EARLY, out):
                give(queue, size, out, frame)
