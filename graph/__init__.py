"""graphrun: a dataflow node-graph audio framework whose audio thread never runs Python.

Use `from graph import ...`; it holds everything that node classes and scripts need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.errors import (
    AudioFileError,
    DeviceError,
    GraphError,
    GraphrunError,
    KernelError,
    MidiFileError,
    NodeError,
    PatchError,
    did_you_mean,
)
from graph.lazy import lazily

if TYPE_CHECKING:
    from graph.clocks.internal_clock import InternalClock
    from graph.clocks.link_clock import LinkClock
    from graph.graph import Graph, load, loads
    from graph.memory.events import (
        ALL_NOTES_OFF,
        ALL_SOUND_OFF,
        BEND,
        CAPACITY,
        CONTINUE,
        CONTROL,
        JUMP,
        KEY_PRESSURE,
        NOTE_OFF,
        NOTE_ON,
        PRESSURE,
        PROGRAM,
        RESET_CONTROLLERS,
        SOSTENUTO,
        START,
        STOP,
        SUSTAIN,
        TICK,
        TIMBRE,
        TRIGGER,
        Clock,
        Events,
        clear,
        copy_event,
        emit,
    )
    from graph.memory.tables import MAX_INPUTS
    from graph.native.designs import cached_design
    from graph.native.functions import bits_to_float, float_to_bits, inline
    from graph.node.kernel import kernel, per_sample, per_voice, within
    from graph.node.node import Cable, Node, Setup, snake_case
    from graph.node.ports import In, Option, Out, Source, State
    from graph.node.signals import maximum, minimum
    from graph.sound import Sound

_find = lazily(
    __name__,
    {
        "InternalClock": "graph.clocks.internal_clock",
        "LinkClock": "graph.clocks.link_clock",
        "Graph": "graph.graph",
        "load": "graph.graph",
        "loads": "graph.graph",
        "Sound": "graph.sound",
        "ALL_NOTES_OFF": "graph.memory.events",
        "ALL_SOUND_OFF": "graph.memory.events",
        "BEND": "graph.memory.events",
        "CAPACITY": "graph.memory.events",
        "CONTINUE": "graph.memory.events",
        "CONTROL": "graph.memory.events",
        "Clock": "graph.memory.events",
        "Events": "graph.memory.events",
        "JUMP": "graph.memory.events",
        "KEY_PRESSURE": "graph.memory.events",
        "NOTE_OFF": "graph.memory.events",
        "NOTE_ON": "graph.memory.events",
        "PRESSURE": "graph.memory.events",
        "PROGRAM": "graph.memory.events",
        "RESET_CONTROLLERS": "graph.memory.events",
        "SOSTENUTO": "graph.memory.events",
        "START": "graph.memory.events",
        "STOP": "graph.memory.events",
        "SUSTAIN": "graph.memory.events",
        "TICK": "graph.memory.events",
        "TIMBRE": "graph.memory.events",
        "TRIGGER": "graph.memory.events",
        "clear": "graph.memory.events",
        "copy_event": "graph.memory.events",
        "emit": "graph.memory.events",
        "MAX_INPUTS": "graph.memory.tables",
        "cached_design": "graph.native.designs",
        "bits_to_float": "graph.native.functions",
        "float_to_bits": "graph.native.functions",
        "inline": "graph.native.functions",
        "kernel": "graph.node.kernel",
        "per_sample": "graph.node.kernel",
        "per_voice": "graph.node.kernel",
        "within": "graph.node.kernel",
        "Cable": "graph.node.node",
        "Node": "graph.node.node",
        "Setup": "graph.node.node",
        "snake_case": "graph.node.node",
        "In": "graph.node.ports",
        "Option": "graph.node.ports",
        "Out": "graph.node.ports",
        "Source": "graph.node.ports",
        "State": "graph.node.ports",
        "maximum": "graph.node.signals",
        "minimum": "graph.node.signals",
    },
)


def __getattr__(name: str) -> Any:
    """A public name on first use; the name of a node is answered with where it is."""
    try:
        return _find(name)
    except AttributeError:
        if not (name.isidentifier() and name[0].isupper()):
            raise
    from importlib.util import find_spec

    from graph.node.node import snake_case

    if find_spec(f"nodes.{snake_case(name)}") is not None:
        raise ImportError(f"{name} is a node: write `from nodes import {name}`")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


__all__ = [
    "ALL_NOTES_OFF",
    "ALL_SOUND_OFF",
    "BEND",
    "CAPACITY",
    "CONTINUE",
    "CONTROL",
    "JUMP",
    "KEY_PRESSURE",
    "MAX_INPUTS",
    "NOTE_OFF",
    "NOTE_ON",
    "PRESSURE",
    "PROGRAM",
    "RESET_CONTROLLERS",
    "SOSTENUTO",
    "START",
    "STOP",
    "SUSTAIN",
    "TICK",
    "TIMBRE",
    "TRIGGER",
    "AudioFileError",
    "Cable",
    "Clock",
    "DeviceError",
    "Events",
    "Graph",
    "GraphError",
    "GraphrunError",
    "In",
    "InternalClock",
    "KernelError",
    "LinkClock",
    "MidiFileError",
    "Node",
    "NodeError",
    "Option",
    "Out",
    "PatchError",
    "Setup",
    "Sound",
    "Source",
    "State",
    "bits_to_float",
    "cached_design",
    "clear",
    "copy_event",
    "did_you_mean",
    "emit",
    "float_to_bits",
    "inline",
    "kernel",
    "load",
    "loads",
    "maximum",
    "minimum",
    "per_sample",
    "per_voice",
    "snake_case",
    "within",
]
