"""Random melody generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.random_melody import LONGEST, LOUD, REST, phrase_step, walk
from nodes.dsp.sequencing.scales import SCALES, key_of, keys_of
from nodes.dsp.sequencing.sequence import ENDS, HEAD, SILENT, follow_reset, next_step, play, step_beat


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
    gate = In(0.8, "", 0.01, 1.0, ramp=0.0, voices=1, channels=1, doc="Note length as a fraction of a step.")
    swing = In(0.5, "", 0.5, 0.75, ramp=0.0, voices=1, channels=1, doc="Position of the offbeat; 2/3 is triplets.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step.")
    velocity = Option(0.7, min=0.05, max=1.0, doc="Average velocity.")
    channel = Option(1, min=1, max=16, doc="MIDI channel of the notes.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives one from the node's name.")
    out = Out(kind="events", doc="Generated notes.")

    beats = State(ndim=1, dtype=np.float64)
    keys = State(ndim=1, dtype=np.float64)
    home = State(ndim=1, dtype=np.int64, doc="Index of the root in `keys`.")
    head = State((HEAD,), np.float64)
    ends = State(ENDS, np.float64, initial=SILENT, keeps=True)
    salt = State(ndim=1, dtype=np.uint32)

    def validate(self) -> None:
        with self.naming("root"):
            key_of(self.options["root"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
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
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
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
