from __future__ import annotations

import numpy as np

from graph import In, Node, Out, State, float_to_bits, kernel
from graph.native import load, store
from nodes.dsp.envelopes.envelope import ENDLESS, passed, shape_ratio, stage_frames, turn, undershoot
from nodes.dsp.math.functions import clamp

ANCHOR = 64  # frames between exact recomputations of the shape
OPEN = float(np.nextafter(np.float32(0.5), np.float32(1)))


class Adsr(Node, family="Modulation"):
    """ADSR envelope whose attack, decay and release last exactly their set times, to the frame.

    The attack follows an RC circuit charging toward 4/3; decay and release fall exponentially through 60 dB. Every
    stage ends exactly. `shape` falls from 1 to 0 in each stage; the level is base + span shape + rest sustain (1 -
    shape), a recursion with one multiplication. Alone, the recursion would drift by several percent in ten seconds
    and never arrive, so the shape is recomputed from the frame count every 64 frames and at every event. A new note
    starts from the current level, so nothing clicks.
    """

    gate = In(doc="Gate; a note sounds while it is above 0.5.")
    trigger = In(0, doc="Retrigger; above 0.5 with the gate high, the attack restarts from the current level.")
    attack = In(0.01, "s", 0, 60, curve="log", rate="block", doc="Time from 0 to 1; 0 is instant.")
    decay = In(0.2, "s", 0, 60, curve="log", rate="block", doc="Time from 1 to the sustain level.")
    sustain = In(0.7, "", 0, 1, doc="Level while the gate stays high.")
    release = In(0.3, "s", 0, 60, curve="log", rate="block", doc="Time from any level to exactly 0.")
    out = Out(doc="Envelope level, 0 .. 1.")
    shape = State()
    ratio = State()
    offset = State()
    base = State()
    span = State()
    rest = State(doc="1 in decay and sustain, otherwise 0.")
    side = State(initial=-1, doc="1 while the gate is high, -1 while it is low.")
    count = State(initial=2**24, doc="Frames since the stage began, as of the last update.")
    length = State(initial=1, doc="Length of the stage in frames.")
    elapsed = State(shape=1, dtype=np.int64, doc="Frames since `count` was updated.")
    due = State(shape=1, dtype=np.int32, doc="Frames until the next stage ends.")
    clock = State(shape=1, dtype=np.int64)

    @kernel
    def process(block):
        frames, lanes, sample_rate = block.frames, block.lanes, block.sample_rate
        gate, trigger, sustain, out = block.gate, block.trigger, block.sustain, block.out
        shape, ratio, offset, base, span = block.shape, block.ratio, block.offset, block.base, block.span
        rest, side, count, length = block.rest, block.side, block.count, block.length
        elapsed, due, clock = block.elapsed[0], block.due[0], block.clock[0]
        # Most blocks have no event. The sign bit is set if a gate changes or a trigger fires after the first frame.
        signs = np.uint32(0)
        for i in range(lanes, frames * lanes):
            flip = float_to_bits(load(gate, i) - OPEN) ^ float_to_bits(load(gate, i - lanes) - OPEN)
            signs = np.uint32(signs | flip | float_to_bits(0.5 - load(trigger, i)))
        events = signs >= 2**31
        for frame in range(frames):
            for lane in range(lanes):
                i = frame * lanes + lane
                now = load(shape, lane) * load(ratio, lane) + load(offset, lane)
                keeps = load(rest, lane)
                level = load(base, lane) + load(span, lane) * now
                level += clamp(load(sustain, i), 0.0, 1.0) * (keeps - keeps * now)
                store(shape, lane, now)
                store(out, i, level)
            elapsed += 1
            anchor = clock == 0
            clock = clock + 1 if clock < ANCHOR - 1 else 0
            if frame > 0 and not anchor and elapsed < due:
                if not events:
                    continue
                signs = np.uint32(0)
                for lane in range(lanes):
                    i = frame * lanes + lane
                    flip = float_to_bits((load(gate, i) - OPEN) * load(side, lane))
                    signs = np.uint32(signs | flip | float_to_bits(0.5 - load(trigger, i)))
                if signs < 2**31:
                    continue
            left = np.int32(ENDLESS)
            for lane in range(lanes):
                i = frame * lanes + lane
                held = load(gate, i) > 0.5
                up = load(side, lane) > 0.0
                again = load(trigger, i) > 0.5
                now = load(shape, lane)
                keeps = load(rest, lane)
                begin = load(base, lane)
                reach = load(span, lane)
                attacks = load(block.attack, lane)
                decays = load(block.decay, lane)
                releases = load(block.release, lane)
                total = stage_frames(attacks, decays, releases, up, keeps > 0.0, sample_rate)
                n = load(count, lane) + np.float32(elapsed)
                n, now = passed(n, now, total, load(length, lane), anchor, up & (keeps == 0.0))
                sustained = clamp(load(sustain, i), 0.0, 1.0)
                level = begin + reach * now + sustained * (keeps - keeps * now)
                keeps, begin, reach, n, moves, fresh = turn(
                    held, up, again, n >= total - 0.01, level, keeps, begin, reach, n, attacks * sample_rate
                )
                rests = (now == 0.0) & (not fresh)
                total = stage_frames(attacks, decays, releases, held, keeps > 0.0, sample_rate)
                rises = held & (keeps == 0.0)
                factor = 0.0 if rests else shape_ratio(total, rises)
                low = undershoot(rises)
                now = 1.0 if fresh else now
                now = (factor + low * (factor - 1.0) if total > 1.0 else 0.0) if moves else now
                store(out, i, begin + reach * now + sustained * (keeps - keeps * now))
                store(shape, lane, now)
                store(ratio, lane, factor)
                store(offset, lane, 0.0 if rests else low * (factor - 1.0))
                store(rest, lane, keeps)
                store(base, lane, begin)
                store(span, lane, reach)
                store(side, lane, 1.0 if held else -1.0)
                store(count, lane, n)
                store(length, lane, total)
                left = min(left, np.int32(ENDLESS if rests else np.ceil(total - n - 0.01)))
            elapsed = 0
            due = left
        block.elapsed[0], block.due[0], block.clock[0] = elapsed, due, clock
