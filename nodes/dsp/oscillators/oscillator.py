"""The common structure of oscillators: a running phase and its restarts.

A block without restarts only computes the waveform: `low`, or `tone` if a pitch is too high for `low`. A
block with a restart, or the tail of one, uses a third body, which checks every frame.
There a trigger sets the phase at its frame, and the jump is band-limited (restart.py). `sync` sets the phase between
frames, where the other oscillator crosses 0. A restart would cut off a step of blep.py in its middle, so from the
first sync on, a waveform with edges is generated with naive edges, each of which passes the filter of restart.py.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from graph import In, Node, Setup, State, inline
from graph.native import load, store
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.phase import TURN, advance, highest_steps, offset
from nodes.dsp.math.random import start_phases
from nodes.dsp.oscillators.harmonics import any_above
from nodes.dsp.oscillators.restart import (
    CATCHES_UP,
    FOREVER,
    LEFT,
    ROWS,
    WAITS,
    WAS_SYNC,
    WAS_TRIGGER,
    WENT,
    add_jump,
    ringing,
)

NEVER, ON_SYNC, ALWAYS = range(3)
"""The restarts after which all edges of a waveform pass the filter."""


class Oscillator(Node, family="Oscillators"):
    """Base class of oscillators: the first voice starts at the documented phase, each further voice at its own."""

    ORIGIN: ClassVar[int] = 0
    """Start phase of a single oscillator, 2**32 per cycle."""

    def prepare(self, setup: Setup) -> dict[str, Any]:
        phases = self.ORIGIN + np.floor(start_phases(setup.name, setup.voices) * TURN)
        return {"turn": np.tile(phases % TURN, setup.channels), "jumps": no_jumps(setup.lanes)}


def no_jumps(lanes: int) -> Any:
    """[control] The state `jumps` before the first frame."""
    jumps = np.zeros((ROWS, lanes))
    jumps[LEFT] = jumps[WAITS] = 1.0
    return jumps


def pitch(default: float, doc: str = "Pitch; below 0 the wave runs backwards. Limited to below half the rate.") -> In:
    """[control] The input `freq`."""
    return In(default, "Hz", -20_000, 20_000, curve="log", doc=doc)


def restarts() -> tuple[In, In, In, State]:
    """[control] The inputs `trigger`, `start_phase` and `sync`, and the state `jumps`."""
    phase = "Start phase, also after each restart, in cycles; 0 is where the waveform starts."
    return (
        In(0, rests=True, doc="A rise above 0.5 restarts the cycle."),
        In(0, "", -1, 1, rests=True, doc=phase),
        In(0, rests=True, doc="Hard sync: a rise through 0 restarts the cycle, between frames."),
        State(ndim=2, doc="State of restarts (restart.py), one column per lane."),
    )


@inline
def play(block, origin, limit, low, tone, naive, edges, causal):
    """[audio] A block of an oscillator with edges; `limit` is the largest phase step for `low`.

    causal   ON_SYNC, or ALWAYS if all edges pass the filter after a trigger too
    """
    if restarting(block):
        look_at_every_frame(block, origin, np.float32(1.0), causal, tone, naive, edges)
    elif any_above(block.freq, block.frames * block.lanes, limit * block.sample_rate / TURN):
        run(block, np.float32(1.0), tone)
    else:
        run(block, np.float32(1.0), low)


@inline
def at_pitch(block, tone):
    """[audio] The loop of an oscillator without edges, `within` which `tone` takes `turn` and `steps`."""
    play_smooth(block, 0, np.float32(1.0), tone)


@inline
def an_octave_below(block, tone):
    """[audio] As `at_pitch`; the phase counts one cycle for two of `freq`."""
    play_smooth(block, 0, np.float32(0.5), tone)


@inline
def play_smooth(block, origin, speed, tone):
    """[audio] A block of an oscillator without edges, whose phase advances by `speed` cycles per cycle of `freq`."""
    if restarting(block):
        look_at_every_frame(block, origin, speed, NEVER, tone, level, no_edges)
    else:
        run(block, speed, tone)


@inline
def level(block, i, lane, turn):
    return np.float32(0.0), np.float32(0.0)


@inline
def no_edges(block, i, lane, turn, way, went, ends, begins):
    return


@inline
def restarting(block):
    """[audio] Whether a lane restarts in this block, or an earlier restart is still decaying."""
    trigger, sync, jumps = block.trigger, block.sync, block.jumps
    busy = any_above(trigger, trigger.shape[0] * trigger.shape[1], np.float32(0.5))
    busy = busy or any_above(sync, sync.shape[0] * sync.shape[1], np.float32(0.0))
    return busy or any_above(jumps, jumps.shape[1], np.float32(0.0))


@inline
def asked(block, i, lane):
    """[audio] The events of a lane at this frame: whether it is its first frame, whether it restarts, whether `sync`
    requests that, how many frames ago, and `start_phase`."""
    jumps, wide = block.jumps, block.jumps.shape[1]
    trigger = load(block.trigger, i if block.trigger.shape[0] > 1 else lane)
    sync = load(block.sync, i if block.sync.shape[0] > 1 else lane)
    later = clamp(load(block.start_phase, i if block.start_phase.shape[0] > 1 else lane), -1.0, 1.0)
    was = load(jumps, WAS_SYNC * wide + lane)
    waits = load(jumps, WAITS * wide + lane) > 0.0
    fired = (trigger > 0.5) & (load(jumps, WAS_TRIGGER * wide + lane) <= 0.5)
    crossed = (sync > 0.0) & (was <= 0.0) & (not fired) & (not waits)
    store(jumps, WAITS * wide + lane, 0.0)
    store(jumps, WAS_TRIGGER * wide + lane, trigger)
    store(jumps, WAS_SYNC * wide + lane, sync)
    return waits, fired or crossed, crossed, sync / (sync - was) if crossed else np.float32(0.0), later


@inline
def nothing_asked(block):
    """[audio] Updates the restart state after a block without restarts."""
    lanes, wide = block.trigger.shape[1], block.jumps.shape[1]
    for lane in range(lanes):
        sync = load(block.sync, (block.sync.shape[0] - 1) * lanes + lane)
        store(block.jumps, WAS_TRIGGER * wide + lane, 0.0)
        store(block.jumps, WAS_SYNC * wide + lane, sync)


@inline
def run(block, speed, tone):
    """[audio] A block without restarts."""
    frames, lanes = block.frames, block.lanes
    freq, out, phase, jumps = block.freq, block.out, block.turn, block.jumps
    scale = speed * TURN / block.sample_rate
    most = highest_steps(scale)
    for frame in range(frames):
        for lane in range(lanes):
            i = frame * lanes + lane
            turn = load(phase, lane)
            steps = clamp(scale * load(freq, i), -most, most)
            store(out, i, tone(block, i, lane, turn, abs(steps)))
            store(phase, lane, advance(turn, steps))
    for lane in range(lanes):
        steps = clamp(scale * load(freq, (frames - 1) * lanes + lane), -most, most)
        store(jumps, WENT * lanes + lane, np.float32(np.int32(steps)))
    nothing_asked(block)


@inline
def look_at_every_frame(block, origin, speed, sharp, tone, naive, edges):
    """[audio] A block in which lanes may restart; `sharp` selects when edges pass the filter."""
    lanes, jumps, phase = block.lanes, block.jumps, block.turn
    scale = speed * TURN / block.sample_rate
    most = highest_steps(scale)
    for frame in range(block.frames):
        for lane in range(lanes):
            i = frame * lanes + lane
            turn = load(phase, lane)
            steps = clamp(scale * load(block.freq, i), -most, most)
            waits, restarts, crossed, since, later = asked(block, i, lane)
            went = load(jumps, WENT * lanes + lane)
            causal = load(jumps, LEFT * lanes + lane) > CATCHES_UP
            begin = offset(np.uint32(origin), speed * later)
            if waits:
                turn = begin if restarts else offset(turn, speed * later)
            else:
                past = np.float32(np.int32(since * went))
                end = advance(turn, -past)
                if causal:
                    edges(block, i, lane, end, went - past, went, since, False)
                if restarts:
                    follows = causal or sharp == ALWAYS or (crossed and sharp == ON_SYNC)
                    old, falls = at_restart(block, i, lane, end, went, causal, tone, naive)
                    new, rises = at_restart(block, i, lane, begin, went, follows, tone, naive)
                    add_jump(jumps, lane, lanes, np.float32(0.0), new - old, rises - falls, since)
                    turn = advance(begin, past)
                    causal = follows
                    if causal:
                        store(jumps, LEFT * lanes + lane, FOREVER)
                        edges(block, i, lane, turn, past, went, np.float32(0.0), True)
            if causal:
                value, _ = naive(block, i, lane, turn)
            else:
                value = tone(block, i, lane, turn, abs(steps))
            store(block.out, i, value + ringing(jumps, lane, lanes))
            store(jumps, WENT * lanes + lane, np.float32(np.int32(steps)))
            store(phase, lane, advance(turn, steps))


@inline
def at_restart(block, i, lane, turn, went, true_edges, tone, naive):
    """Value, and slope per frame, at a phase."""
    if true_edges:
        value, slope = naive(block, i, lane, turn)
        return value, slope * went
    steps = abs(went)
    before = tone(block, i, lane, advance(turn, -0.5 * went), steps)
    after = tone(block, i, lane, advance(turn, 0.5 * went), steps)
    return tone(block, i, lane, turn, steps), after - before


@inline
def pass_edge(block, lane, x, way, went, ends, area, value, slope):
    """An edge `x` steps behind the phase, if the last `way` steps, which ended `ends` frames ago, crossed it."""
    forward = way >= 0.0
    if (x >= 0.0) & (x < way) if forward else (x < 0.0) & (x >= way):
        value = value if forward else -value
        add_jump(block.jumps, lane, block.lanes, area, value, slope, ends + x / went)
