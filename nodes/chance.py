"""Notes passed at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.transforms import KEYS, copy, draw_number, place_of

NONE, PASSED, LEFT_OUT = range(3)


class Chance(Node):
    """Random note gate: passes each note with a given probability, for patterns that vary.

    A rejected note is removed together with its note-off and goes to `rest`, so the two outputs split one line into
    complementary parts. Events other than notes go to both outputs. `seed` fixes the draw of the n-th note, so the
    same music always varies the same way; with a `clock`, it fixes the draw of each key at each beat. With `together`
    the notes of one frame share a draw, so chords stay whole.
    """

    events = In(kind="events", doc="Notes to select from.")
    probability = In(0.5, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability that a note passes.")
    together = Option(False, doc="Notes that start at the same frame pass or stop together.")
    clock = In(kind="clock", optional=True, doc="Clock whose beat decides the draws, so that a looped bar repeats.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives it from the node's name.")
    out = Out(kind="events", doc="Passed notes.")
    rest = Out(kind="events", doc="Rejected notes.")

    way = State((KEYS,), np.int32)
    counts = State((2,), np.int64, doc="Draws so far, and frames before this block.")
    last = State((1,), np.int64, initial=-1, doc="Frame of the last note.")
    salt = State(ndim=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"salt": seeds(setup.name, self.options["seed"], 1)}

    @kernel(double=True)
    def process(block):
        way, counts = block.way, block.counts
        clear(block.out)
        clear(block.rest)
        for i in range(block.events.count[0]):
            event = block.events.records[i]
            passes, rests = True, True
            if event.kind == NOTE_ON:
                time = counts[1] + event.frame
                if not (block.together and time == block.last[0]):
                    counts[0] += 1
                block.last[0] = time
                likely = clamp(float(block.probability[min(event.frame, block.frames - 1), 0]), 0.0, 1.0)
                number = draw_number(block.clock, counts, event, not block.together)
                passes = drawn(block.salt[0], number, 0.0) < likely
                rests = not passes
                way[place_of(event.channel, event.number)] |= PASSED if passes else LEFT_OUT
            elif event.kind == NOTE_OFF:
                at = place_of(event.channel, event.number)
                passes = way[at] != LEFT_OUT
                rests = way[at] != PASSED
                way[at] = NONE
            if passes:
                copy(block.out, event)
            if rests:
                copy(block.rest, event)
        counts[1] += block.frames
