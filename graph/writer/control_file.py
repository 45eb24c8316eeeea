"""MIDI learn: writes a controller mapping into a patch file; the surrounding text is unchanged.

An input with a number is driven by a Control from then on. One with an expression is multiplied by a Control, so
`cutoff: 300 Hz + env * 2 kHz` becomes `cutoff: (300 Hz + env * 2 kHz) * filter_cutoff`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from graph.errors import GraphError, GraphrunError, did_you_mean
from graph.language.source import read_source
from graph.node.arithmetic import Multiply
from graph.node.node import Cable, Node
from graph.node.ports import In
from graph.patch.bundle import find
from graph.patch.patch import Patch, read
from graph.patch.scope import bad_name
from graph.writer.yaml_edit import Edit, added, braces, edited, entry, keys_of, quoted, read_text, write_text

CONTROL, MIDI_IN = "Control", "MidiIn"
"""The node classes written by this module."""
WITH_UNIT = ("Hz", "s", "bpm", "degrees")
"""Units that are valid in any position; a value in dB or cents would be read as a ratio."""


FACTOR = In(1.0, "", 0.0, curve="log", doc="What an expression is multiplied by.")


@dataclass(frozen=True)
class ControlMapping:
    """A knob, the range of the input it controls, and the initial value; in the input's unit, or as a factor."""

    path: str
    controller: int
    channel: int
    low: float
    high: float
    initial: float
    curve: str = "linear"


def learnable(patch: Patch) -> list[str]:
    """Targets of MIDI learn: inputs with a number, an expression or a Control, and the Controls themselves."""
    found = []
    for name, node in patch.shared.named.items():
        if "." in name:
            continue
        if type(node).__name__ == CONTROL:
            found.append(name)
            continue
        for key, port in node.ins().items():
            source = node.inputs.get(key)
            known = isinstance(source, int | float) or is_scalable(port, source)
            if port.kind == "signal" and (known or knob_of(patch, f"{name}.{key}")):
                found.append(f"{name}.{key}")
    return found


def knob_of(patch: Patch, path: str) -> str:
    """The Control at `path`, the only source of the input at `path` or a factor of its expression; "" if none."""
    node = patch.shared.named.get(path)
    if node is None:
        name, _, key = path.rpartition(".")
        holder = patch.shared.named.get(name)
        source = holder.inputs.get(key) if holder is not None else None
        node = source.node if isinstance(source, Cable) else None
        node = next(_factors(node), node)
    if node is None or type(node).__name__ != CONTROL:
        return ""
    name = patch.graph.names[node]
    return "" if "." in name else name


def _factors(node: Node | None) -> Iterator[Node]:
    """The Controls that a product is multiplied by."""
    for source in node.inputs.values() if isinstance(node, Multiply) else ():
        if isinstance(source, Cable):
            if type(source.node).__name__ == CONTROL:
                yield source.node
            yield from _factors(source.node)


def checked(patch: Patch, path: str) -> In:
    """The input at `path` if it can be learned, `FACTOR` for one with an expression; GraphError if it cannot."""
    name = path.rpartition(".")[0]
    if "." in name:
        raise GraphError(f"{path} is inside a nested patch: add an input to that patch, and learn that input")
    node, port = patch.graph.find(path)
    if name not in patch.shared.named:
        raise GraphError(f"there is no input '{path}' to learn.{did_you_mean(path, learnable(patch))}")
    source = node.inputs.get(port.name)
    if is_scalable(port, source):
        return FACTOR
    if isinstance(source, Cable):
        raise GraphError(f"{path} is driven by a cable: learn the Control at its source, or connect a Constant instead")
    return port


def is_scalable(port: In, source: float | Cable | None) -> bool:
    """Whether an expression drives an input that is a knob, with a range or a unit, and no audio."""
    expression = isinstance(source, Cable) and source.node.made_by_expression
    return expression and (bool(port.unit) or port.min is not None or port.max is not None)


def write_mapping(path: str | Path, mapping: ControlMapping, nodes_files: Iterable[str | Path] = ()) -> str:
    """Writes the mapping; returns the Control's name. On failure, GraphrunError and an unchanged file.

    An input with a Control keeps it with the new controller; a number becomes the `initial`
    value of a new Control with soft pickup.
    """
    nodes_files = list(nodes_files)
    target = own_file(path)
    patch = read(target, nodes_files=nodes_files)
    control = knob_of(patch, mapping.path)
    port = None if control else checked(patch, mapping.path)
    source = read_source(target, str(target))
    nodes = entry(keys_of(source.text), "nodes")
    if port is None:
        edits = _turned_by_another(source.text, _mapping(nodes, control), mapping)
    else:
        control = _free_name(patch, mapping.path.replace(".", "_"))
        edits = _new_control(patch, source.text, nodes, control, mapping, port)
    text = edited(source.text, edits)
    written = read_text(text, target, nodes_files)
    _verify(patch, written, control, mapping)
    write_text(text, target, target)
    return control


