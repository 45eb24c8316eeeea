"""Looping random melody from a shift register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, clear, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import drawn, seeds
from nodes.dsp.sequencing.random_melody import newest_bits, replayed, shifted
from nodes.dsp.sequencing.scales import SCALES, key_of, keys_of
from nodes.dsp.sequencing.sequence import MOVED, NEXT, follow_reset, next_step, play, step_beat
from nodes.dsp.sequencing.sequencer import channel_and_seed, length_of_notes, playhead, timing


class ShiftRegister(Node):
    """Shift-register sequencer: a loop of random notes that mutates at a set rate, after the Turing Machine module.

    On each step the bit that leaves the register of `length` bits is fed back, inverted with probability `change`. At 0
    the loop is locked, at 0.5 it is fully random, at 1 it alternates with its inverse. The newest bits select a note of
    the scale; with `rhythm` a step whose newest bit is 0 is silent. Random draws depend on the seed and the step's
    index alone. Reference: Tom Whitwell, "Turing Machine", Music Thing, 2012.
    """

    clock = In(kind="clock", doc="Clock to follow.")
    length = Option(8, min=2, max=32, doc="Bits in the register, and steps in the loop.")
    change = In(0.1, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Probability that a fed-back bit is inverted.")
    root = Option("C3", doc="Lowest note: a note name or a MIDI key number.")
    scale = Option("minor_pentatonic", choices=tuple(SCALES), doc="Scale of the notes.")
    range = Option(12, min=1, max=64, doc="Range above the root, in notes of the scale.")
    rhythm = Option(True, doc="Silence steps whose newest bit is 0.")
    step = Option(0.25, min=1 / 64, max=64.0, doc="Beats per step.")
    gate = length_of_notes(0.5)
    swing, tempo, reset = timing()
    velocity = Option(0.8, min=0.01, max=1.0, doc="Velocity of all notes.")
    channel, seed = channel_and_seed()
    out = Out(kind="events", doc="Generated notes.")

    keys = State(ndim=1, dtype=np.float64)
    register = State(ndim=1, dtype=np.int64, doc="Register now, and at beat 0.")
    beats, head, ends, salt = playhead()

    def validate(self) -> None:
        with self.naming("root"):
            key_of(self.options["root"])

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        root = key_of(self.options["root"])
        keys = [key for key in keys_of(self.options["scale"], root) if key >= root][: self.options["range"]]
        salt = seeds(setup.name, self.options["seed"], 2)
        first = max(int(salt[1]) & ((1 << self.options["length"]) - 1), 1)
        return {"beats": [self.options["step"]], "keys": keys, "register": [first, first], "salt": salt[:1]}

    @kernel(double=True)
    def process(block):
        out, head, ends, channel, register = block.out, block.head, block.ends, block.channel, block.register
        step = block.beats[0]
        clear(out)
        for frame in range(block.frames):
            swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
            change = clamp(float(block.change[frame, 0]), 0.0, 1.0)
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
            number = next_step(out, ends, head, frame, channel, beat, step, swing)
            if head[MOVED] != 0.0:
                following = int(number if number >= 0.0 else head[NEXT])
                register[0] = replayed(block.salt[0], register[1], following, block.length, change)
            if number < 0.0:
                continue
            register[0] = shifted(register[0], block.length, drawn(block.salt[0], number, 0.0) < change)
            if block.rhythm and (register[0] & 1) == 0:
                continue
            key = block.keys[int(newest_bits(register[0], block.length) * (block.keys.shape[0] - 1) + 0.5)]
            start = step_beat(number, step, swing)
            gate = clamp(float(block.gate[frame, 0]), 0.01, 1.0)
            end = start + gate * (step_beat(number + 1.0, step, swing) - start)
            play(out, ends, head, frame, channel, key, block.velocity, end)
