"""Euclidean rhythm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.directions import DIRECTION_DOC, DIRECTIONS, place_in_cycle
from nodes.dsp.sequencing.euclid import MOST, euclids
from nodes.dsp.sequencing.scales import key_of
from nodes.dsp.sequencing.sequence import ENDS, HEAD, SILENT, follow_reset, next_step, play, step_beat


class Euclid(Node):
    """Euclidean rhythm: spreads pulses over steps as evenly as possible; 3 in 8 is the tresillo, 5 in 8 the cinquillo.

    Accents are spread over the pulses by the same rule. Every count is an input, so slow modulation morphs one
    rhythm into another; changes take effect at the next step. With no clock connected it runs at `tempo`.
    Reference: Toussaint, "The Euclidean Algorithm Generates Traditional Musical Rhythms", 2005.
    """

    clock = In(kind="clock", doc="Clock to follow.")
    pulses = In(5.0, "", 0.0, MOST, ramp=0.0, voices=1, channels=1, doc="Notes per cycle.")
    steps = In(8.0, "", 1.0, MOST, ramp=0.0, voices=1, channels=1, doc="Steps per cycle.")
    rotation = In(0.0, "", -MOST, MOST, ramp=0.0, voices=1, channels=1, doc="Delay of the cycle in steps.")
    accents = In(0.0, "", 0.0, MOST, ramp=0.0, voices=1, channels=1, doc="Accented pulses per cycle.")
    probability = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability of each pulse.")
    gate = In(0.5, "", 0.01, 1.0, ramp=0.0, voices=1, channels=1, doc="Note length as a fraction of the step.")
    swing = In(0.5, "", 0.5, 0.75, ramp=0.0, voices=1, channels=1, doc="Place of a pair's second step; 2/3: triplets.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step.")
    note = Option("C3", doc="Note to play: a name or a key number.")
    direction = Option("forward", choices=DIRECTIONS, doc=DIRECTION_DOC)
    step = Option(0.25, min=1 / 64, max=64.0, doc="Step length in beats.")
    velocity = Option(0.7, min=0.01, max=1.0, doc="Velocity of a pulse.")
    accent = Option(1.0, min=0.01, max=1.0, doc="Velocity of an accented pulse.")
    channel = Option(1, min=1, max=16, doc="MIDI channel of the notes.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives it from the node's name.")
    out = Out(kind="events", doc="Notes of the rhythm.")

    rhythms = State(ndim=2, dtype=np.int64)
    beats = State(ndim=1, dtype=np.float64)
    key = State(ndim=1, dtype=np.float64)
    head = State((HEAD,), np.float64)
    ends = State(ENDS, np.float64, initial=SILENT, keeps=True)
    salt = State(ndim=1, dtype=np.uint32)

    def validate(self) -> None:
        with self.naming("note"):
            key_of(self.options["note"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        key = key_of(self.options["note"])
        salt = seeds(setup.name, self.options["seed"], 1)
        return {"rhythms": euclids(), "beats": [self.options["step"]], "key": [key], "salt": salt}

    @kernel(double=True)
    def process(block):
        out, head, ends, rhythms, channel = block.out, block.head, block.ends, block.rhythms, block.channel
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
            steps = int(clamp(float(block.steps[frame, 0]), 1.0, 32.0) + 0.5)
            pulses = min(int(clamp(float(block.pulses[frame, 0]), 0.0, 32.0) + 0.5), steps)
            rotation = int(np.floor(clamp(float(block.rotation[frame, 0]), -32.0, 32.0) + 0.5))
            accents = min(int(clamp(float(block.accents[frame, 0]), 0.0, 32.0) + 0.5), pulses)
            at = (place_in_cycle(number, steps, block.direction, block.salt[0]) - rotation) % steps
            rhythm = rhythms[pulses, steps]
            likely = clamp(float(block.probability[frame, 0]), 0.0, 1.0)
            if (rhythm >> at) & 1 and drawn(block.salt[0], number, 0.0) < likely:
                before = 0
                for i in range(at):
                    before += (rhythm >> i) & 1
                loud = accents > 0 and ((rhythms[accents, pulses] >> before) & 1) != 0
                gate = clamp(float(block.gate[frame, 0]), 0.01, 1.0)
                start = step_beat(number, step, swing)
                end = start + gate * (step_beat(number + 1.0, step, swing) - start)
                play(out, ends, head, frame, channel, block.key[0], block.accent if loud else block.velocity, end)
