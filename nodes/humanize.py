"""Human timing and dynamics for notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.event_queue import MOST, QUEUED, give, hasten, ready, wait
from nodes.dsp.sequencing.transforms import KEYS, copy, draw_number, place_of

REAL_TIME = 16
"""Event kinds from here up are clock messages, which are not delayed."""


class Humanize(Node):
    """Humanizer: random timing and velocity deviations, like a human player.

    A live stream cannot be played early, so controllers are delayed by `time` and notes by 0 to twice `time`, most
    often near `time` (the sum of two uniform draws). Delay parallel parts by `time` to stay in step, or leave them:
    10 ms is three meters of air. Note lengths are unchanged. `seed` fixes the draw of the n-th note, so the same
    music gives the same performance; with a `clock`, it fixes the draw of each key at each beat.
    """

    events = In(kind="events", doc="Notes; controllers are delayed by `time`, MIDI clock not at all.")
    time = In(0.008, "s", 0.0, 0.25, ramp=0.0, voices=1, channels=1, doc="Largest deviation, and the common delay.")
    velocity = In(0.1, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Largest change of velocity.")
    clock = In(kind="clock", optional=True, doc="Clock whose beat decides the draws, so that a looped bar repeats.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives it from the node's name.")
    out = Out(kind="events", doc="Humanized notes.")

    queue = State(MOST, QUEUED)
    size = State((1,), np.int64)
    late = State((KEYS,), np.float64, initial=-1.0, doc="Delay in frames of the note on each key.")
    counts = State((2,), np.int64, doc="Notes so far, and frames before this block.")
    salt = State(ndim=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"salt": seeds(setup.name, self.options["seed"], 1)}

    @kernel(double=True)
    def process(block):
        events, out, queue, size, counts, salt = (
            block.events, block.out, block.queue, block.size, block.counts, block.salt[0],
        )  # fmt: skip
        clear(out)
        arrived = 0
        for frame in range(block.frames):
            now = float(counts[1] + frame)
            while arrived < events.count[0] and events.records[arrived].frame <= frame:
                event = events.records[arrived]
                arrived += 1
                if event.kind >= REAL_TIME:
                    copy(out, event)
                    continue
                time = clamp(float(block.time[frame, 0]), 0.0, 0.25) * block.sample_rate
                value = event.value
                delay = time
                at = place_of(event.channel, event.number)
                if event.kind == NOTE_ON:
                    counts[0] += 1
                    number = draw_number(block.clock, counts, event, True)
                    delay = time * (drawn(salt, number, 0.0) + drawn(salt, number, 1.0))
                    spread = clamp(float(block.velocity[frame, 0]), 0.0, 1.0)
                    value = clamp(value + spread * (2.0 * drawn(salt, number, 2.0) - 1.0), 0.01, 1.0)
                    block.late[at] = delay
                    hasten(queue, size, np.rint(now + delay), event.channel, event.number)
                elif event.kind == NOTE_OFF and block.late[at] >= 0.0:
                    delay = block.late[at]
                due = np.rint(now + delay)
                if not wait(queue, size, due, event.kind, event, event.number, value):
                    if event.kind == NOTE_ON:
                        out.count[1] += 1
                    else:
                        give(queue, size, out, frame)
                        wait(queue, size, due, event.kind, event, event.number, value)
            while ready(queue, size, now, out):
                give(queue, size, out, frame)
        counts[1] += block.frames
