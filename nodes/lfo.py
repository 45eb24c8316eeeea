from __future__ import annotations

from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.functions import clamp, sine
from nodes.dsp.phase import STEP, TURN, advance, offset, signed
from nodes.dsp.random import seeds, shuffle, uniform

SHAPES = ("sine", "triangle", "saw", "ramp_down", "square", "random")
RANDOM = SHAPES.index("random")


class Lfo(Node, family="Modulation"):
    """Low-frequency oscillator: vibrato, tremolo, sweeps, panning, and sample-and-hold.

    The shapes have true edges: below the audible range band-limiting them would only blur them, so
    for tones take Saw, Pulse or Triangle. Sine and triangle start at 0 and rise, saw starts at -1,
    ramp_down and square at 1. `random` takes a new value each turn, another one in each lane.
    """

    rate = In(1, "Hz", 0, 100, curve="log", doc="Turns a second.")
    phase = In(0, "", doc="Turns added to the running phase; 0.25 makes a cosine of the sine.")
    trigger = In(0, doc="Rising above 0.5 it starts the turn again.")
    out = Out(doc="-1 .. 1")
    shape = Option("sine", choices=SHAPES, doc="Waveform.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Of `random`; 0 takes the node's name.")
    turn = State(dtype=np.uint32, doc="2**32 steps a turn.")
    rest = State(doc="What the last advance left of a step; without it 0.01 Hz would be 0.1 % off.")
    before = State(doc="Last value of `trigger`.")
    random = State(dtype=np.uint32)

    def prepare(self, setup: Setup) -> dict[str, Any]:
        return {"random": seeds(setup.name, self.seed, setup.lanes)}

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        rate, phase, trigger, out = block.rate, block.phase, block.trigger, block.out
        turn, rest, before, random = block.turn, block.rest, block.before, block.random
        shape = block.shape
        holds = shape == RANDOM
        step = TURN / block.sample_rate
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                fired = load(trigger, i, 0, 8)
                restart = (fired > 0.5) & (load(before, lane, 1, 8) <= 0.5)
                now = np.uint32(0) if restart else load(turn, lane, 2, 8)
                number = load(random, lane, 3, 8)
                number = shuffle(number) if restart else number
                place = STEP * signed(offset(now, load(phase, i, 4, 8)))
                store(out, i, uniform(number) if holds else place, 5, 8)
                steps = clamp(load(rate, i, 6, 8), 0.0, 100.0) * step + load(rest, lane, 7, 8)
                whole = np.floor(steps)
                following = advance(now, whole)
                store(before, lane, fired, 1, 8)
                store(turn, lane, following, 2, 8)
                store(random, lane, shuffle(number) if following < now else number, 3, 8)
                store(rest, lane, steps - whole, 7, 8)
        # One loop a shape, and not a choice in the loop, which LLVM would not vectorise.
        if shape == 0:
            for i in range(frames * lanes):
                store(out, i, sine(load(out, i, 5, 8)), 5, 8)
        elif shape == 1:
            for i in range(frames * lanes):
                place = load(out, i, 5, 8)
                store(out, i, 4.0 * abs(place + 0.25 if place < 0.25 else place - 0.75) - 1.0, 5, 8)
        elif shape == 2:
            for i in range(frames * lanes):
                place = load(out, i, 5, 8)
                store(out, i, 2.0 * place - (1.0 if place >= 0.0 else -1.0), 5, 8)
        elif shape == 3:
            for i in range(frames * lanes):
                place = load(out, i, 5, 8)
                store(out, i, (1.0 if place >= 0.0 else -1.0) - 2.0 * place, 5, 8)
        elif shape == 4:
            for i in range(frames * lanes):
                store(out, i, 1.0 if load(out, i, 5, 8) >= 0.0 else -1.0, 5, 8)
