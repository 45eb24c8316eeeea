from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.blep import step
from nodes.dsp.functions import clamp, lerp
from nodes.dsp.harmonics import EDGES, any_above, saw, share
from nodes.dsp.phase import STEP, TURN, advance, highest_steps, signed

HALF_TURN = np.uint32(2**31)


class Pulse(Node):
    """Pulse wave: hollow at half width, where only odd harmonics are left, nasal when narrow.

    The difference of two saws `width` apart, made as Saw makes them. So it has no mean at any
    width, and a modulated width does not thump as a pulse of -1 .. 1 would. Its levels are
    2 - 2 width and -2 width: a square of -1 .. 1 at half width. It starts on its rising edge.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    width = In(0.5, "", 0.05, 0.95, doc="Part of the turn that is high.")
    out = Out(doc="Peak to peak 2, mean 0.")
    phase = State(dtype=np.uint32, doc="2**32 steps a turn; the rising edge is at 0.")
    again = State(dtype=np.uint32, doc="The phase in the second pass over a block.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, width, out, phase, again = block.freq, block.width, block.out, block.phase, block.again
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        for lane in range(lanes):
            store(again, lane, load(phase, lane, 0, 5), 1, 5)
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                turn = load(phase, lane, 0, 5)
                steps = clamp(scale * load(freq, i, 2, 5), least, most)
                rise = signed(turn)
                fall = signed(advance(turn ^ HALF_TURN, TURN * (0.5 - clamp(load(width, i, 3, 5), 0.05, 0.95))))
                frame_of = 1.0 / steps
                risen = step(frame_of * rise) - 2.0 * STEP * rise
                store(out, i, risen - (step(frame_of * fall) - 2.0 * STEP * fall), 4, 5)
                store(phase, lane, advance(turn, steps), 0, 5)
        if any_above(freq, frames * lanes, EDGES / scale, 2, 5):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(again, lane, 1, 5)
                    steps = clamp(scale * load(freq, i, 2, 5), least, most)
                    falling = advance(turn ^ HALF_TURN, TURN * (0.5 - clamp(load(width, i, 3, 5), 0.05, 0.95)))
                    tone = saw(STEP * signed(falling), steps) - saw(STEP * signed(turn), steps)
                    store(out, i, lerp(load(out, i, 4, 5), tone, share(steps, EDGES)), 4, 5)
                    store(again, lane, advance(turn, steps), 1, 5)
