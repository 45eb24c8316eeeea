from __future__ import annotations

import numpy as np

from graph import In, Node, Option, Out, State, kernel
from graph.native import load, store
from nodes.dsp.math.functions import clamp, lerp, sine
from nodes.dsp.math.phase import STEP, advance, increment, signed


class RingMod(Node):
    """Ring modulator: bells, robots and radios out of whatever comes in.

    An exact product, so every partial becomes two, the carrier's pitch above and below it, and the
    carrier itself is not heard; the diodes of the old circuit, which let it through and distort, are
    a SoftClip away. A sum of pitches beyond half the sample rate folds back, as any product's does.
    """

    audio = In(doc="Signal to modulate.")
    modulator = In(optional=True, doc="Its carrier, where `carrier` is `input`.")
    freq = In(440, "Hz", 0, 20_000, curve="log", doc="Pitch of the sine, where `carrier` is `sine`.")
    mix = In(1, "", 0, 1, doc="0 is the signal as it came, 0.5 amplitude modulation, 1 the product alone.")
    out = Out(doc="Modulated signal.")
    carrier = Option("sine", choices=("sine", "input"), doc="What the signal is multiplied with.")
    turn = State(dtype=np.uint32, doc="2**32 steps a turn.")

    @kernel
    def process(block):
        lanes, rate = block.lanes, block.sample_rate
        own = np.float32(block.carrier == 0)
        for frame in range(block.frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                turn = load(block.turn, lane)
                wave = lerp(load(block.modulator, i), sine(STEP * signed(turn)), own)
                x = load(block.audio, i)
                store(block.out, i, x * lerp(1.0, wave, clamp(load(block.mix, i), 0.0, 1.0)))
                freq = clamp(load(block.freq, i), 0.0, 20000.0)
                store(block.turn, lane, advance(turn, increment(freq, rate)))
