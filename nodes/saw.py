from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.oscillators.harmonics import EDGES, any_above, low_saw, saw


class Saw(Node):
    """Sawtooth: every harmonic at 1/n; brass, strings, the raw material of subtractive synthesis.

    A band-limited step around each edge (nodes/dsp/oscillators/blep.py) follows `freq` at audio rate with no
    table and no oversampling; where edges are too close for it, the few harmonics there are
    (nodes/dsp/oscillators/harmonics.py). Below 16 kHz of 48 the aliases lie under -90 dB at every pitch.
    The first sample is 0; it rises to 1 in half a turn and falls to -1.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; held below half the sample rate.")
    out = Out(doc="-1 .. 1")
    phase = State(dtype=np.uint32, initial=2**31, doc="2**32 steps a turn; the edge is at 0.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, out, phase = block.freq, block.out, block.phase
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        if any_above(freq, frames * lanes, EDGES / scale):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    store(out, i, saw(turn, steps))
                    store(phase, lane, advance(turn, steps))
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    store(out, i, low_saw(turn, steps))
                    store(phase, lane, advance(turn, steps))
