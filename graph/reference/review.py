"""Finds likely mistakes in a valid patch, such as a node not connected to the output or an open input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.errors import Problem
from graph.language.mistakes import Place
from graph.model.order import resolve, sinks
from graph.node.arithmetic import Add, Divide, Gain, Multiply, Subtract
from graph.node.node import Cable, Node
from graph.node.ports import In, Option
from graph.patch.patch import Patch
from graph.patch.reader import OWN
from graph.patch.subpatch import SubPatch

ARITHMETIC = Add, Divide, Gain, Multiply, Subtract
NOTHING = {
    "signal": "it stays silent",
    "events": "no events will arrive. Write `events: keys`, and above it `keys: {node: MidiIn}`",
    "clock": "its time will not advance. Write `clock: beat`, and above it `beat: {node: Transport}`",
}


def warnings(patch: Patch) -> list[Problem]:
    """Warnings about a valid patch, in file order."""
    ends = [patch.graph.out, *(node.cable() for node in sinks(patch.graph))]
    heard, _ = reached(ends)
    there, listened = reached([*ends, *patch.shared.aims])
    found: dict[Problem, None] = {}
    used_patches = {outer for name, node in patch.shared.named.items() if node in heard for outer in _around(name)}
    unheard: set[str] = set()
    for name, node in patch.shared.named.items():
        if not unheard.isdisjoint(_around(name)):
            continue
        if isinstance(node, SubPatch):
            used = name == OWN or name in used_patches
            found.update(dict.fromkeys(_unused_inputs(node, listened)))
        else:
            used = node in there or not node.outs()
        told = (
            [*_unconnected(node), *_slewed(node), *_overridden(node), *node.doubts()]
            if used
            else [f"'{_short(name)}' is not connected to an output; connect it or remove it"]
        )
        if not used:
            unheard.add(name)
        place = patch.shared.places[node]
        found.update(dict.fromkeys(_problem(place, text) for text in told if name != OWN))
    found.update(dict.fromkeys([*_clashes(patch, there), *patch.file.mistakes.doubts]))
    return sorted(found)


def reached(roots: Iterable[Cable]) -> tuple[set[Node], set[Cable]]:
    """Nodes that cables lead to, and the inputs of other nodes that are read."""
    nodes: set[Node] = set()
    done: set[Node] = set()
    listened: set[Cable] = set()
    stack: list[object] = list(roots)
    while stack:
        cable = stack.pop()
        if not isinstance(cable, Cable):
            continue
        node = cable.node
        nodes.add(node)
        if cable.port in node.ins():
            if cable not in listened:
                listened.add(cable)
                stack.append(node.inputs.get(cable.port))
        elif node not in done:
            done.add(node)
            stack += node.inputs.values()
    return nodes, listened


def _around(name: str) -> Iterator[str]:
    """Patches that contain a node: for a.b.c, a and a.b."""
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts)))


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _problem(place: Place, message: str) -> Problem:
    return place.problem(message)


def _unconnected(node: Node) -> list[str]:
    """Inputs with neither default nor cable; a clock is optional if the node has a tempo."""
    return [
        f"{_short(node.label)}.{key} is not connected: {NOTHING[port.kind]}".replace("`events:", f"`{key}:")
        for key, port in node.ins().items()
        if port.default is None and not port.optional and key not in node.inputs
        if not (port.unless and node.options[port.unless])
        if not (port.kind == "clock" and "tempo" in node.ins())
    ]


def _overridden(node: Node) -> list[str]:
    """Inputs and options that are given although another option takes their place."""
    found = []
    for key, field in node.fields.items():
        if isinstance(field, In | Option) and field.unless and node.options[field.unless]:
            given = node.inputs if isinstance(field, In) else node.options
            if given.get(key, field.default) != field.default:
                found.append(f"{_short(node.label)}.{key} has no effect while `{field.unless}` is given")
    return found


def _slewed(node: Node) -> list[str]:
    """Inputs sampled at a trigger but derived from a slewed output: they would get the previous note's value."""
    return [
        f"{_short(node.label)}.{key} is sampled at the trigger, but {source} slews: write {source.node.label}.{twin}"
        for key, port in node.ins().items()
        if port.at_trigger
        for source in _reckoned_from(node.inputs.get(key))
        if (twin := getattr(source.declared(), "unslewed", ""))
    ]


def _reckoned_from(value: float | Cable | None) -> Iterator[Cable]:
    """Cables from which arithmetic computes a value."""
    source = resolve(value)
    if isinstance(source, Cable) and isinstance(source.node, ARITHMETIC):
        for word in source.node.ins():
            part = resolve(source.node.inputs.get(word))
            if isinstance(part, Cable) and not isinstance(part.node, ARITHMETIC):
                yield part
            else:
                yield from _reckoned_from(part)


def _unused_inputs(shell: SubPatch, listened: set[Cable]) -> list[Problem]:
    return [
        _problem(place, f"nothing in the patch uses its input '{key}'")
        for key, place in shell.places.items()
        if key in shell.ins() and Cable(shell, key) not in listened
    ]


def _clashes(patch: Patch, there: set[Node]) -> list[Problem]:
    """Pairs of nodes moved by the same MIDI controller."""
    found = []
    taken: dict[tuple[object, int], list[tuple[int, Node]]] = {}
    for node in patch.shared.named.values():
        fields = node.fields
        if not (node in there and "events" in node.ins() and isinstance(fields.get("controller"), Option)):
            continue
        source = resolve(node.inputs.get("events"))
        channel = node.options.get("channel", 0)
        others = taken.setdefault((source, node.options["controller"]), [])
        place = patch.shared.places[node]
        for their_channel, other in others:
            there_too = patch.shared.places[other]
            if (channel == their_channel or 0 in (channel, their_channel)) and there_too != place:
                number = node.options["controller"]
                text = f"controller {number} moves both '{_short(other.label)}' and '{_short(node.label)}'"
                found.append(_problem(place, text))
                break
        others.append((channel, node))
    return found
