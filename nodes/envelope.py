from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graph import In, Node, Option, Out, Setup, State, inline, kernel
from nodes.dsp.envelopes.stages import parse
from nodes.dsp.math.functions import clamp


@inline(double=True)
def seconds_before(rows, stage):
    """[audio] Total duration of the stages before `stage`."""
    total = 0.0
    for i in range(stage):
        total += rows[0, i]
    return total


class Envelope(Node, family="Modulation"):
    """Multi-stage envelope, written as text: `10 ms 1, 0.2 s 0.5 curve 4, hold, 400 ms 0`.

    Each stage moves from the end of the previous one to its level in its time. `curve` bends the path: above 0 it
    starts fast, below 0 slowly. `hold` waits while the gate is high; without it all stages run through. With `loop`
    the stages before `hold` repeat while the gate is high. A new note starts from the current level, so the output
    never steps. Levels are computed from the elapsed frames and are exact to the frame at the end of each stage.
    For the usual four stages with modulated times use Adsr.
    """

    gate = In(0, doc="Gate; a note sounds while it is above 0.5.")
    trigger = In(0, doc="Retrigger; above 0.5 with the gate high, the first stage restarts from the current level.")
    speed = In(1, "", 0.01, 100, curve="log", doc="Speed of all stages; above 1 they are shorter.")
    stages = Option("10 ms 1, 300 ms 0.4 curve 4, hold, 500 ms 0 curve 4", items=", ", doc="Stages of the envelope.")
    loop = Option(False, doc="Repeats the stages before `hold` while the gate is high.")
    out = Out(doc="Envelope level.")
    rows = State(ndim=2, dtype=np.float64)
    hold = State((1,), np.int64)
    stage = State(dtype=np.int64, initial=-1, doc="Current stage; -1 at rest.")
    passed = State(dtype=np.float64, doc="Elapsed fraction of the stage.")
    begin = State(dtype=np.float64)
    level = State(dtype=np.float64)
    held = State()

    def validate(self) -> None:
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
