"""Random melody generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, within
from nodes.dsp.math.random import drawn
from nodes.dsp.sequencing.random_melody import LONGEST, LOUD, REST, phrase_step, walk
from nodes.dsp.sequencing.scales import SCALES, key_of, keys_of
from nodes.dsp.sequencing.sequencer import at_the_start, channel_and_seed, length_of_notes, playhead, stepped, timing


class Melody(Node):
    """Random melody generator: a seeded walk through a scale, in phrases that repeat with variations.

    Most moves are to a neighboring note, some leap up to `leap` notes, and a leap is followed by a move back.
    Every phrase begins on the root. `variation` is the probability that a step of a repeated phrase is redrawn:
    0 is a refrain, 1 never repeats. Random draws depend on the seed and the step's index alone, so a jump back
    replays the same melody. Runs at `tempo` without a clock.
    """

    clock = In(kind="clock", doc="Clock to follow.")
    root = Option("C4", doc="First note of each phrase: a note name or a MIDI key number.")
    scale = Option("minor_pentatonic", choices=tuple(SCALES), doc="Scale of the melody.")
    range = Option(8, min=1, max=24, doc="Range above and below the root, in notes of the scale.")
    phrase = Option(16, min=1, max=LONGEST, doc="Steps per phrase.")
    step = Option(0.5, min=1 / 64, max=64.0, doc="Beats per step.")
    leap = In(3.0, "", 1.0, 12.0, ramp=0.0, voices=1, channels=1, doc="Largest leap, in notes of the scale.")
    rest = In(0.2, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability of a rest on each step.")
    variation = In(0.2, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability that a step is redrawn.")
    gate = length_of_notes(0.8)
    swing, tempo, reset = timing()
    velocity = Option(0.7, min=0.05, max=1.0, doc="Average velocity.")
    channel, seed = channel_and_seed()
    out = Out(kind="events", doc="Generated notes.")

    keys = State(ndim=1, dtype=np.float64)
    home = State(ndim=1, dtype=np.int64, doc="Index of the root in `keys`.")
    beats, head, ends, salt = playhead()

    def validate(self) -> None:
        with self.naming("root"):
            key_of(self.options["root"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        root = key_of(self.options["root"])
        keys = keys_of(self.options["scale"], root)
        return {**at_the_start(self, setup), "keys": keys, "home": [keys.index(root)]}

    @within(stepped, "number", results=2, double=True)
    def process(number, phrase, range, leap, rest, variation, velocity, home, keys, salt):
        turn, at = int(number) // phrase, int(number) % phrase
        by = phrase_step(salt[0], turn, at, float(variation))
        if at > 0 and drawn(salt[0], by, float(REST)) < rest:
            return -1, 0.0
        place = home[0] + walk(salt[0], turn, at, float(variation), float(leap), range)
        strong = 0.08 if at % 4 == 0 else -0.04
        loud = velocity * (1.0 + strong + 0.2 * (drawn(salt[0], by, float(LOUD)) - 0.5))
        return keys[min(max(place, 0), keys.shape[0] - 1)], min(loud, 1.0)
