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
)
from graph.memory.events import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BEND,
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
    Clock,
    Events,
    clear,
    emit,
)
from graph.native.functions import bits_float, float_bits, helper
from graph.node.kernel import kernel, per_sample
from graph.node.node import Cable, Node, Setup
from graph.node.ports import In, Option, Out, Source, State

if TYPE_CHECKING:
    from graph.clocks.internal_clock import InternalClock
    from graph.clocks.link_clock import LinkClock
    from graph.graph import Graph, load

_LATER = {
    "Graph": "graph.graph",
    "InternalClock": "graph.clocks.internal_clock",
    "LinkClock": "graph.clocks.link_clock",
    "designed": "graph.native.designs",
    "load": "graph.graph",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'graph' has no attribute '{name}'")


__all__ = [
    "ALL_NOTES_OFF",
    "ALL_SOUND_OFF",
    "BEND",
    "CONTINUE",
    "CONTROL",
    "JUMP",
    "KEY_PRESSURE",
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
    "Source",
    "State",
    "bits_float",
    "clear",
    "designed",
    "emit",
    "float_bits",
    "helper",
    "kernel",
    "load",
    "per_sample",
]
