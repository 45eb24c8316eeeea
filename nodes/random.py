from __future__ import annotations

from typing import Any

import numpy as np

from graph import Cable, In, Node, Option, Out, Setup, State, inline, kernel
from graph.native import load, store
from nodes.dsp.clocks.beats import cycle_at, turn_at, value_at
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import STEP, TURN, advance, signed
from nodes.dsp.math.random import seeds, shuffle, uniform


class Random(Node, family="Modulation"):
    """Random modulation source: stepped or smooth random values at a given rate.

    Each lane draws its own values, uniform between `low` and `high`. `glide` is the fraction of each cycle spent
    moving to the new value along a smooth curve; at 1 it never holds. The same seed gives the same values. With
    `beats` a value belongs to its place in the music, so a looped bar repeats and a part agrees with the whole.
    """

    rate = In(2, "Hz", 0, 100, curve="log", doc="New values per second; at 0 only `trigger` draws one.")
    low = In(-1, "any", doc="Lowest value.")
    high = In(1, "any", doc="Highest value.")
    glide = In(0, "", 0, 1, ramp=0.02, doc="Glide fraction: 0 steps, 1 smooth.")
    trigger = In(0, doc="A rise above 0.5 draws a new value and restarts the cycle.")
    beats = In(0, "", 0, 1024, rate="block", voices=1, channels=1, doc="Beats of `clock` per value; 0 selects `rate`.")
    clock = In(kind="clock", optional=True, doc="Clock to follow when `beats` is above 0.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives one from the node's name.")
    out = Out("any", doc="Random value, `low` .. `high`.")
    turn = State(dtype=np.uint32)
    rest = State(doc="Fractional phase step left over from the last frame.")
    random = State(dtype=np.uint32)
    was = State(doc="Previous value, from which it glides, -1 .. 1.")
    before = State()
    origin = State(dtype=np.uint32, doc="Clock phase at the last trigger.")
    mark = State(dtype=np.float64, initial=-1e300, doc="Clock cycle of the last trigger.")
    salt = State(dtype=np.uint32, doc="Seeds the values of cycles that follow the clock.")

    def prepare(self, setup: Setup) -> dict[str, Any]:
        random = salt = seeds(setup.name, self.seed, setup.lanes)
        was, steps = random.astype(np.int32) * 2.0**-31, 0
        rate, trigger = self.inputs["rate"], self.inputs["trigger"]
        if not isinstance(rate, Cable) and not isinstance(trigger, Cable) and setup.start.seconds != 0.0:
            steps = int(setup.gone * float(np.float32(rate) * np.float32(TURN / setup.sample_rate)))
            for _ in range(steps >> 32):
                was, random = random.astype(np.int32) * 2.0**-31, shuffle(random)
        return {"random": random, "salt": salt, "was": was, "turn": steps % 2**32}

    @kernel
    def process(block):
        frames, lanes, clock, beats = block.frames, block.lanes, block.clock, block.beats[0]
        rate, low, high, glide, trigger, out = block.rate, block.low, block.high, block.glide, block.trigger, block.out
        turn, rest, random, was, before = block.turn, block.rest, block.random, block.was, block.before
        origin, mark, salt = block.origin, block.mark, block.salt
        step, synced = TURN / block.sample_rate, beats > 0.0 and clock.tempo[0] > 0.0
        for frame in range(frames):
            beat = clock.beat[frame] if synced else 0.0
            here = turn_at(beat, beats) if synced else np.uint32(0)
            for lane in range(lanes):
                i = frame * lanes + lane
                fired = load(trigger, i)
                restart = (fired > 0.5) & (load(before, lane) <= 0.5)
                now, number, past = load(turn, lane), load(random, lane), load(was, lane)
                if synced:
                    start = STEP * signed(load(origin, lane))
                    cycle = cycle_at(beat, beats, start)
                    current = value_at(load(salt, lane), beat, beats, start)
                    now = np.uint32(np.int64(here) - np.int64(load(origin, lane)))
                    if cycle != load(mark, lane):
                        past = value_at(load(salt, lane), beat - beats, beats, start)
                else:
                    current = uniform(number)
                part = clamp(load(glide, i), 0.0, 1.0)
                value = between(past, current, now, part)
                store(out, i, load(low, i) + (load(high, i) - load(low, i)) * (0.5 + 0.5 * value))
                store(before, lane, fired)
                if synced:
                    if restart:
                        start = STEP * signed(here)
                        store(origin, lane, here)
                        store(mark, lane, cycle_at(beat, beats, start))
                        store(was, lane, value)
                    continue
                steps = clamp(load(rate, i), 0.0, 100.0) * step + load(rest, lane)
                whole = np.floor(steps)
                following = advance(now, whole)
                new = restart or following < now
                store(rest, lane, steps - whole)
                store(was, lane, value if new else past)
                store(random, lane, shuffle(number) if new else number)
                store(turn, lane, np.uint32(0) if restart else following)


@inline
def between(past, value, turn, glide):
    """[audio] The value at a phase of the cycle: gliding from the previous one during the first `glide` of it."""
    place = 0.5 + STEP * np.float32(np.int32(np.uint32(turn) ^ np.uint32(0x80000000)))
    way = place / (glide if glide > 1e-6 else 1e-6)
    return past + (value - past) * smooth(way if way < 1.0 else 1.0) if glide > 0.0 else value
