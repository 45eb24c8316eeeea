"""A tune that makes itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.random_melody import LONGEST, LOUD, REST, phrase_step, walk
from nodes.dsp.sequencing.scales import SCALES, key_of, keys_of
from nodes.dsp.sequencing.sequence import HEAD, SILENT, follow, next_step, play, step_beat


class Melody(Node):
    """A tune that makes itself: a seeded walk through a scale, in phrases that come home and come again.

    Most moves go to a neighbour, some leap up to `leap` notes, and after a leap it turns back, as voices do.
    Every phrase begins on the root. Phrases repeat, with `variation` the probability that a step is drawn
    anew: 0 is a refrain, 1 never says the same twice. What a step draws belongs to its number, so a jump back
    plays the same tune again. With no clock connected it runs at its own `tempo`.
    """

    clock = In(kind="clock", doc="Clock to follow.")
    root = Option("C4", doc="Where phrases begin: a note or the number of a key.")
    scale = Option("minor_pentatonic", choices=tuple(SCALES), doc="Notes that there are.")
    range = Option(8, min=1, max=24, doc="Notes of the scale above and below the root.")
    phrase = Option(16, min=1, max=LONGEST, doc="Steps in a phrase.")
    step = Option(0.5, min=1 / 64, max=64.0, doc="Beats that a step lasts.")
    leap = In(3.0, "", 1.0, 12.0, ramp=0.0, voices=1, channels=1, doc="Largest move, in notes of the scale.")
    rest = In(0.2, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability that a step is silent.")
    variation = In(0.2, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability that a step is not as before.")
    gate = In(0.8, "", 0.01, 1.0, ramp=0.0, voices=1, channels=1, doc="Part of a step for which a note sounds.")
    swing = In(0.5, "", 0.5, 0.75, ramp=0.0, voices=1, channels=1, doc="Place of the second in a pair; 2/3: triplets.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Where there is no clock.")
    velocity = Option(0.7, min=0.05, max=1.0, doc="Velocity on average.")
    channel = Option(1, min=1, max=16, doc="Channel of the notes.")
    seed = Option(0, min=0, max=2**32 - 1, doc="0 takes the node's name.")
    out = Out(kind="events", doc="The tune.")

    beats = State(ndim=1, dtype=np.float64)
    keys = State(ndim=1, dtype=np.int64)
    home = State(ndim=1, dtype=np.int64, doc="Where in them the root is.")
    head = State((HEAD,), np.float64)
    ends = State((128,), np.float64, initial=SILENT, keeps=True)
    salt = State(ndim=1, dtype=np.uint32)

    def verify(self) -> None:
        with self.naming("root"):
            key_of(self.options["root"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.verify()
        root = key_of(self.options["root"])
        keys = keys_of(self.options["scale"], root)
        salt = seeds(setup.name, self.options["seed"], 1)
        return {"beats": [self.options["step"]], "keys": keys, "home": [keys.index(root)], "salt": salt}

    @kernel(double=True)
    def process(block):
        out, head, ends, channel, salt = block.out, block.head, block.ends, block.channel, block.salt[0]
        step = block.beats[0]
        clear(out)
        for frame in range(block.frames):
            swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
            beat = follow(block.clock, head, frame, block.tempo[frame, 0], block.sample_rate)
            number = next_step(out, ends, head, frame, channel, beat, step, swing)
            if number < 0.0:
                continue
            phrase, at = int(number) // block.phrase, int(number) % block.phrase
            variation = clamp(float(block.variation[frame, 0]), 0.0, 1.0)
            by = phrase_step(salt, phrase, at, variation)
            if at > 0 and drawn(salt, by, float(REST)) < clamp(float(block.rest[frame, 0]), 0.0, 1.0):
                continue
            leap = clamp(float(block.leap[frame, 0]), 1.0, 12.0)
            place = block.home[0] + walk(salt, phrase, at, variation, leap, block.range)
            key = block.keys[min(max(place, 0), block.keys.shape[0] - 1)]
            strong = 0.08 if at % 4 == 0 else -0.04
            velocity = block.velocity * (1.0 + strong + 0.2 * (drawn(salt, by, float(LOUD)) - 0.5))
            start = step_beat(number, step, swing)
            gate = clamp(float(block.gate[frame, 0]), 0.01, 1.0)
            end = start + gate * (step_beat(number + 1.0, step, swing) - start)
            play(out, ends, head, frame, channel, key, min(velocity, 1.0), end)
