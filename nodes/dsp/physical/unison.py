"""The two strings of a piano note, and the felt that damps them.

A lane has two pairs with separate arrays: one plays, the other fades out after another note has taken the lane. A
single pair would have to slide from note to note within a millisecond, and the old note would chirp.
"""

from __future__ import annotations

import numpy as np

from graph import inline
from graph.native import store
from nodes.dsp.physical.percussion import settled
from nodes.dsp.physical.string import bounded, felt, read, row, string

STRING, PLACE, PLACED, MOVING = 10, 20, 21, 22
"""Rows of `tuning`. Ten per string: delay, gain and pole, their targets, and bend, as from `string`; gain of the felt,
the intermediate value of its smoothing, and its target. Then the hammer's position and its target; frames left to
glide."""

ROWS = 23


@inline
def begin(line1, line2, chain, low, known, lane, write, period):
    """Clears a pair before it is tuned: as much of its lines as a note of this period, bent by a third, can read."""
    for k in range(2):
        low[k, lane] = 0.0
    for k in range(chain.shape[0]):
        chain[k, lane] = 0.0
    for back in range(1, min(np.int64(1.25 * period) + 6, line1.shape[0])):
        store(line1, row(line1, lane, write - back), np.float32(0.0))
        store(line2, row(line2, lane, write - back), np.float32(0.0))
    known[0, lane] = 0.0


@inline
def tuned(known, tuning, lane, freq, seconds, apart, corner, stiff, stages, glide, rate):
    """Tunes both strings of a pair if anything has changed; the second decays more slowly."""
    changed = (freq != known[0, lane]) | (seconds != known[1, lane]) | (apart != known[2, lane])
    if changed | (corner != known[3, lane]) | (stiff != known[4, lane]):
        known[0, lane], known[1, lane], known[2, lane] = freq, seconds, apart
        known[3, lane], known[4, lane] = corner, stiff
        for k in range(2):
            pitch, slow = (freq * apart, seconds) if k == 0 else (freq / apart, 2.5 * seconds)
            delay, gain, pole, bend = string(pitch, min(slow, np.float32(60.0)), corner, stiff, stages, rate)
            first = STRING * k
            tuning[first + 3, lane], tuning[first + 4, lane], tuning[first + 5, lane] = delay, gain, pole
            tuning[first + 6, lane] = bend
        tuning[PLACED, lane] = max(0.125 * rate / freq, np.float32(2.0))
        tuning[MOVING, lane] = glide


@inline
def damp(tuning, lane, freq, seconds, release, glide):
    """Damps a pair so that a decay of `seconds` becomes `release`, or lifts the felt if `release` is longer."""
    for k in range(2):
        damper = felt(freq, seconds if k == 0 else 2.5 * seconds, release)
        if damper != tuning[STRING * k + 9, lane]:
            tuning[STRING * k + 9, lane], tuning[MOVING, lane] = damper, glide


@inline
def at_once(tuning, lane):
    """Ends all glides of a pair at their targets."""
    for first in range(0, 2 * STRING, STRING):
        for k in range(first, first + 3):
            tuning[k, lane] = tuning[k + 3, lane]
        tuning[first + 7, lane], tuning[first + 8, lane] = tuning[first + 9, lane], tuning[first + 9, lane]
    tuning[PLACE, lane] = tuning[PLACED, lane]


@inline
def glides(tuning, lane, fast, slow):
    """One frame of all glides; the felt gain, which jumps, is smoothed twice."""
    for first in range(0, 2 * STRING, STRING):
        for k in range(first, first + 3):
            tuning[k, lane] += fast * (tuning[k + 3, lane] - tuning[k, lane])
        tuning[first + 8, lane] += slow * (tuning[first + 9, lane] - tuning[first + 8, lane])
        tuning[first + 7, lane] += slow * (tuning[first + 8, lane] - tuning[first + 7, lane])
    tuning[PLACE, lane] += fast * (tuning[PLACED, lane] - tuning[PLACE, lane])
    tuning[MOVING, lane] -= 1.0


@inline
def returned(chain, low, tuning, k, lane, wave):
    """Returning wave of string `k` of a pair, after loss and stiffness."""
    stages = chain.shape[0] // 2
    wave = wave * tuning[STRING * k + 1, lane] * tuning[STRING * k + 7, lane]
    kept = wave + low[k, lane]
    low[k, lane] = settled(wave - tuning[STRING * k + 2, lane] * kept)
    bend = tuning[STRING * k + 6, lane]
    for stage in range(k * stages, (k + 1) * stages):
        moved = bend * kept + chain[stage, lane]
        chain[stage, lane] = settled(kept - bend * moved)
        kept = moved
    return kept


@inline
def vibrate(line1, line2, chain, low, tuning, lane, write, push, fast, slow):
    """One frame of a pair. The output is taken at the hammer's position, so partials with a node there are missing."""
    if tuning[MOVING, lane] > 0.0:
        glides(tuning, lane, fast, slow)
    one = returned(chain, low, tuning, 0, lane, read(line1, lane, write, tuning[0, lane]))
    two = returned(chain, low, tuning, 1, lane, read(line2, lane, write, tuning[STRING, lane]))
    one, two = bounded(one + push), bounded(two + 0.4 * push)
    store(line1, row(line1, lane, write), one)
    store(line2, row(line2, lane, write), two)
    place = tuning[PLACE, lane]
    return one + two - read(line1, lane, write, place) - read(line2, lane, write, place)
