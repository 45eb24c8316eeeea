from __future__ import annotations

from typing import Any

import numpy as np

from graph import Cable, In, Node, Option, Out, Setup, State, kernel
from graph.native import load, store
from nodes.dsp.clocks.beats import turn_at, value_at
from nodes.dsp.math.functions import clamp, sine
from nodes.dsp.math.phase import STEP, TURN, advance, offset, signed
from nodes.dsp.math.random import seeds, shuffle, uniform

SHAPES = ("sine", "triangle", "saw", "ramp_down", "square", "random")
RANDOM = SHAPES.index("random")


class Lfo(Node, family="Modulation"):
    """Low-frequency oscillator: vibrato, tremolo, sweeps, panning, sample-and-hold.

    Edges are not band-limited, because below the audible range that would only blur them; for tones use Saw, Pulse
    or Triangle. Sine and triangle start at 0 and rise; saw starts at -1, ramp_down and square at 1. `random` takes
    a new value each cycle, independent in each lane. With `beats` the phase and the random value are functions of the
    clock's beat, so they stay with the music for hours, follow the clock's jumps and repeat in a loop.
    """

    rate = In(1, "Hz", 0, 100, curve="log", doc="Cycles per second.")
    phase = In(0, "", doc="Phase offset in cycles; 0.25 turns the sine into a cosine.")
    trigger = In(0, doc="Trigger; restarts the cycle and the fade when it rises above 0.5.")
    fade = In(0, "s", 0, 60, doc="Linear fade-in time from the start and from each trigger.")
    beats = In(0, "", 0, 1024, rate="block", voices=1, channels=1, doc="Beats of `clock` per cycle; 0 selects `rate`.")
    clock = In(kind="clock", optional=True, doc="Clock to follow when `beats` is above 0.")
    out = Out(doc="Modulation signal, -1 .. 1.")
    shape = Option("sine", choices=SHAPES, doc="Waveform.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed of `random`; 0 derives it from the node's name.")
    turn = State(dtype=np.uint32, doc="Phase; 2**32 steps per cycle.")
    rest = State(doc="Fraction of a step left by the last advance; without it 0.01 Hz is off by 0.1 %.")
    before = State(doc="Last value of `trigger`.")
    origin = State(dtype=np.uint32, doc="Clock phase at the last trigger.")
    held = State(doc="Last value of `trigger`, for `level`.")
    level = State(dtype=np.float64, doc="Fade-in level; its steps are too small for float32.")
    random = State(dtype=np.uint32)
    salt = State(dtype=np.uint32, doc="Seeds the values of cycles that follow the clock.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        random = seeds(setup.name, self.seed, setup.lanes)
        rate, trigger, fade = (self.inputs[key] for key in ("rate", "trigger", "fade"))
        if isinstance(rate, Cable) or isinstance(trigger, Cable) or setup.start.seconds == 0.0:
            return {"random": random, "salt": random}
        salt, steps = random, int(setup.gone * float(np.float32(rate) * np.float32(TURN / setup.sample_rate)))
        for _ in range(steps >> 32 if self.shape == "random" else 0):
            random = shuffle(random)
        way = 1.0 if isinstance(fade, Cable) else max(fade * setup.sample_rate, 1.0)
        return {"random": random, "salt": salt, "turn": steps % 2**32, "level": min(setup.gone / way, 1.0)}

    @kernel
    def process(block):
        frames, lanes, shape, clock = block.frames, block.lanes, block.shape, block.clock
        rate, phase, trigger, fade, out = block.rate, block.phase, block.trigger, block.fade, block.out
        turn, rest, before, random = block.turn, block.rest, block.before, block.random
        origin, held, level, salt = block.origin, block.held, block.level, block.salt
        holds, step, beats = shape == RANDOM, TURN / block.sample_rate, block.beats[0]
        synced = beats > 0.0 and clock.tempo[0] > 0.0
        for frame in range(frames):
            here = turn_at(clock.beat[frame], beats) if synced else np.uint32(0)
            there = turn_at(clock.beat[frame + 1], beats) if synced else np.uint32(0)
            for lane in range(lanes):
                i = frame * lanes + lane
                fired = load(trigger, i)
                restart = (fired > 0.5) & (load(before, lane) <= 0.5)
                start = here if restart else load(origin, lane)
                free = np.uint32(0) if restart else load(turn, lane)
                now = np.uint32(np.int64(here) - np.int64(start)) if synced else free
                number = load(random, lane)
                number = shuffle(number) if restart else number
                place = STEP * signed(offset(now, load(phase, i)))
                drawn = STEP * signed(start) if synced else uniform(number)
                store(out, i, drawn if holds else place)
                steps = clamp(load(rate, i), 0.0, 100.0) * step + load(rest, lane)
                whole = np.floor(steps)
                following = np.uint32(np.int64(there) - np.int64(start)) if synced else advance(now, whole)
                store(before, lane, fired)
                store(origin, lane, start)
                store(turn, lane, following)
                store(random, lane, shuffle(number) if following < now else number)
                store(rest, lane, steps - whole)
        # One loop per shape: LLVM would not vectorize a choice within the loop.
        if shape == 0:
            for i in range(frames * lanes):
                store(out, i, sine(load(out, i)))
        elif shape == 1:
            for i in range(frames * lanes):
                place = load(out, i)
                store(out, i, 4.0 * abs(place + 0.25 if place < 0.25 else place - 0.75) - 1.0)
        elif shape == 2:
            for i in range(frames * lanes):
                place = load(out, i)
                store(out, i, 2.0 * place - (1.0 if place >= 0.0 else -1.0))
        elif shape == 3:
            for i in range(frames * lanes):
                place = load(out, i)
                store(out, i, (1.0 if place >= 0.0 else -1.0) - 2.0 * place)
        elif shape == 4:
            for i in range(frames * lanes):
                store(out, i, 1.0 if load(out, i) >= 0.0 else -1.0)
        elif synced:
            for i in range(frames * lanes):
                store(out, i, value_at(load(salt, i % lanes), clock.beat[i // lanes], beats, load(out, i)))
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                fired = load(trigger, i)
                start = load(level, lane)
                start = 0.0 if (fired > 0.5) & (load(held, lane) <= 0.5) else start
                way = clamp(load(fade, i), 0.0, 60.0) * block.sample_rate
                now = start + 1.0 / (way if way > 1.0 else 1.0)
                now = now if now < 1.0 else 1.0
                store(level, lane, now)
                store(held, lane, fired)
                store(out, i, np.float32(now) * load(out, i))
