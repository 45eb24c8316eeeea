from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.oscillators.harmonics import EDGES, any_above, impulses, low_impulses


class Impulse(Node):
    """Impulse train: equal harmonics; a buzz, a glottal source or an exciter for resonators.

    Each impulse is the kernel of the band-limited step (nodes/dsp/oscillators/blep.py) at its exact position
    between frames; a single sample would jitter by half a frame and alias. Where impulses are too dense for the
    kernel, their few harmonics are summed. The first impulse is on the first frame.
    """

    freq = In(110, "Hz", 0.001, 20_000, curve="log", doc="Impulses per second; held below half the sample rate.")
    out = Out(doc="Impulses, up to 1; the mean is 1.21 freq / sample rate.")
    phase = State(dtype=np.uint32, doc="Phase, 2**32 steps per cycle; the impulse is at 0.")

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
                    store(out, i, impulses(turn, steps))
                    store(phase, lane, advance(turn, steps))
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    store(out, i, low_impulses(turn, steps))
                    store(phase, lane, advance(turn, steps))
