"""Markov-chain melody generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.sequencing.markov import CHORD, LENGTH, PLACE, START, VELOCITY, begin_again, chain, go_on
from nodes.dsp.sequencing.sequence import EARLY, EVER, MOVED, RUNNING, end_notes, follow_reset, play
from nodes.dsp.sequencing.sequencer import at_the_start, channel_and_seed, length_of_notes, playhead


class Markov(Node):
    """Markov-chain melody generator: variations on the tune in `learn`.

    Each note is followed by one of the notes that follow it in `learn`, with the same probabilities, rests and
    lengths. The tune is read as a loop, so every note has a successor. A higher `order` matches a longer history
    and strays less; a tune in which nothing repeats is played unchanged. Random draws depend on the seed and the
    note's index alone, so a seed gives the same melody wherever playback starts. Runs at `tempo` without a clock.
    """

    learn = Option(
        "C4 D4 E4 C4 | C4 D4 E4 C4 | E4 F4 G4*2 | E4 F4 G4*2", items=" ", doc="Tune to learn from, as in Notes."
    )
    clock = In(kind="clock", doc="Clock to follow.")
    order = Option(1, min=1, max=8, doc="Number of preceding notes that choose the next.")
    step = Option(0.5, min=1 / 64, max=64.0, doc="Beats per token.")
    gate = length_of_notes(0.9, "Fraction of a note's last step that sounds.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step.")
    velocity = Option(0.8, min=0.01, max=1.0, doc="Velocity of notes that give none.")
    channel, seed = channel_and_seed()
    out = Out(kind="events", doc="Generated notes.")

    keys = State(ndim=2, dtype=np.float64)
    values = State(ndim=2, dtype=np.float64)
    after = State(ndim=2, dtype=np.int64)
    now = State((3,), np.float64, doc="Next place in the tune, number of places before it, and its start beat.")
    beats, head, ends, salt = playhead()

    def validate(self) -> None:
        with self.naming("learn"):
            chain(self.options["learn"], self.options["order"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        made = chain(self.options["learn"], self.options["order"])
        made.values[made.values[:, VELOCITY] == 0.0, VELOCITY] = self.options["velocity"]
        return {**at_the_start(self, setup), **made._asdict()}

    @kernel(double=True)
    def process(block):
        out, head, ends, now, channel = block.out, block.head, block.ends, block.now, block.channel
        step = block.beats[0]
        clear(out)
        for frame in range(block.frames):
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
            end_notes(out, ends, head, frame, channel, EVER if head[MOVED] != 0.0 else beat)
            if head[MOVED] != 0.0:
                begin_again(now, block.after, block.values, step, beat, block.salt[0])
            if head[RUNNING] == 0.0 or now[START] > beat + EARLY:
                continue
            place = int(now[PLACE])
            length = block.values[place, LENGTH] * step
            end = now[START] + length - min(length, step) * (1.0 - clamp(float(block.gate[frame, 0]), 0.01, 1.0))
            for voice in range(CHORD):
                if block.keys[place, voice] >= 0:
                    play(out, ends, head, frame, channel, block.keys[place, voice], block.values[place, VELOCITY], end)
            go_on(now, block.after, block.values, step, block.salt[0])
