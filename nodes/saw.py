from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.blep import step
from nodes.dsp.functions import clamp, lerp
from nodes.dsp.harmonics import EDGES, any_above, saw, share
from nodes.dsp.phase import STEP, TURN, advance, highest_steps, signed


class Saw(Node):
    """Sawtooth: every harmonic at 1/n; brass, strings, the raw material of subtractive synthesis.

    A band-limited step around each edge (nodes/dsp/blep.py) follows `freq` at audio rate with no
    table and no oversampling; where edges are too close for it, the few harmonics there are
    (nodes/dsp/harmonics.py). Below 16 kHz of 48 the aliases lie under -90 dB at every pitch.
    The first sample is 0; it rises to 1 in half a turn and falls to -1.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    out = Out(doc="-1 .. 1")
    phase = State(dtype=np.uint32, initial=2**31, doc="2**32 steps a turn; the edge is at 0.")
    again = State(dtype=np.uint32, doc="The phase in the second pass over a block.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, out, phase, again = block.freq, block.out, block.phase, block.again
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        for lane in range(lanes):
            store(again, lane, load(phase, lane, 0, 4), 1, 4)
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                turn = load(phase, lane, 0, 4)
                steps = clamp(scale * load(freq, i, 2, 4), least, most)
                since = signed(turn)
                store(out, i, 2.0 * STEP * since - step(since / steps), 3, 4)
                store(phase, lane, advance(turn, steps), 0, 4)
        if any_above(freq, frames * lanes, EDGES / scale, 2, 4):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(again, lane, 1, 4)
                    steps = clamp(scale * load(freq, i, 2, 4), least, most)
                    tone = saw(STEP * signed(turn), steps)
                    store(out, i, lerp(load(out, i, 3, 4), tone, share(steps, EDGES)), 3, 4)
                    store(again, lane, advance(turn, steps), 1, 4)
