"""The patch's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import JUMP, START, STOP, In, Node, NodeError, Option, Out, Setup, State, clear, emit, kernel
from nodes.dsp.clocks.bars import quantum_at, section_at
from nodes.dsp.clocks.tempo import (
    advance,
    begin_late,
    course,
    go_on,
    is_over,
    moved,
    steer,
    swung,
    tapped,
    tempo_at,
)
from nodes.dsp.math.functions import clamp


class Transport(Node):
    """Internal clock with its own tempo: beats, bars and sections without an external clock.

    The beat is a formula of the time since the tempo last changed, not a sum over frames: an hour at 120 bpm ends on
    its sample, and so does a ramp (nodes/dsp/clocks/tempo.py). A new tempo holds from its exact frame, or is reached in
    `ramp` beats; `tempos` writes the whole course down instead, as `0: 90, 16: 90, 32: 140`. Stopped, the beat stands
    still. Bars count from 1. At the end of a loop the beat is that of its beginning, from the first frame on, and what
    that frame was late is owed to the next round, so that many rounds last exactly as long as they should.
    """

    tempo = In(
        120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1,
        doc="Beats a minute, unless `tempos` says it.",
    )  # fmt: skip
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats in a bar.")
    meter = Option("", doc="Time signature, such as 7/8, instead of `quantum`.")
    playing = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Runs while above 0.5.")
    tempos = Option("", items=", ", doc="Tempo at each beat, in straight lines: `0: 90, 16: 140, 48: 100 hold`.")
    ramp = In(0, "", 0, 1024, ramp=0.0, voices=1, channels=1, doc="Beats in which a new tempo is reached.")
    tap = In(0, ramp=0.0, voices=1, channels=1, doc="Tapped twice or more, it gives the tempo, until `tempo` changes.")
    tap_phase = Option(False, doc="A tap also falls on a beat: the clock jumps to the nearest whole one.")
    reset = In(0, ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 leads back to the bar `start`.")
    swing = In(0.5, "", 0.5, 0.75, voices=1, channels=1, doc="Place of the second step in a pair, for all who follow.")
    swing_step = Option(0.5, min=1 / 16, max=4.0, doc="Beats of the step that swings.")
    loop_from = In(0, "", 0, 1e6, ramp=0.0, voices=1, channels=1, doc="First bar of the loop.")
    loop_to = In(0, "", 0, 1e6, ramp=0.0, voices=1, channels=1, doc="Bar before which the loop ends; 0 is no loop.")
    sections = Option("", items=", ", doc="Names with their first bars: `intro: 1, verse: 5`; at `end` it stops.")
    loop = Option("", doc="Section that is played over and over.")
    start = Option(1.0, min=1.0, max=1e6, doc="Bar to start at.")
    file = Option("", doc="A MIDI file whose tempos, time signatures and end it takes over.")
    out = Out(kind="clock", doc="Beat, tempo, bar length, and each start, stop and jump at its frame.")
    section = Out(voices=1, channels=1, doc="Number of the section that plays, from 1; 0 before the first.")

    law = State((6,), np.float64)
    map = State(ndim=2, dtype=np.float64)
    marks = State(ndim=1, dtype=np.float64)
    bars = State(ndim=2, dtype=np.float64, doc="Beat and bar from which bars have so many beats.")
    region = State((5,), np.float64, doc="Loop of a section, end, lateness of the first frame, beat after a reset.")
    heard = State((4,), np.float64)
    taps = State((4,), np.float64)
    running = State((1,), np.int64)
    done = State((1,), np.int64)

    def validate(self) -> None:
        try:
            course(self.options)
        except NodeError as error:
            raise NodeError(f"{self.label}: {error}") from None

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        return course(self.options, setup.start.late(setup.sample_rate), setup.start.homes.get(setup.name))

    @kernel(double=True)
    def process(block):
        out, law, table, heard, region = block.out, block.law, block.map, block.heard, block.region
        rate = float(block.sample_rate)
        step = float(block.swing_step)
        clear(out.changes)
        swing = 0.5
        for frame in range(block.frames + 1):
            beat = advance(law, table, rate)
            if frame == block.frames:
                out.beat[frame] = swung(beat, swing, step) if swing > 0.5 else beat
                break
            asked = clamp(float(block.tempo[frame, 0]), 20.0, 999.0)
            if frame == 0:
                out.quantum[0] = quantum_at(block.bars, beat)
            by_hand = tapped(block.taps, block.tap[frame, 0], rate)
            steer(law, table, heard, beat, asked, by_hand, clamp(float(block.ramp[frame, 0]), 0.0, 1024.0))
            beat = begin_late(law, region, beat, rate)
            align = block.tap_phase if block.taps[1] == 1.0 else 0  # frames since a tap, this one counted
            beat, jumped = moved(
                law, table, heard, region, block.bars, beat, float(block.reset[frame, 0]), align,
                float(block.loop_from[frame, 0]), float(block.loop_to[frame, 0]),
            )  # fmt: skip
            over = is_over(region, beat)
            swing = clamp(float(block.swing[frame, 0]), 0.5, 0.75)
            shown = swung(beat, swing, step) if swing > 0.5 else beat
            playing = 1 if block.playing[frame, 0] > 0.5 and not over else 0
            if playing != block.running[0]:
                emit(out.changes, frame, START if playing else STOP, 0, 0, 0.0, shown)
                block.running[0] = playing
            elif jumped:
                emit(out.changes, frame, JUMP, 0, 0, 0.0, shown)
            out.beat[frame] = shown
            out.tempo[frame] = tempo_at(law, beat)
            out.playing[frame] = playing
            block.section[frame, 0] = section_at(block.marks, beat)
            go_on(law, region, playing)
            block.done[0] = 1 if over else 0
