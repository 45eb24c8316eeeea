"""Step sequencer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn
from nodes.dsp.sequencing.directions import DIRECTION_DOC, DIRECTIONS, FORWARD, RANDOM, place_in_cycle
from nodes.dsp.sequencing.scales import SCALES, key_of
from nodes.dsp.sequencing.sequence import EARLY, MOVED, follow_reset, next_step, play, step_beat
from nodes.dsp.sequencing.sequencer import at_the_start, channel_and_seed, length_of_notes, playhead, timing
from nodes.dsp.sequencing.step_notation import CHORD, in_direction, parse_steps

CELL_FIELDS = 6
LENGTH, VELOCITY, CHANCE, HITS, SLIDE, RATCHET = range(CELL_FIELDS)
LEFT, AT, EVERY, CELL = range(4)
OVERLAP = 1.05
"""Length of a sliding note in steps: it overlaps the next note, so a legato voice does not retrigger."""


class Steps(Node):
    """Step sequencer with ties, slides, ratchets, probability and swing.

    Each word is a step: a note, a chord `[C4 E4]`, or a degree of the scale, with 0 at `root`. `.` is a rest and `-` a
    tie. Suffixes in any order: `:0.5` velocity, `?0.3` probability, `x3` a ratchet of three hits (`x3@0.5`: in half of
    all cases, else one hit), `~` a slide into the next note. Random draws depend on the seed and the step's index
    alone, so a seed gives the same sequence wherever playback starts. Runs at `tempo` without a clock.
    """

    steps = Option("0 . 0:0.5 12?0.5 0 3~ 5 0x2", items=" ", doc="The steps.")
    clock = In(kind="clock", doc="Clock to follow.")
    gate = length_of_notes(0.5, "Fraction of a note's last step that sounds.")
    swing, tempo, reset = timing()
    probability = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Multiplies the probability of every step.")
    ratchet = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Multiplies the probability of every ratchet.")
    step = Option(0.25, min=1 / 64, max=64.0, doc="Beats per step.")
    direction = Option("forward", choices=DIRECTIONS, doc=DIRECTION_DOC)
    velocity = Option(0.8, min=0.01, max=1.0, doc="Velocity of steps that give none.")
    root = Option("C3", doc="Note of degree 0.")
    scale = Option("minor", choices=tuple(SCALES), doc="Scale of the degrees.")
    channel, seed = channel_and_seed()
    out = Out(kind="events", doc="Sequenced notes.")

    cells = State(ndim=2, dtype=np.float64)
    keys = State(ndim=2, dtype=np.float64)
    hits = State((4,), np.float64, doc="Current ratchet: hits left, beat of the next hit, beats between hits, cell.")
    beats, head, ends, salt = playhead()

    def validate(self) -> None:
        with self.naming("root"):
            root = key_of(self.options["root"])
        with self.naming("steps"):
            parse_steps(self.options["steps"], root, self.options["scale"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        steps = parse_steps(self.options["steps"], key_of(self.options["root"]), self.options["scale"])
        steps = in_direction(steps, self.options["direction"])
        cells, keys = np.zeros((len(steps), CELL_FIELDS)), np.full((len(steps), CHORD), -1.0)
        for i, step in enumerate(steps):
            if step is not None:
                velocity = step.velocity or self.options["velocity"]
                cells[i] = step.length, velocity, step.chance, step.hits, step.slide, step.ratchet
                keys[i, : len(step.keys)] = step.keys
        return {**at_the_start(self, setup), "cells": cells, "keys": keys}

    @kernel(double=True)
    def process(block):
        out, head, ends, channel = block.out, block.head, block.ends, block.channel
        hits, cells, step = block.hits, block.cells, block.beats[0]
        clear(out)
        for frame in range(block.frames):
            swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
            hits[LEFT] = 0.0 if head[MOVED] != 0.0 else hits[LEFT]
            number = next_step(out, ends, head, frame, channel, beat, step, swing)
            if number >= 0.0:
                order = RANDOM if block.direction == RANDOM else FORWARD  # the cells are already in order
                i = place_in_cycle(number, cells.shape[0], order, block.salt[0])
                likely = cells[i, CHANCE] * clamp(float(block.probability[frame, 0]), 0.0, 1.0)
                if cells[i, LENGTH] > 0.0 and drawn(block.salt[0], number, 0.0) < likely:
                    start = step_beat(number, step, swing)
                    several = cells[i, RATCHET] * clamp(float(block.ratchet[frame, 0]), 0.0, 1.0)
                    hits[LEFT] = cells[i, HITS] if drawn(block.salt[0], number, 1.0) < several else 1.0
                    hits[AT] = start
                    hits[EVERY] = (step_beat(number + cells[i, LENGTH], step, swing) - start) / hits[LEFT]
                    hits[CELL] = i
            if hits[LEFT] > 0.0 and hits[AT] <= beat + EARLY:
                i = int(hits[CELL])
                gate = clamp(float(block.gate[frame, 0]), 0.01, 1.0)
                last = min(step, hits[EVERY])
                end = hits[AT] + hits[EVERY] - (1.0 - gate) * last
                if cells[i, SLIDE] != 0.0:
                    end = hits[AT] + hits[EVERY] + (OVERLAP - 1.0) * step
                for voice in range(CHORD):
                    if block.keys[i, voice] >= 0:
                        play(out, ends, head, frame, channel, block.keys[i, voice], cells[i, VELOCITY], end)
                hits[LEFT] -= 1.0
                hits[AT] += hits[EVERY]
