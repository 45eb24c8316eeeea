"""Automation curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import START, In, Node, NodeError, Option, Out, Setup, State, kernel
from graph.language import ANY
from nodes.dsp.envelopes.breakpoints import HOLD, LOG, SMOOTH, parse
from nodes.dsp.sequencing.sequence import GRID, HEAD, RESET, RUNNING, follow_reset


class Automation(Node, family="Modulation"):
    """Automation curve for any input, written as breakpoints: `0: 200 Hz, 4: 2 kHz log, 8: 400 Hz hold`.

    Each point has a position, a value, and a curve from the previous point: linear, `log` with equal ratios
    (for frequencies), `smooth` with a soft start and end, or `hold`, which stays and then jumps. Positions are beats
    of the clock, bars or seconds. The value depends on the position alone and is recomputed in every frame, so it is
    correct after a jump and wherever playback starts. Before the first point and after the last, the value is that of
    the point, unless it loops.
    """

    points = Option("0: 0, 4: 1", items=", ", doc="Positions and values: `0: 200, 4: 2000 log, 8: 400 hold`.")
    unit = Option("beats", choices=("beats", "bars", "seconds"), doc="Unit of the positions, which count from 0.")
    clock = In(kind="clock", optional=True, doc="Clock to follow.")
    tempo = In(120.0, "bpm", 20.0, 999.0, curve="log", ramp=0.0, voices=1, channels=1, doc="Tempo without a clock.")
    reset = In(0.0, "", ramp=0.0, voices=1, channels=1, doc="A rise above 0.5 starts again from the first point.")
    loop = Option(False, doc="Repeat from the start at the last point.")
    out = Out(ANY, voices=1, channels=1, doc="Value of the curve.")

    table = State(ndim=2, dtype=np.float64)
    place = State((2,), np.int64, doc="Previous point, and frames since the start.")
    head = State((HEAD,), np.float64)
    done = State((1,), np.int64)

    def validate(self) -> None:
        with self.naming("points"):
            points = parse(self.options["points"])
            if self.options["loop"] and points[-1].place <= 0:
                raise NodeError("to loop, the last point must be after 0")

    def prepare(self, setup: Setup) -> Mapping[str, Any]:
        self.validate()
        place = [0, setup.gone if self.options["unit"] == "seconds" else 0]
        return {"place": place, "table": [list(map(float, point)) for point in parse(self.options["points"])]}

    @kernel(double=True)
    def process(block):
        table, place, clock, head = block.table, block.place, block.clock, block.head
        last = table.shape[0] - 1
        length = table[last, 0]
        change = 0
        at = 0.0
        for frame in range(block.frames):
            reset = block.reset[frame, 0]
            place[1] = 0 if reset > 0.5 and not head[RESET] > 0.5 else place[1]
            beat = follow_reset(clock, head, frame, block.tempo[frame, 0], block.sample_rate, reset, GRID)
            bar = clock.quantum[0] if clock.tempo[frame] > 0.0 else 4.0
            while change < clock.changes.count[0] and clock.changes.records[change].frame <= frame:
                event = clock.changes.records[change]
                if event.kind == START and event.value <= 1e-9:
                    place[1] = 0
                change += 1
            at = beat
            if block.unit == 1:
                at = beat / bar
            elif block.unit == 2:
                at = place[1] / float(block.sample_rate)
            place[1] += 1 if head[RUNNING] != 0.0 else 0
            if block.loop:
                at -= np.floor((at + 1e-9) / length) * length
            i = min(place[0], last)  # the text may have become shorter while it plays
            i = i if table[i, 0] <= at + 1e-9 else 0
            while i < last and table[i + 1, 0] <= at + 1e-9:
                i += 1
            place[0] = i
            value = table[i, 1]
            if i < last and table[i, 0] < at:
                part = (at - table[i, 0]) / (table[i + 1, 0] - table[i, 0])
                curve = int(table[i + 1, 2])
                if curve == LOG:
                    value *= np.exp(part * np.log(table[i + 1, 1] / value))
                elif curve != HOLD:
                    part = part * part * (3.0 - 2.0 * part) if curve == SMOOTH else part
                    value += part * (table[i + 1, 1] - value)
            block.out[frame, 0] = value
        block.done[0] = 1 if at >= length and not block.loop else 0
