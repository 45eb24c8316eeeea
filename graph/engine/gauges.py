"""Values for displays of a running engine: its clocks, its inputs, and the levels of its Meter nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph.engine.engine import Engine
from graph.memory.events import clock_bytes, clock_offsets
from graph.memory.meters import Meter

LEVELS = ("height", "power")
"""States of a node that measures levels, one value per lane: current peak and mean square."""


@dataclass(frozen=True)
class ClockReading:
    """A clock's position: `beat` counts from 0, `quantum` is beats per bar."""

    beat: float
    tempo: float
    playing: bool
    quantum: float

    @property
    def bar(self) -> int:
        """The bar, counted from 1."""
        return int(self.beat // self.quantum) + 1

    @property
    def beat_in_bar(self) -> float:
        """The beat within the bar, counted from 1."""
        return self.beat % self.quantum + 1.0


def clocks(engine: Engine) -> dict[str, ClockReading]:
    """[control] Every clock of the running graph by node name, as of the latest block."""
    plan, frames = engine.plan, engine.block
    beat, tempo, playing, quantum, _ = clock_offsets(frames)
    found = {}
    for step in plan.steps:
        for key, port in step.node.outs().items():
            if port.kind != "clock":
                continue
            memory = plan.arena.array(step.outs[key].address - plan.arena.base, clock_bytes(frames), np.uint8)
            bar = float(memory[quantum : quantum + 8].view(np.float64)[0])
            if bar <= 0.0:  # no block has been computed yet
                continue
            found[step.name] = ClockReading(
                float(memory[beat : beat + 8 * (frames + 1)].view(np.float64)[-1]),
                float(memory[tempo : tempo + 8 * frames].view(np.float64)[-1]),
                bool(memory[playing + frames - 1]),
                bar,
            )
    return found


def target(engine: Engine, path: str) -> float:
    """[control] The value that the input `NODE.PORT` has, or glides to; KeyError where a cable drives it."""
    plan = engine.plan
    return float(plan.table["target"][plan.index[path]])


def moved(engine: Engine, name: str) -> bool:
    """[control] Whether a controller has moved the Control `name` since its `initial` was set."""
    return float(engine.state(name, "position")[0]) >= 0.0


def given(engine: Engine, name: str) -> bool:
    """[control] Whether the patch gives the Control `name` an `initial`."""
    return bool(engine.state(name, "given")[0])


def control_value(engine: Engine, name: str) -> float:
    """[control] The value of the Control `name`."""
    if moved(engine, name):
        return float(engine.state(name, "value")[0])
    return target(engine, f"{name}.{'initial' if given(engine, name) else 'min'}")


def changed(engine: Engine) -> dict[str, float]:
    """[control] Inputs that have been set while the graph plays, with their values; those set back are left out."""
    plan = engine.plan
    targets = plan.table["target"]
    pairs = ((param, float(targets[plan.index[path]])) for path, param in plan.params.items())
    return {param.path: value for param, value in pairs if abs(value - param.value) > 1e-6 * abs(param.value) + 1e-12}


def levels(engine: Engine) -> dict[str, list[Meter]]:
    """[control] Channel levels of each node that measures levels, such as Meter; voices are combined."""
    found = {}
    for step in engine.plan.steps:
        if all(name in step.states and step.states[name].shape == (step.width[0] * step.width[1],) for name in LEVELS):
            voices, channels = step.width
            height, power = (step.states[name].reshape(channels, voices) for name in LEVELS)
            found[step.name] = [
                Meter(float(peak), float(np.sqrt(max(0.0, square))))
                for peak, square in zip(height.max(axis=1), power.sum(axis=1), strict=True)
            ]
    return found
