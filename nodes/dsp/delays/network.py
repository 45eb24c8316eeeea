"""The parts of the Reverb's feedback delay network, each for a run of frames (see `runs`).

`wet` holds a run of the eight lines and `sides` one of the diffused input, as rows. Against the same network frame by
frame the sound differs by -74 dB: a float32 holds a delay of 3,000 frames to 1/4096 frame, which jittered there and is
a smooth curve here.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import load, store
from nodes.dsp.delays.delay_line import fade_to, smooth, wrap
from nodes.dsp.delays.reverb import SWAY, SWAY_RUN, UNITY, follow, heard, spread
from nodes.dsp.delays.runs import all_pass, dampen, hadamard_run, listen_run, past_run, put_run
from nodes.dsp.math.functions import lerp, wave
from nodes.dsp.math.phase import STEP, advance, signed

KEEP, GAIN, POLE, AMOUNT, LEVEL = range(5)
"""Rows of gains: of the inner all-passes' delays, of the low-passes, of the input's all-passes, of the input."""


@inline
def settle(now, goal):
    """Whether all gains have arrived; those within a millionth are set to their goals."""
    most = np.float32(0.0)
    for row in range(now.shape[0]):
        for i in range(now.shape[1]):
            most = max(most, abs(goal[row, i] - now[row, i]))
    if most <= 1e-6:
        follow(now, goal, 0, now.shape[0], np.float32(1.0))
    return most <= 1e-6


@inline
def freezes(freeze, hold):
    """Whether a tail becomes frozen or flows again in this block; `hold` is 1 while it is frozen."""
    moves = False
    for frame in range(freeze.shape[0]):
        moves = moves or (hold < 1.0 if freeze[frame, 0] > 0.5 else hold > 0.0)
    return moves


@inline
def longest_run(outer, inner, room, rate):
    """Frames that hear nothing of themselves in any of the eight lines, and move them by a twentieth of a frame."""
    _, depth = spread(room)
    least = np.float32(SWAY_RUN + 4)
    for i in range(8):
        least = min(least, min(np.float32(inner[i] + 4), room * outer[i] - depth * SWAY * rate))
    return max(np.int64(least) - 4, np.int64(1))


@inline
def enter(block, frame, run, target, glide):
    """Fills `sides` with the input: level, predelay of `target` frames, four all-passes per side."""
    before, sides, now, write = block.before, block.sides, block.now, block.write[0]
    old, new, fade = block.tap_state[0], block.tap_state[1], block.tap_state[2]
    stride = sides.shape[1]
    for j in range(run):
        old, new, fade = fade_to(target, old, new, fade, glide)
        for side in range(2):
            before[side, wrap(before, write + j)] = now[LEVEL, 0] * block.audio[frame + j, side]
            x = before[side, wrap(before, write + j + 1 - np.int64(old))]
            x = x + smooth(fade) * (before[side, wrap(before, write + j + 1 - np.int64(new))] - x)
            store(sides, side * stride + j, x)
    block.tap_state[0], block.tap_state[1], block.tap_state[2] = old, new, fade
    for row in range(8):
        at, late = (row % 2) * stride, block.diffuser_length[row]
        all_pass(block.diffuser, row, write, late, sides, at, run, now[AMOUNT, row], 1.0)


@inline
def turned(phase, depth):
    """Cosine and sine of the lines' common LFO, scaled by `depth`."""
    turns = STEP * signed(phase)
    return depth * wave(0.25 - abs(turns)), depth * wave(turns)


@inline
def away(sway, row, turn):
    """Modulation of a line in frames at a point of the LFO."""
    return turn[0] * sway[0, row] + turn[1] * sway[1, row]


@inline
def hear(block, run, room, depth, kept, steps):
    """Fills `wet` with the eight lines at their swaying delays; the LFO advances by `steps` per frame."""
    line, wet, sway, write, phase = block.line, block.wet, block.sway, block.write[0], block.phase[0]
    end = steps * np.float32(run - 1)
    first, last = turned(phase, depth), turned(advance(phase, end), depth)
    middle = turned(advance(phase, 0.5 * end), depth)
    for i in range(8):
        delay, at = room * block.length[i], i * wet.shape[1]
        if run == 1:
            store(wet, at, heard(line, i, write, delay, away(sway, i, first), kept))
        elif kept == 1.0:
            past_run(line, i, write, np.int64(np.rint(delay)), wet, at, run)
        else:
            path = (away(sway, i, first), away(sway, i, middle), away(sway, i, last))
            listen_run(line, i, write, delay, path, block.weights, wet, at, run)
    block.phase[0] = advance(phase, steps * np.float32(run))


@inline
def leave(block, frame, run):
    """Writes the output: four lines per side with alternating signs."""
    wet, stride = block.wet, block.wet.shape[1]
    for j in range(run):
        for side in range(2):
            at = side * stride + j
            one, two = load(wet, at) - load(wet, at + 2 * stride), load(wet, at + 4 * stride)
            store(block.out, 2 * (frame + j) + side, one + two - load(wet, at + 6 * stride))


@inline
def mix(block, run, amount, kept):
    """Filters and mixes the lines, adds the input unless `kept`, diffuses each by `amount` and writes it."""
    wet, sides, now, write = block.wet, block.sides, block.now, block.write[0]
    stride = wet.shape[1]
    dampen(wet, stride, run, block.low, now[GAIN], now[POLE], 1.0 - kept, kept * UNITY)
    hadamard_run(wet, stride, run, sides, 1.0 - kept)
    for i in range(8):
        keep, late = lerp(now[KEEP, i], 1.0, kept), block.inner_length[i]
        all_pass(block.inner, i, write, late, wet, i * stride, run, amount, keep)
        put_run(block.line, i, write, wet, i * stride, run)
    block.write[0] = write + run
