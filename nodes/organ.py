from __future__ import annotations

import numpy as np

from graph import In, Out, State, inline, within
from nodes.dsp.math.functions import clamp, exp2, wave
from nodes.dsp.math.phase import STEP, signed
from nodes.dsp.oscillators.harmonics import weight
from nodes.dsp.oscillators.oscillator import Oscillator, an_octave_below, pitch, restarts


@inline
def gain(bar):
    """Gain of a drawbar: 3 dB per step below 8, as on a Hammond; silent at 0."""
    return exp2(0.5 * bar - 4.0) * clamp(bar, 0.0, 1.0)


class Organ(Oscillator):
    """Drawbar organ: nine sine partials per key, as from the tonewheels of a Hammond.

    All nine are multiples of half the pitch. One sine and a recurrence give them all, locked in phase, at less than
    the cost of two separate sines. Partials fade out as they approach half the sample rate. Follow it with Saturation
    and Rotary for the classic sound.
    """

    freq = pitch(220, "Pitch of the 8' drawbar; below 0 the wave runs backwards.")
    sub = In(8, "", 0, 8, doc="16': an octave below.")
    quint = In(8, "", 0, 8, doc="5 1/3': a fifth above.")
    unison = In(8, "", 0, 8, doc="8': the pitch.")
    octave = In(0, "", 0, 8, doc="4': an octave above.")
    twelfth = In(0, "", 0, 8, doc="2 2/3': an octave and a fifth above.")
    fifteenth = In(0, "", 0, 8, doc="2': two octaves above.")
    tierce = In(0, "", 0, 8, doc="1 3/5': two octaves and a third above.")
    larigot = In(0, "", 0, 8, doc="1 1/3': two octaves and a fifth above.")
    whistle = In(0, "", 0, 8, doc="1': three octaves above.")
    trigger, start_phase, sync, jumps = restarts()
    out = Out(doc="Sum of the drawbars; one at 8 is a sine of amplitude 0.25.")
    turn = State(dtype=np.uint32, doc="Phase at half the pitch, 2**32 per cycle.")

    @within(an_octave_below, "turn", "steps")
    def process(turn, steps, sub, quint, unison, octave, twelfth, fifteenth, tierce, larigot, whistle):
        turns = STEP * signed(turn)
        cycles = STEP * steps
        # sin(2 k x) = sin(k x) 2 cos(k x), and sin(k x + x) + sin(k x - x) = sin(k x) 2 cos(x).
        one = wave(turns)
        cos1 = 2.0 * wave(0.25 - abs(turns))
        cos2 = cos1 * cos1 - 2.0
        cos4 = cos2 * cos2 - 2.0
        two = one * cos1
        three = two * cos1 - one
        four = two * cos2
        six = four * cos2 - two
        eight = four * cos4
        ten = eight * cos2 - six
        twelve = ten * cos2 - eight
        sixteen = twelve * cos4 - eight
        total = one * gain(sub) + two * gain(unison)
        total += weight(3.0, cycles) * three * gain(quint)
        total += weight(4.0, cycles) * four * gain(octave)
        total += weight(6.0, cycles) * six * gain(twelfth)
        total += weight(8.0, cycles) * eight * gain(fifteenth)
        total += weight(10.0, cycles) * ten * gain(tierce)
        total += weight(12.0, cycles) * twelve * gain(larigot)
        total += weight(16.0, cycles) * sixteen * gain(whistle)
        return 0.25 * total
