from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, helper, kernel
from nodes.dsp.envelopes.stages import parse
from nodes.dsp.math.functions import clamp


@helper(double=True)
def seconds_before(rows, stage):
    """[audio] How long the stages before one last together."""
    total = 0.0
    for i in range(stage):
        total += rows[0, i]
    return total


class Envelope(Node, family="Modulation"):
    """Envelope of any number of stages, written as text: `10 ms 1, 0.2 s 0.5 curve 4, hold, 400 ms 0`.

    Each stage goes from where the last one ended to its level in its time. `curve` bends it: above 0 it is
    fast at first, below 0 slow. `hold` waits while the gate is up; without it the stages run through, and with
    `loop` the ones before `hold` go round while the gate is up. A new note goes on from the present level,
    so nothing steps. Levels are computed from the frames that have passed, exact to the frame at the end of
    each stage. For the usual four stages with cables for their times take Adsr.
    """

    gate = In(0, doc="A note sounds while it is above 0.5.")
    trigger = In(0, doc="Above 0.5 while the gate is up: the first stage starts again from the present level.")
    speed = In(1, "", 0.01, 100, curve="log", doc="Makes all stages shorter.")
    stages = Option("10 ms 1, 300 ms 0.4 curve 4, hold, 500 ms 0 curve 4", doc="What to go through.")
    loop = Option(False, doc="Goes round the stages before `hold` while the gate is up.")
    out = Out(doc="The level.")
    rows = State(ndim=2, dtype=np.float64)
    hold = State((1,), np.int64)
    stage = State(dtype=np.int64, initial=-1, doc="-1 at rest.")
    passed = State(dtype=np.float64, doc="Part of the stage that has passed.")
    begin = State(dtype=np.float64)
    level = State(dtype=np.float64)
    held = State()

    def verify(self) -> None:
        self._rows()

    def _rows(self) -> tuple[Any, int]:
        with self.naming("stages"):
            rows, hold = parse(self.options["stages"])
        return rows, hold

    def prepare(self, setup: Setup) -> Mapping[str, Any]:  # noqa: ARG002
        rows, hold = self._rows()
        return {"rows": np.append(rows, [[0.0, 0.0, 0.0]], 0).T, "hold": [hold]}

    @kernel(double=True)
    def process(block):
        rows, hold = block.rows, block.hold[0]
        count = rows.shape[1] - 1
        rounds = block.loop != 0 and seconds_before(rows, hold) * block.sample_rate > 200.0
        for frame in range(block.frames):
            for lane in range(block.lanes):
                gate = block.gate[frame, lane] > 0.5
                was = block.held[lane] > 0.5
                stage, passed, level = block.stage[lane], block.passed[lane], block.level[lane]
                if gate and (not was or block.trigger[frame, lane] > 0.5):
                    stage, passed, block.begin[lane] = 0, 0.0, level
                elif was and not gate and hold < count and stage <= hold:
                    stage, passed, block.begin[lane] = hold, 0.0, level
                block.held[lane] = 1.0 if gate else 0.0
                waits = stage < 0 or stage >= count or (stage == hold and gate)
                if not waits:
                    speed = clamp(float(block.speed[frame, lane]), 0.01, 100.0)
                    passed += speed / max(rows[0, stage] * block.sample_rate, 1e-9)
                    while passed > 1.0 - 1e-9 and not waits:
                        left = (passed - 1.0) * rows[0, stage]
                        block.begin[lane] = rows[1, stage]
                        stage += 1
                        level = block.begin[lane]
                        if rounds and gate and stage == hold:
                            stage = 0
                        waits = stage >= count or (stage == hold and gate)
                        passed = 0.0 if waits else 1.0 if rows[0, stage] == 0.0 else left / rows[0, stage]
                    if not waits:
                        curve = rows[2, stage]
                        way = passed
                        if abs(curve) > 0.01:
                            way = (1.0 - np.exp(-curve * passed)) / (1.0 - np.exp(-curve))
                        level = block.begin[lane] + (rows[1, stage] - block.begin[lane]) * way
                block.stage[lane], block.passed[lane], block.level[lane] = stage, passed, level
                block.out[frame, lane] = level
