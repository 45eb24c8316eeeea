"""Beats of a clock node in a playing graph."""

from __future__ import annotations

import math
import time

import numpy as np

from graph.clocks.beats import Beats
from graph.clocks.timeline import Line, positive
from graph.engine.engine import Engine
from graph.errors import GraphError, did_you_mean
from graph.memory.events import clock_offsets
from graph.memory.moment import heard_at, steady
from graph.native import functions as native
from graph.plan.plan import Plan
from graph.plan.taps import clocks

TRIES = 1_000
"""The audio thread updates the record for microseconds; a disturbed read is repeated."""
SPINS = 50
"""Attempts without a pause; a block takes microseconds unless the audio thread is interrupted."""


def main_clock(plan: Plan) -> str:
    """The name of the node that counts the beats of a graph; GraphError if there is none, or more than one."""
    names = [plan.graph.names[cable.node] for cable in clocks(step.node for step in plan.steps)]
    if len(names) == 1:
        return names[0]
    if not names:
        raise GraphError("the graph has no clock, so it has no beats: put a Transport into it")
    raise GraphError(f"the graph has {len(names)} clocks, {', '.join(names)}: name one, such as clock='{names[0]}'")


class NodeClock(Beats):
    """[control] A clock cable of a running engine, at the times at which it is output.

    engine   an engine driven by a device
    node     name of a node with a clock output, such as a Transport, a MidiClock or a Link

    `tempo` and `playing` can be set if the node has constant inputs with these names.
    """

    def __init__(self, engine: Engine, node: str) -> None:
        super().__init__()
        self._engine, self._node = engine, node
        self._quantum = float(self._look()[4])

    def _cable(self, plan: Plan) -> tuple[int, int]:
        """Address of the cable in a plan, and frames per block."""
        givers = []
        for step in plan.steps:
            for key, port in step.node.outs().items():
                if port.kind == "clock":
                    givers.append(step.name)
                    if step.name == self._node:
                        return step.outs[key].address, self._engine.block
        if self._node in plan.graph.nodes:
            raise GraphError(f"'{self._node}' has no clock output in use")
        raise GraphError(f"there is no clock node '{self._node}'.{did_you_mean(self._node, givers)}")

    def _look(self) -> tuple[int, float, float, float, float, bool]:
        """Frame, its beat, beats per frame, tempo, quantum and playing of the latest block."""
        plan = self._engine.plan  # kept alive while its memory is read
        address, frames = self._cable(plan)
        at = clock_offsets(frames)
        beat = native.view1(address, frames + 1, np.float64)
        tempo = native.view1(address + at[1], frames, np.float64)
        quantum = native.view1(address + at[3], 1, np.float64)
        playing = native.view1(address + at[2], frames, np.uint8)
        moment = self._engine.moment
        step = float(beat[frames] - beat[0]) / frames  # 0 before the first block, unless a piece knows better
        found, runs = (0, float(beat[0]), step, float(tempo[-1]), float(quantum[0]) or 4.0), bool(playing[-1])
        for attempt in range(TRIES):
            if attempt > SPINS:  # the audio thread was interrupted within a block
                time.sleep(50e-6)
            now, done = int(moment["now"]), self._engine.now
            if done == 0:
                break
            if done != now + frames:  # a block is in progress
                continue
            found = now, float(beat[0]), float(beat[frames] - beat[0]) / frames, float(tempo[-1]), float(quantum[0])
            runs = bool(playing[-1])
            if int(moment["now"]) == now and float(beat[0]) == found[1]:
                break
        del plan
        return (*found, runs)

    def _line(self) -> Line:
        frame, beat, step, _, _, _ = self._look()
        now = steady(self._engine.moment)
        if now.period <= 0.0:
            return Line(float(self._now()), beat, 0.0)
        return Line(heard_at(now, frame), beat, max(step, 0.0) * 60e9 / now.period)

    def frame(self, beat: float) -> int:
        """The engine frame of `beat` on the current timeline: an argument for `frame=`."""
        now, here, step, _, _, _ = self._look()
        if step <= 0.0:
            raise ValueError("the clock is stopped: beats have no frame")
        return now + math.ceil((beat - here) / step - 1e-6)

    @property
    def tempo(self) -> float:
        """Beats per minute."""
        return self._look()[3]

    @tempo.setter
    def tempo(self, value: float) -> None:
        self._engine.set(f"{self._node}.tempo", positive("tempo", value))

    @property
    def playing(self) -> bool:
        """Whether it is running."""
        return self._look()[5]

    @playing.setter
    def playing(self, value: bool) -> None:
        self._engine.set(f"{self._node}.playing", float(bool(value)))

    @property
    def num_peers(self) -> int:
        """Number of other peers in the engine's Link session."""
        return int(self._engine.shared.link["peers"])
