from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.oscillators.harmonics import EDGES, any_above, low_saw, saw


class Saw(Node):
    """Band-limited sawtooth oscillator: all harmonics at 1/n; brass, strings, subtractive synthesis.

    A band-limited step around each edge (nodes/dsp/oscillators/blep.py) follows `freq` at audio rate without tables or
    oversampling. At high pitches, where edges are too close for it, the few harmonics are summed directly
    (nodes/dsp/oscillators/harmonics.py). At 48 kHz aliases below 16 kHz stay under -90 dB at every pitch.
    The first sample is 0; it rises to 1 in half a cycle, then falls to -1.
    """

    freq = In(440, "Hz", 0.001, 20_000, curve="log", doc="Pitch; limited to below half the sample rate.")
    out = Out(doc="Sawtooth, -1 .. 1.")
    phase = State(dtype=np.uint32, initial=2**31, doc="Phase, 2**32 per cycle; the edge is at 0.")

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
