from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps
from nodes.dsp.oscillators.harmonics import EDGES, any_above
from nodes.dsp.oscillators.sync import hold_ratio, low_sync, sync


class HardSync(Node):
    """Hard sync: a saw that a second oscillator restarts; sweep `ratio` for the screaming lead.

    The pitch heard is `freq`, that of the restarting oscillator; `ratio` moves a formant through its
    harmonics. The falls of the whole pattern are known in advance, so each is a band-limited step at
    its exact place between frames (nodes/dsp/oscillators/sync.py), which oversampling would only come near to.
    Eli Brandt, "Hard sync without aliasing", ICMC 2001.
    """

    freq = In(220, "Hz", 0.001, 20_000, curve="log", doc="Pitch: how often the saw is restarted.")
    ratio = In(
        1.5,
        "",
        1,
        32,
        curve="log",
        ramp=0.03,
        doc="The saw's own pitch over `freq`; held below 3/16 of the sample rate.",
    )
    out = Out(doc="-1 .. 1 less its mean, so that it has none.")
    phase = State(dtype=np.uint32, initial=2**31, doc="2**32 steps a turn; the restart is at 0.")

    @kernel
    def process(block):
        frames, lanes = block.frames, block.lanes
        freq, ratio, out, phase = block.freq, block.ratio, block.out, block.phase
        scale = TURN / block.sample_rate
        least, most = 0.001 * scale, highest_steps(scale)
        if any_above(freq, frames * lanes, EDGES / scale):
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    times = hold_ratio(clamp(load(ratio, i), 1.0, 32.0), steps)
                    store(out, i, sync(turn, steps, times))
                    store(phase, lane, advance(turn, steps))
        else:
            for frame in range(frames):
                for lane in range(lanes):
                    i = frame * lanes + lane
                    turn = load(phase, lane)
                    steps = clamp(scale * load(freq, i), least, most)
                    times = hold_ratio(clamp(load(ratio, i), 1.0, 32.0), steps)
                    store(out, i, low_sync(turn, steps, times))
                    store(phase, lane, advance(turn, steps))
