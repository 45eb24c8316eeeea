from __future__ import annotations

import numpy as np

from graph import In, Node, Option, Out, State, per_sample
from nodes.dsp.math.functions import lerp, sine
from nodes.dsp.math.phase import STEP, advance, increment, signed


class RingMod(Node):
    """Ring modulator: bell, robot and radio sounds from any input.

    An exact product: each partial becomes a sum and a difference frequency, and the carrier itself is suppressed. Add a
    SoftClip for the distortion of a diode ring. Sum frequencies above half the sample rate alias, as in any product.
    """

    audio = In(doc="Signal to modulate.")
    modulator = In(optional=True, doc="Carrier signal if `carrier` is `input`.")
    freq = In(440, "Hz", 0, 20_000, curve="log", doc="Carrier frequency if `carrier` is `sine`.")
    mix = In(1, "", 0, 1, doc="Wet/dry mix: 0 dry, 0.5 amplitude modulation, 1 ring modulation.")
    out = Out(doc="Modulated signal.")
    carrier = Option("sine", choices=("sine", "input"), doc="Carrier source.")
    turn = State(dtype=np.uint32, doc="Phase, 2**32 per cycle.")

    @per_sample
    def process(audio, modulator, freq, mix, carrier, turn, sample_rate):
        wave = sine(STEP * signed(turn)) if carrier == 0 else modulator
        return audio * lerp(1.0, wave, mix), advance(turn, increment(freq, sample_rate))
