"""graphrun: a dataflow node-graph audio framework whose audio thread never runs Python.

Say `from graph import ...`; everything a node or a script needs is here.
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
from graph.events import (
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
from graph.kernel import kernel, per_sample
from graph.native import bits_float, float_bits, helper
from graph.node import Cable, Node, Setup
from graph.ports import In, Option, Out, Source, State

if TYPE_CHECKING:
    from graph.internal_clock import InternalClock
    from graph.link_clock import LinkClock
    from graph.model import Graph
    from graph.patch import load

_LATER = {
    "Graph": "graph.model",
    "InternalClock": "graph.internal_clock",
    "LinkClock": "graph.link_clock",
    "designed": "graph.designs",
    "load": "graph.patch",
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
