"""graphrun: a dataflow node-graph audio framework whose audio thread never runs Python.

Use `from graph import ...`; it holds everything that node classes and scripts need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from graph.native.functions import bits_to_float, float_to_bits, inline
from graph.node import arithmetic as _arithmetic  # noqa: F401  # operators on cables create its nodes
from graph.node import values as _values  # noqa: F401  # reads texts such as "2 kHz"
from graph.node.kernel import kernel, per_sample, per_voice, within
from graph.node.node import Cable, Node, Setup, snake_case
from graph.node.ports import In, Option, Out, Source, State
from graph.node.signals import maximum, minimum

if TYPE_CHECKING:
    from graph.clocks.internal_clock import InternalClock
    from graph.clocks.link_clock import LinkClock
    from graph.graph import Graph, load, loads

__getattr__ = lazily(
    __name__,
    {
        "Graph": "graph.graph",
        "InternalClock": "graph.clocks.internal_clock",
        "LinkClock": "graph.clocks.link_clock",
        "cached_design": "graph.native.designs",
        "load": "graph.graph",
        "loads": "graph.graph",
    },
)

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
