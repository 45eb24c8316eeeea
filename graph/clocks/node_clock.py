"""Beats of a clock that is a node of a graph that plays."""

from __future__ import annotations

import math

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
"""The audio thread is at it for microseconds; a look that it disturbed is taken again."""


def main_clock(plan: Plan) -> str:
    """The name of the node that counts the beats of a graph; GraphError if there is none, or more than one."""
    names = [plan.graph.names[cable.node] for cable in clocks(step.node for step in plan.steps)]
    if len(names) == 1:
        return names[0]
    if not names:
        raise GraphError("the graph has no clock, so it has no beats: put a Transport into it")
    raise GraphError(f"the graph has {len(names)} clocks, {', '.join(names)}: name one, such as clock='{names[0]}'")


class NodeClock(Beats):
    """[control] The clock cable that a node of a running engine gives, at the times at which it is heard.

    engine   that a device drives
    node     the name of a node that gives a clock, such as a Transport, a MidiClock or a Link

    Its `tempo` and `playing` may be set where the node has inputs of these names that are numbers.
    """

    def __init__(self, engine: Engine, node: str) -> None:
        super().__init__()
        self._engine, self._node = engine, node
        self._quantum = float(self._look()[4])

    def _cable(self, plan: Plan) -> tuple[int, int]:
        """Address of the cable in a plan, and the frames of a block."""
        givers = []
        for step in plan.steps:
            for key, port in step.node.outs().items():
                if port.kind == "clock":
                    givers.append(step.name)
                    if step.name == self._node:
                        return step.outs[key].address, self._engine.block
        if self._node in plan.graph.nodes:
            raise GraphError(f"'{self._node}' gives no clock, or none that anything in the graph follows")
        raise GraphError(f"no node '{self._node}' gives a clock.{did_you_mean(self._node, givers)}")

    def _look(self) -> tuple[int, float, float, float, float, bool]:
        """Frame, its beat, beats a frame, tempo, quantum and playing of the latest block."""
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
        for _ in range(TRIES):
            now, done = int(moment["now"]), self._engine.now
            if done == 0:
                break
            if done != now + frames:  # a block is under way
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
        """The engine's frame at which `beat` is reached, as things are now: what `frame=` takes."""
        now, here, step, _, _, _ = self._look()
        if step <= 0.0:
            raise ValueError("the clock stands still: no frame will be that of a beat")
        return now + math.ceil((beat - here) / step - 1e-6)

    @property
    def tempo(self) -> float:
        """Beats a minute."""
        return self._look()[3]

    @tempo.setter
    def tempo(self, value: float) -> None:
        self._engine.set(f"{self._node}.tempo", positive("tempo", value))

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._look()[5]

    @playing.setter
    def playing(self, value: bool) -> None:
        self._engine.set(f"{self._node}.playing", float(bool(value)))

    @property
    def num_peers(self) -> int:
        """How many others are in the Link session that the engine follows."""
        return int(self._engine.shared.link["peers"])
