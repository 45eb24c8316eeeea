"""Detects the end of the music: all sources have ended and the tails have decayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.engine.engine import Engine
from graph.model.net import Net
from graph.node.node import Cable, Node

SILENCE = 10 ** (-90 / 20)
"""Silence threshold at the end: -90 dB."""

TAIL_SECONDS = 2.0


@dataclass(frozen=True)
class Sources:
    """The sound sources of a graph.

    listeners   names of the nodes that receive MIDI; hearers: of the nodes that receive audio
    waiting     the listeners that have no written music to pass on meanwhile
    ends        the `done` states of the nodes that end automatically; only the clock's
                if a song has an end
    endless     whether one of them loops forever
    """

    listeners: list[str]
    waiting: list[str]
    hearers: list[str]
    ends: list[Any]
    endless: bool

    @property
    def ended(self) -> bool:
        """Whether all nodes that end automatically have ended."""
        return all(bool(done[0]) for done in self.ends)


def sources_of(engine: Engine) -> Sources:
    """The sources of the engine's graph."""
    steps = engine.plan.steps
    midi, sound = ({step.name for step in steps if receives(step.node, source)} for source in ("midi", "audio"))
    played = {step.name for step in steps if any(key in step.node.inputs for key in events_of(step.node))}
    ending = [step for step in steps if "done" in step.states and not waits(step.node)]
    songs = [step for step in ending if has_end(step.node)]
    ending = songs or [step for step in ending if not is_clock(step.node)]
    return Sources(
        listeners=[name for name in engine.graph if name in midi],
        waiting=[name for name in engine.graph if name in midi - played],
        hearers=[name for name in engine.graph if name in sound],
        ends=[step.states["done"] for step in ending if songs or not step.node.options.get("loop", False)],
        endless=not songs and any(step.node.options.get("loop", False) for step in ending),
    )


def receives(node: Node, source: str) -> bool:
    """Whether a node receives "midi" or "audio" from outside."""
    return any(each.source == source for each in node.sources().values())


def deaf(graph: Net, what: str) -> list[str]:
    """What to say where `what` is played to a graph that receives no MIDI; nothing where it does."""
    if any(receives(node, "midi") for node in graph.nodes.values()):
        return []
    return [f"{what} not heard: {graph.name or 'this patch'} has no MidiIn"]


def events_of(node: Node) -> list[str]:
    """Its inputs of events. Those of a node that receives MIDI bring the music which MIDI replaces."""
    return [key for key, port in node.ins().items() if port.kind == "events"]


def waits(node: Node) -> bool:
    """Whether a gate or a trigger plays it: silence does not mean that it has ended."""
    gate, trigger = node.inputs.get("gate", 1.0), node.inputs.get("trigger")
    return isinstance(trigger, Cable) or isinstance(gate, Cable) or gate <= 0.5


def is_clock(node: Node) -> bool:
    """Whether a node counts the bars of a song without a clock input."""
    return {"start", "sections", "loop"} <= node.options.keys()


def has_end(node: Node) -> bool:
    """Whether it is a clock that stops at the end of its song, or of the MIDI file that it follows."""
    return is_clock(node) and ("end" in sections_of(node) or is_filed(node)) and not node.options["loop"]


def is_filed(clock: Node) -> bool:
    """Whether a clock has the tempos of a MIDI file."""
    return bool(clock.options.get("file"))


def sections_of(clock: Node) -> dict[str, str]:
    """The first bars of a clock's sections, in file order."""
    pairs = [each.partition(":") for each in clock.options["sections"].replace("\n", ",").split(",")]
    return {" ".join(name.split()): bar.strip() for name, _, bar in pairs if bar.strip()}


class Silence:
    """[control] Measures how long a running engine has been silent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told = engine.shared.sums.copy()
        self._since = engine.now

    def seconds(self) -> float:
        """Seconds for which the output has been below -90 dB RMS; call a few times per second."""
        sums = self._engine.shared.sums.copy()
        frames = np.maximum(sums["frames"] - self._told["frames"], 1)
        power = (sums["squares"] - self._told["squares"]) / frames
        self._told = sums
        if np.sqrt(power.max(initial=0.0)) > SILENCE:
            self._since = self._engine.now
        return (self._engine.now - self._since) / self._engine.rate
