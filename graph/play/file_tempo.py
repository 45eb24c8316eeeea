"""The MIDI file as the clock of a patch: nodes without a clock follow the file; on request, all nodes do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

import numpy as np

from graph.engine.ending import is_clock, is_filed
from graph.midi.file import MidiSong, read
from graph.midi.tempo_map import tempo_rows
from graph.model.net import Net
from graph.model.order import order, resolve
from graph.node.library import find
from graph.node.node import Cable, Node
from graph.node.ports import In, Out

NAME = "file_clock"
"""Preferred node name of the file's clock."""

NEAR = 0.05
"""Difference in bpm below which two tempos count as equal."""


def follow_file(graph: Net, midi: str | PathLike[str], *, drives: bool = False) -> list[str]:
    """[control] Connects open clock inputs to the file's tempo and time signature; returns messages for the user.

    drives   whether the patch's Transports follow the file's tempo too; otherwise they keep their own, with a
             message if the tempos differ
    """
    song = read(midi)
    clocks = [node for node in order(graph) if is_clock(node) and not is_filed(node)]
    if drives:
        for clock in clocks:
            clock.set("file", str(midi))
    file: Node | None = None
    for node in order(graph):
        for key in _open_clocks(node):
            if file is None:
                file = find("Transport")(file=str(midi))
                graph.add(file, NAME)
            node.set(key, file)
    return [] if drives else [text for clock in clocks if (text := _difference(graph, clock, song))]


@contextmanager
def following(graph: Net, midi: str | PathLike[str] | None) -> Iterator[None]:
    """[control] Context in which open clock inputs follow the file; on exit the graph is restored."""
    inputs = {node: dict(node.inputs) for node in graph.nodes.values()}
    if midi is not None:
        follow_file(graph, midi)
    try:
        yield
    finally:
        for name in [name for name, node in graph.nodes.items() if node not in inputs]:
            del graph.names[graph.nodes.pop(name)]
        for node, before in inputs.items():
            node.inputs = before


def hold(graph: Net, midi: str | PathLike[str] | None) -> list[str]:
    """[control] Stops the clocks whose `playing` is a constant until the file begins; returns their names."""
    held = [node for node in order(graph) if is_clock(node)] if midi else []
    held = [node for node in held if not isinstance(node.inputs["playing"], Cable) and node.inputs["playing"] > 0.5]
    for node in held:
        node.set("playing", 0.0)
    return [graph.names[node] for node in held]


def _open_clocks(node: Node) -> list[str]:
    """The open clock inputs of a node; none if the node is itself a clock, such as MidiFile."""
    if any(isinstance(port, Out) and port.kind == "clock" for port in node.fields.values()):
        return []
    ports = [port for port in node.fields.values() if isinstance(port, In) and port.kind == "clock"]
    return [port.name for port in ports if port.name not in node.inputs]


def _difference(graph: Net, clock: Node, song: MidiSong) -> str:
    """The message about a Transport whose tempo differs from the file's."""
    tempo = resolve(clock.inputs["tempo"])
    bpm = tempo_rows(song)[:, 2]
    name = graph.names[clock]
    if isinstance(tempo, Cable) or clock.options["tempos"]:
        own = "keeps its own tempo"
    elif np.abs(bpm - float(tempo or 0.0)).max() > NEAR:
        own = f"keeps its tempo of {tempo:g} bpm"
    else:
        return ""
    low, high = float(bpm.min()), float(bpm.max())
    says = f"{low:.5g} bpm" if high - low <= NEAR else f"{low:.5g} to {high:.5g} bpm"
    return f"the MIDI file's tempo is {says}, and '{name}' {own}; --file-tempo lets the file drive it"
