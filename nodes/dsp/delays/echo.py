"""The feedback loop of an echo: tone, saturation, and ping-pong."""

from __future__ import annotations

import numpy as np

from graph import inline
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.math.functions import clamp, exp2, tanh

KNEE = 0.25
"""-12 dB, the onset of saturation."""


@inline
def passed(corner, rate):
    """Coefficient of a one-pole low-pass: the part of a step that passes in the first sample; 1 at 20 kHz."""
    corner = clamp(corner, 20.0, 20_000.0)
    return 1.0 - exp2(-9.0647203 * corner / rate) if corner < 20_000.0 else np.float32(1.0)


@inline
def fed_back(audio, feedback, offset, lane, part):
    """The fraction `feedback` of an echo that returns to the line.

    Up to 0.99 the loop is linear. From 1 up it saturates like tape: linear below -12 dB, rounded toward full
    scale above, so that it self-oscillates within bounds. A 5 Hz high-pass, with state `offset`, removes DC.
    """
    tape = clamp(100.0 * abs(feedback) - 99.0, 0.0, 1.0)
    drift = offset[lane]
    offset[lane] += part * (audio - drift)
    audio = feedback * (1.0 - 0.5 * tape * part) * (audio - tape * drift)
    over = abs(audio) - KNEE
    if tape > 0.0 and over > 0.0:
        rounded = KNEE + (1.0 - KNEE) * tanh(over / (1.0 - KNEE))
        audio += tape * ((rounded if audio > 0.0 else -rounded) - audio)
    return audio


@inline
def sides(left, right, power, part):
    """The inputs of the two lines of a ping-pong.

    A centered signal enters on the left only, so that its echoes alternate; a stereo signal enters on both sides.
    `power`, the mean squares of mid and side signal, decides: from 4 % side power on the signal counts as stereo.
    """
    middle, side = 0.5 * (left + right), 0.5 * (left - right)
    power[0] += part * (middle * middle - power[0])
    power[1] += part * (side * side - power[1])
    wide = smooth(clamp(25.0 * power[1] / (power[0] + power[1] + 1e-20), 0.0, 1.0))
    return middle + wide * (left - middle), wide * right
