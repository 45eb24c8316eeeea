"""Saves a graph as a readable patch that loads to an equal graph.

Unnamed arithmetic becomes expressions, sums and sends again. Each expression is verified: the patch reader reads
it, and the result is compared with the nodes it replaces. If they differ, those nodes get their own lines.
"""

from __future__ import annotations

import os
from copy import copy
from pathlib import Path

from graph.errors import GraphError
from graph.model.net import Net
from graph.model.order import resolve
from graph.node.library import find
from graph.node.node import Cable, Node
from graph.patch.subpatch import SubPatch
from graph.writer.lines import Lines

SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".aiff")


def save(graph: Net, path: str | os.PathLike[str]) -> None:
    """Writes the patch; paths of files next to or below it are written relative to it."""
    file = Path(path)
    if file.suffix.lower() not in (".yaml", ".yml"):
        better = "to render its sound, call graph.write" if file.suffix.lower() in SOUNDS else f"write {file.stem}.yaml"
        raise GraphError(f"{file}: a patch is saved to a .yaml file; {better}")
    text = dumps(graph, file.parent)
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise GraphError(f"{file}: cannot be written: {error.strerror or error}") from None


def dumps(graph: Net, folder: Path | None = None) -> str:
    """The text of the patch, for a file in `folder`."""
    flat = _flat(graph)
    lines = Lines(flat, folder or Path())
    while lines.shared_torn():
        lines = Lines(flat, folder or Path(), lines.own | lines.seconds)
    return lines.text()


def _flat(graph: Net) -> Net:
    """The graph with its nested patches flattened.

    Their nodes are named `outer_inner`; a number given to one of their inputs becomes a Constant, so it can
    still be set in one place. All other inner values are saved as they play, with presets applied.
    """
    if not any(isinstance(node, SubPatch) for node in graph.nodes.values()):
        return graph
    taken = {name for name in graph if "." not in name}
    twins = {node: copy(node) for node in graph.nodes.values() if not isinstance(node, SubPatch)}
    named: dict[str, Node] = {}
    knobs: dict[Cable, Node] = {}

    def call(node: Node, name: str) -> None:
        flat = name.replace(".", "_")
        while flat in named or (flat != name and flat in taken):
            flat += "_"
        node.name = flat
        named[flat] = node

    def twin(value: float | Cable | None) -> float | Cable | None:
        if isinstance(value, Cable) and isinstance(value.node, SubPatch):
            driver = resolve(value)
            if isinstance(driver, Cable) and isinstance(driver.node, SubPatch):
                return knobs[driver].cable()
            value = driver
        return Cable(twins[value.node], value.port) if isinstance(value, Cable) else value

    line: list[Node] = []
    for name, node in graph.nodes.items():
        if not isinstance(node, SubPatch):
            line.append(twins[node])
            if node.name:
                call(twins[node], name)
            continue
        for key, value in node.inputs.items():
            if not isinstance(value, Cable):
                line.append(find("Constant")(value=value))
                knobs[Cable(node, key)] = line[-1]
                call(line[-1], f"{name}.{key}")
    for number, node in enumerate(line):
        node.serial = number
    for node in twins.values():
        driven = {key: twin(value) for key, value in node.inputs.items()}
        node.inputs = {key: value for key, value in driven.items() if value is not None}
    out = twin(graph.out)
    assert isinstance(out, Cable)
    flat = Net(out, nodes=named, name=graph.name, block=graph.block, rate=graph.rate, limit=graph.limit)
    heard = {value.node for node in flat.nodes.values() for value in node.inputs.values() if isinstance(value, Cable)}
    idle = [name for name, node in flat.nodes.items() if node in knobs.values() and node not in heard]
    return Net(
        out,
        nodes={name: node for name, node in named.items() if name not in idle},
        name=graph.name,
        block=graph.block,
        rate=graph.rate,
        limit=graph.limit,
    )