def own_file(path: str | Path) -> Path:
    """The file of a writable patch; GraphrunError for a bundled patch, which is shared."""
    if not Path(path).is_file():
        raise GraphrunError(
            f"'{path}' is a bundled patch and cannot be changed: copy {find(path)} to your own folder and play the copy"
        )
    return Path(path)


def _new_control(patch: Patch, text: str, nodes: Any, name: str, mapping: ControlMapping, port: In) -> list[Edit]:
    node, _, key = mapping.path.rpartition(".")
    holder = _mapping(nodes, node)
    value = entry(holder, key)
    written = name
    if port is FACTOR:
        if not isinstance(value, yaml.ScalarNode):
            raise GraphrunError(
                f"{mapping.path} is written as a list or with levels: write one expression, and learn that"
            )
        written = quoted(f"({value.value}) * {name}")
    edits = [Edit(value.start_mark.index, value.end_mark.index, written) if value else added(text, holder, key, name)]
    events = _midi(patch, mapping.channel)
    lines = {}
    if not events:
        events = _free_name(patch, "knobs")
        lines[events] = braces({"node": MIDI_IN})
    values = {
        "node": CONTROL,
        "events": events,
        "controller": str(mapping.controller),
        "channel": str(mapping.channel),
        "min": number(mapping.low, port),
        "max": number(mapping.high, port),
        "initial": number(mapping.initial, port),
        **({"curve": mapping.curve} if mapping.curve != "linear" else {}),
        "pickup": "true",
    }
    lines[name] = braces(values)
    below = [added(text, nodes, word, line) for word, line in lines.items()]
    edits.append(Edit(below[0].start, below[0].end, "".join(edit.text for edit in below)))
    if edits[0].start == edits[1].start:  # the input is the last entry of `nodes:`
        return [Edit(edits[0].start, edits[0].end, edits[0].text + edits[1].text)]
    return edits


def _turned_by_another(text: str, control: Any, mapping: ControlMapping) -> list[Edit]:
    edits = []
    for key, value in (("controller", mapping.controller), ("channel", mapping.channel)):
        old = entry(control, key)
        if old is not None:
            edits.append(Edit(old.start_mark.index, old.end_mark.index, str(value)))
        else:
            edits.append(added(text, control, key, str(value)))
    places = {edit.start for edit in edits}
    return edits if len(places) == len(edits) else [Edit(edits[0].start, edits[0].end, "".join(e.text for e in edits))]


def _mapping(nodes: Any, name: str) -> Any:
    """The keys of one node in the file."""
    found = entry(nodes, name) if isinstance(nodes, yaml.MappingNode) else None
    if not isinstance(found, yaml.MappingNode):
        raise GraphrunError(f"'{name}' is not under `nodes:` with keys: write it as `{name}: {{node: ...}}`")
    return found


def _midi(patch: Patch, channel: int) -> str:
    """A MidiIn node that receives the channel, or ""."""
    for name, node in patch.shared.named.items():
        if "." not in name and type(node).__name__ == MIDI_IN and node.options["channel"] in (0, channel):
            return name
    return ""


def _free_name(patch: Patch, wanted: str) -> str:
    name, count = wanted, 1
    while name in patch.shared.named or bad_name(name):
        count += 1
        name = f"{wanted}_{count}"
    return name


def number(value: float, port: In) -> str:
    """A number as written in a patch, with the port's unit."""
    unit = port.unit if port.unit in WITH_UNIT else ""
    text = f"{value:.7g}"
    return f"{text} {unit}" if unit else text


def _verify(before: Patch, after: Patch, control: str, mapping: ControlMapping) -> None:
    """Checks that the new patch has the Control in place and is otherwise unchanged."""
    found = after.graph.nodes.get(control)
    right = (
        found is not None
        and knob_of(after, mapping.path) == control
        and (found.options["controller"], found.options["channel"]) == (mapping.controller, mapping.channel)
    )
    same = all(
        name in after.shared.named and type(after.shared.named[name]).__qualname__ == type(old).__qualname__
        for name, old in before.shared.named.items()
    )
    if not (right and same):
        raise GraphrunError("the mapping cannot be added to this file: write each node on its own line")
