"""The feedback loop of an echo: tone, saturation, ping-pong, and a loop for constant settings."""

from __future__ import annotations

import numpy as np

from graph import float_to_bits, inline
from graph.native import load
from nodes.dsp.delays.delay_line import smooth
from nodes.dsp.delays.fractional import GUARD, NEAREST, put
from nodes.dsp.math.functions import clamp, exp2, tanh
from nodes.dsp.math.phase import advance, increment

KNEE = 0.25
"""-12 dB, the onset of saturation."""

NEAR = 0.0085
"""Frames from a whole delay within which it is whole: a float32 in seconds comes near a frame, not to it."""


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


@inline
def constant(signal):
    """Whether all rows of an input are equal."""
    lanes, changes = signal.shape[1], np.uint32(0)
    for i in range(lanes, signal.shape[0] * lanes):
        changes |= float_to_bits(load(signal, i)) ^ float_to_bits(load(signal, i - lanes))
    return changes == 0


@inline
def rests(block, end):
    """Whether a Delay repeats the past as it is: whole frames, at least a block ago, no sway, no freeze, no tape.

    `end` is the longest delay in frames.
    """
    calm = constant(block.time) and constant(block.depth) and constant(block.freeze)
    calm = calm and block.depth[0, 0] <= 0.0 and block.freeze[0, 0] <= 0.5 and block.hold[0] == 0.0
    for lane in range(2):
        target = clamp(block.time[0, lane] * block.sample_rate, NEAREST, end)
        calm = calm and abs(target - np.rint(target)) < NEAR and np.rint(target) == block.new[lane]
        calm = calm and block.fade[lane] >= 1.0 and block.new[lane] >= np.float32(block.frames)
    most = np.float32(0.0)
    for i in range(block.frames * 2):
        most = max(most, abs(load(block.feedback, i)))
    return calm and most <= 0.99


@inline
def repeat(block, amounts, swap):
    """The block of a Delay that rests: a copy from the line instead of interpolation, a tenth of the work."""
    line, rate = block.line, block.sample_rate
    write, phase, mask = block.write[0], block.phase[0], np.uint64(block.line.shape[1] - GUARD - 1)
    first, second = (
        write - np.int64(block.new[0]) + np.int64(mask + 1),
        write - np.int64(block.new[1]) + np.int64(mask + 1),
    )
    low, high = block.low[0], block.low[1]
    drift, sway, part = block.offset[0], block.offset[1], 31.416 / rate
    for frame in range(block.frames):
        one, two = line[0, np.uint64(first + frame) & mask], line[1, np.uint64(second + frame) & mask]
        low = (1.0 - amounts[0]) * low + amounts[0] * one
        high = (1.0 - amounts[1]) * high + amounts[1] * two
        drift += part * (low - drift)
        sway += part * (high - sway)
        left, right = block.audio[frame, 0], block.audio[frame, 1]
        if swap == 1:
            left, right = sides(left, right, block.power, 20.0 / rate)
        put(line, 0, write + frame, left + block.feedback[frame, 0] * (high if swap == 1 else low))
        put(line, 1, write + frame, right + block.feedback[frame, 1] * (low if swap == 1 else high))
        block.out[frame, 0], block.out[frame, 1] = one, two
        phase = advance(phase, increment(clamp(block.rate[frame, 0], 0.01, 10.0), rate))
    block.low[0], block.low[1], block.offset[0], block.offset[1] = low, high, drift, sway
    block.write[0], block.phase[0] = write + block.frames, phase
