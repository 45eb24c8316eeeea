"""Arpeggiator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import NOTE_OFF, NOTE_ON, In, Node, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.math.functions import clamp
from nodes.dsp.math.random import seeds
from nodes.dsp.sequencing.arpeggio import (
    COUNT,
    COUNTS,
    EMPTY,
    FINGERS,
    KEY,
    MODES,
    MOST,
    PEDAL,
    PRESSES,
    TURN,
    VELOCITY,
    hold,
    let_go,
    next_key,
    pedal_moves,
    stepped,
    tapped_key,
)  # fmt: skip
from nodes.dsp.sequencing.sequence import ENDS, HEAD, MOVED, RUNNING, SILENT, follow_reset, next_step, play, step_beat


class Arpeggio(Node):
    """Arpeggiator: plays held keys one after another.

    Notes fall on the steps of the clock, each with the velocity of its key. With no clock connected, the first key
    starts the pattern at once, at `tempo`. `up_down` plays the end notes once and `inclusive` twice, `walk` moves
    at random to a neighboring note, and `played` keeps the order in which the keys were pressed. When the chord
    changes, the pattern continues from the note last played. A key tapped between two steps sounds at the next one.
    With `latch`, or with the sustain pedal down, the pattern keeps playing after all keys are released, until the first
    key of the next chord. Other events pass through.
    """

    events = In(kind="events", doc="Keys to play.")
    clock = In(kind="clock", doc="Clock to follow.")
    mode = Option("up", choices=MODES, doc="Order of the notes.")
    step = Option(0.25, min=1 / 64, max=64.0, doc="Step length in beats.")
    octaves = In(1.0, "", 1.0, 8.0, ramp=0.0, voices=1, channels=1, doc="Octave range of the pattern.")
    gate = In(0.5, "", 0.01, 1.0, ramp=0.0, voices=1, channels=1, doc="Note length as a fraction of the step.")
    swing = In(0.5, "", 0.5, 0.75, ramp=0.0, voices=1, channels=1, doc="Place of a pair's second step; 2/3: triplets.")
    latch = In(0.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Above 0.5, keys keep playing after release.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first step.")
    pedal = Option("latch", choices=("latch", "pass"), doc="Sustain pedal: latches the keys, or passes through.")
    channel = Option(1, min=1, max=16, doc="MIDI channel of the notes.")
    seed = Option(0, min=0, max=2**32 - 1, doc="Random seed; 0 derives it from the node's name.")
    out = Out(kind="events", doc="Arpeggiated notes.")

    beats = State(ndim=1, dtype=np.float64)
    held = State((MOST, 5), np.float64, initial=EMPTY)
    counts = State((COUNTS,), np.int64)
    head = State((HEAD,), np.float64)
    ends = State(ENDS, np.float64, initial=SILENT, keeps=True)
    salt = State(ndim=1, dtype=np.uint32)

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        return {"beats": [self.options["step"]], "salt": seeds(setup.name, self.options["seed"], 1)}

    @kernel(double=True)
    def process(block):
        out, head, held, counts, channel = block.out, block.head, block.held, block.counts, block.channel
        step = block.beats[0]
        events = block.events
        arrived = 0
        clear(out)
        for frame in range(block.frames):
            free = block.clock.tempo[frame] <= 0.0
            latch = block.latch[frame, 0] > 0.5 or counts[PEDAL] != 0
            while arrived < events.count[0] and events.records[arrived].frame <= frame:
                event = events.records[arrived]
                arrived += 1
                if hold(held, counts, event, latch) and free:
                    head[0] = 0.0
                    head[1] = 0.0
                    head[RUNNING] = -1.0  # starts the internal clock
                by_pedal = block.pedal == 0 and pedal_moves(counts, event)
                latch = block.latch[frame, 0] > 0.5 or counts[PEDAL] != 0
                if event.kind != NOTE_ON and event.kind != NOTE_OFF and not by_pedal:
                    emit(out, frame, event.kind, event.channel, event.note_id, event.number, event.value)
            swing = 2.0 * clamp(float(block.swing[frame, 0]), 0.5, 0.75) - 1.0
            beat = follow_reset(
                block.clock, head, frame, block.tempo[frame, 0], block.sample_rate, block.reset[frame, 0], step
            )
            if not latch and counts[COUNT] > counts[FINGERS]:
                let_go(held, counts, head[RUNNING] == 0.0)
            counts[TURN] = 0 if head[MOVED] != 0.0 else counts[TURN]
            number = next_step(out, block.ends, head, frame, channel, beat, step, swing)
            if number < 0.0 or counts[COUNT] == 0:
                continue
            octaves = int(clamp(float(block.octaves[frame, 0]), 1.0, 8.0) + 0.5)
            start = step_beat(number, step, swing)
            gate = clamp(float(block.gate[frame, 0]), 0.01, 1.0)
            end = start + gate * (step_beat(number + 1.0, step, swing) - start)
            drawn_by = number + (4096.0 * counts[PRESSES] if free else 0.0)
            one, octave = tapped_key(held, counts, latch), 0
            if one < 0:
                one, octave = next_key(held, counts, block.mode, octaves, block.salt[0], drawn_by)
                counts[TURN] += 1
            for i in range(MOST):
                if held[i, KEY] < EMPTY and one in (i, -1):
                    key = held[i, KEY] + 12.0 * octave
                    key = key if key <= 127.0 else key - 12.0 * np.ceil((key - 127.0) / 12.0)
                    play(out, block.ends, head, frame, channel, key, held[i, VELOCITY], end)
            stepped(held, one)
