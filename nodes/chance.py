"""Notes let through by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.transforms import KEYS, copy, place_of

NONE, PASSED, LEFT_OUT = range(3)


class Chance(Node):
    """Lets each note through with a probability, so that a pattern breathes.

    What is left out is left out with its end, and comes out at `rest`: two complementary parts of one line.
    Whatever is no note goes both ways. The n-th note has its own draw by `seed`, so the same music falls the
    same way every time; with `together` the notes of one frame share it, and chords stay whole.
    """

    events = In(kind="events", doc="Notes.")
    probability = In(0.5, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Of each note.")
    together = Option(False, doc="Notes that begin at one frame pass or stay together.")
    seed = Option(0, min=0, max=2**32 - 1, doc="0 takes the node's name.")
    out = Out(kind="events", doc="The notes that passed.")
    rest = Out(kind="events", doc="The others.")

    way = State((KEYS,), np.int32)
    counts = State((2,), np.int64, doc="Notes drawn for, and frames before this block.")
    last = State((1,), np.int64, initial=-1, doc="The frame of the last note.")
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
                passes = drawn(block.salt[0], float(counts[0]), 0.0) < likely
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
