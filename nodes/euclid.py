"""Euclidean rhythm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, within
from nodes.dsp.math.random import drawn
from nodes.dsp.sequencing.directions import DIRECTION_DOC, DIRECTIONS, place_in_cycle
from nodes.dsp.sequencing.euclid import MOST, euclids
from nodes.dsp.sequencing.scales import key_of
from nodes.dsp.sequencing.sequencer import at_the_start, channel_and_seed, length_of_notes, playhead, stepped, timing


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
    gate = length_of_notes(0.5)
    swing, tempo, reset = timing()
    note = Option("C3", doc="Note to play: a name or a key number.")
    direction = Option("forward", choices=DIRECTIONS, doc=DIRECTION_DOC)
    step = Option(0.25, min=1 / 64, max=64.0, doc="Step length in beats.")
    velocity = Option(0.7, min=0.01, max=1.0, doc="Velocity of a pulse.")
    accent = Option(1.0, min=0.01, max=1.0, doc="Velocity of an accented pulse.")
    channel, seed = channel_and_seed()
    out = Out(kind="events", doc="Notes of the rhythm.")

    rhythms = State(ndim=2, dtype=np.int64)
    key = State(ndim=1, dtype=np.int64)
    beats, head, ends, salt = playhead()

    def validate(self) -> None:
        with self.naming("note"):
            key_of(self.options["note"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        return {**at_the_start(self, setup), "rhythms": euclids(), "key": [key_of(self.options["note"])]}

    @within(stepped, "number", results=2, double=True)
    def process(number, pulses, steps, rotation, accents, probability, direction, velocity, accent, rhythms, key, salt):
        count = int(steps + 0.5)
        hits = min(int(pulses + 0.5), count)
        loud = min(int(accents + 0.5), hits)
        at = (place_in_cycle(number, count, direction, salt[0]) - int(np.floor(rotation + 0.5))) % count
        rhythm = rhythms[hits, count]
        if not (rhythm >> at) & 1 or drawn(salt[0], number, 0.0) >= probability:
            return -1, 0.0
        before = 0
        for i in range(at):
            before += (rhythm >> i) & 1
        accented = loud > 0 and ((rhythms[loud, hits] >> before) & 1) != 0
        return key[0], accent if accented else velocity
