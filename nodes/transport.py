"""Internal clock of a patch."""

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

    The beat is computed from the time since the last tempo change, not summed over frames: an hour at 120 bpm ends on
    the exact sample, and so does a ramp (nodes/dsp/clocks/tempo.py). A new tempo applies from its exact frame, or is
    reached over `ramp` beats; `tempos` is a tempo map instead, such as `0: 90, 16: 90, 32: 140`. While stopped, the
    beat is constant. Bars count from 1. When a loop restarts, its first frame has exactly the beat of the loop start;
    the fraction of a frame by which it is late is carried into the next pass, so loops never drift.
    """

    tempo = In(
        120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1,
        doc="Tempo, unless `tempos` sets it.",
    )  # fmt: skip
    quantum = Option(4.0, min=0.25, max=64.0, doc="Beats per bar.")
    meter = Option("", doc="Time signature, such as 7/8, instead of `quantum`.")
    playing = In(1.0, "", 0.0, 1.0, ramp=0.0, voices=1, channels=1, doc="Runs while above 0.5.")
    tempos = Option("", items=", ", doc="Tempo map in beats, with linear ramps: `0: 90, 16: 140, 48: 100 hold`.")
    ramp = In(0, "", 0, 1024, ramp=0.0, voices=1, channels=1, doc="Length in beats of the ramp to a new tempo.")
    tap = In(0, ramp=0.0, voices=1, channels=1, doc="Tap tempo: two or more taps set the tempo until `tempo` changes.")
    tap_phase = Option(False, doc="Each tap also moves the clock to the nearest whole beat.")
    reset = In(0, ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 returns to the bar `start`.")
    swing = In(0.5, "", 0.5, 0.75, voices=1, channels=1, doc="Offbeat position for all followers; 2/3 is triplets.")
    swing_step = Option(0.5, min=1 / 16, max=4.0, doc="Beats per swung step: 1/2 for eighths.")
    loop_from = In(0, "", 0, 1e6, ramp=0.0, voices=1, channels=1, doc="First bar of the loop.")
    loop_to = In(0, "", 0, 1e6, ramp=0.0, voices=1, channels=1, doc="Bar before which the loop ends; 0 is no loop.")
    sections = Option("", items=", ", doc="Section names with their first bars: `intro: 1, verse: 5`; `end` stops.")
    loop = Option("", doc="Section to loop.")
    start = Option(1.0, min=1.0, max=1e6, doc="Bar to start at.")
    file = Option("", doc="MIDI file that sets the tempos, time signatures and end.")
    out = Out(kind="clock", doc="Beat, tempo, bar length, and each start, stop and jump at its frame.")
    section = Out(voices=1, channels=1, doc="Number of the current section, from 1; 0 before the first.")

    law = State((6,), np.float64)
    map = State(ndim=2, dtype=np.float64)
    marks = State(ndim=1, dtype=np.float64)
    bars = State(ndim=2, dtype=np.float64, doc="Start beat, start bar and beats per bar of each time signature.")
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
            align = block.tap_phase if block.taps[1] == 1.0 else 0  # frames since a tap, including this one
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
