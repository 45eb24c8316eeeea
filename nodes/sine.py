from __future__ import annotations

import numpy as np

from graph import In, Out, State, within
from nodes.dsp.math.functions import sine
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.oscillator import Oscillator, at_pitch, pitch, restarts


class Sine(Oscillator):
    """Sine oscillator: one partial, the carrier or the modulator of through-zero FM.

    A polynomial computes each sample (nodes/dsp/math/functions.py; errors below -131 dB). It costs less than a table's
    two loads and a blend, and its phase may move at audio rate. Starts at 0 and rises; each further voice
    starts at its own phase.
    """

    freq = pitch(440)
    phase = In(0, "", ramp=0.05, doc="Phase in cycles, added to the running one: FM as the DX7 does it.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="-1 .. 1")
    turn = State(dtype=np.uint32, doc="Running phase, 2**32 per cycle.")

    @within(at_pitch, "turn", "steps")
    def process(turn, phase):
        return sine(STEP * signed(turn) + phase)
