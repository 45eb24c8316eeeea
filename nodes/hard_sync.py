from __future__ import annotations

import numpy as np

from graph import In, Out, State, inline, kernel
from graph.native import load
from nodes.dsp.math.functions import clamp
from nodes.dsp.oscillators.harmonics import EDGES
from nodes.dsp.oscillators.oscillator import NEVER, Oscillator, level, no_edges, pitch, play, restarts
from nodes.dsp.oscillators.sync import hold_ratio, low_sync, sync


class HardSync(Oscillator):
    """Hard-synced sawtooth oscillator: a saw restarted by an internal oscillator; sweep `ratio` for the screaming lead.

    The pitch is `freq`, that of the restarting oscillator. `ratio` moves a formant through its harmonics. All falls
    of the pattern are known in advance, so each is a band-limited step at its exact place between frames
    (nodes/dsp/oscillators/sync.py): at C8 the aliases lie under -110 dB. Where the restarting oscillator is another
    node, or another waveform is restarted, use the `sync` input that every oscillator has.
    Eli Brandt, "Hard sync without aliasing", ICMC 2001.
    """

    ORIGIN = 2**31

    freq = pitch(220, "Pitch, the rate of the restarts; below 0 the wave runs backwards.")
    ratio = In(
        1.5,
        "",
        1,
        32,
        curve="log",
        ramp=0.03,
        doc="The saw's pitch as a multiple of `freq`; limited to 3/16 of the sample rate.",
    )
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="Synced saw, -1 .. 1, minus its mean.")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle; the restart is at 0.")

    @kernel
    def process(block):
        play(block, 2**31, EDGES, low, tone, level, no_edges, NEVER)


@inline
def low(block, i, lane, turn, steps):
    steps = steps if steps > 1.0 else np.float32(1.0)
    return low_sync(turn, steps, hold_ratio(clamp(load(block.ratio, i), 1.0, 32.0), steps))


@inline
def tone(block, i, lane, turn, steps):
    steps = steps if steps > 1.0 else np.float32(1.0)
    return sync(turn, steps, hold_ratio(clamp(load(block.ratio, i), 1.0, 32.0), steps))
