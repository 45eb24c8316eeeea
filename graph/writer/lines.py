"""The lines of a saved patch: each node with its inputs and options, in hand-written style."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from graph.errors import GraphError, PatchError
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError
from graph.language.mistakes import START, Mistakes
from graph.language.source import SourceText
from graph.language.units import describe
from graph.model.net import DEFAULT_BLOCK, DEFAULT_LIMIT, Net
from graph.node.arithmetic import Add, Gain, Merge, Multiply, Subtract
from graph.node.node import Cable, Node, snake_case
from graph.node.ports import In, Option
from graph.node.values import constant
from graph.patch.connections import Connections
from graph.patch.reader import OUT
from graph.patch.scope import Names, bad_name
from graph.writer.values import ARITHMETIC, MUSICAL, UnwritableError, Writer, plain, port_number

WIDTH = 130


def implicit(graph: Net) -> set[Node]:
    """Nodes that can become part of an expression: unnamed arithmetic with a single reader."""
    readers: Counter[Node] = Counter([graph.out.node])
    heard = {graph.out.node} if graph.out.port != "out" else set()
    for node in graph.nodes.values():
        for value in node.inputs.values():
            if isinstance(value, Cable):
                readers[value.node] += 1
                if value.port != "out":
                    heard.add(value.node)
    found = set()
    clocks: Counter[object] = Counter()
    for name, node in graph.nodes.items():
        own = re.fullmatch(rf"{snake_case(type(node).__name__)}(_\d+)?", name)
        if node.name is not None or not own or type(node) not in ARITHMETIC or node in heard or not readers[node]:
            continue
        if _folds(node):
            continue
        if type(node) in MUSICAL:
            clocks[type(node), node.inputs.get("clock")] += 1
        elif readers[node] > 1:
            continue
        found.add(node)
    return {n for n in found if type(n) not in MUSICAL or clocks[type(n), n.inputs.get("clock")] == 1}


def _folds(node: Node) -> bool:
    """Whether the patch reader would fold this into a constant or drop it."""
    if isinstance(node, Gain):
        return not isinstance(node.inputs.get("audio"), Cable) or node.inputs["gain"] == 1.0
    if type(node) in MUSICAL:
        return False
    if isinstance(node, Merge):
        return len(node.inputs) < 2
    a, b = node.inputs["a"], node.inputs["b"]
    nothing = 0.0 if isinstance(node, Add | Subtract) else 1.0
    numbers = not isinstance(a, Cable) and not isinstance(b, Cable)
    return numbers or b == nothing or (a == nothing and isinstance(node, Add | Multiply))


class Lines:
    """The lines of one patch.

    own       arithmetic nodes with their own lines
    seconds   SecondsPerBeat and similar nodes implied by an expression
    """

    def __init__(self, graph: Net, folder: Path, own: set[Node] | None = None) -> None:
        self.graph = graph
        self.folder = folder
        self.implicit = implicit(graph)
        self.own = own or set()
        self.seconds: set[Node] = set()
        self.writer = Writer(self.name, lambda node: node in self.implicit and node not in self.own)
        self.names = _checked(graph)
        scope = Names()
        scope.named = {name: node for node, name in self.names.items()}
        self.reader = Connections(Mistakes(SourceText("", "")), scope, {})
        self.entries: dict[Node, list[tuple[str, str]]] = {}
        waiting = [node for node in graph.nodes.values() if node not in self.implicit or node in self.own]
        self.out = self.driver(graph.out, OUT, None, waiting)
        while waiting:
            node = waiting.pop()
            self.entries[node] = self.node(node, waiting)

    def shared_torn(self) -> bool:
        """Whether a node has its own line and is also part of an expression."""
        return bool(self.own & self.seconds)

    def name(self, cable: Cable) -> str:
        """A cable's name in the file."""
        name = self.names[cable.node]
        first = next(iter(cable.node.outs()))
        return (
            name if cable.port == first and (first == "out" or len(cable.node.outs()) == 1) else f"{name}.{cable.port}"
        )

    def text(self) -> str:
        """The whole patch."""
        graph = self.graph
        top = [f"name: {_text(graph.name)}"] if graph.name else []
        top += [f"block: {graph.block}"] if graph.block != DEFAULT_BLOCK else []
        top += [f"rate: {plain(graph.rate)}"] if graph.rate is not None else []
        top += [f"limit: {plain(graph.limit)} dB"] if graph.limit != DEFAULT_LIMIT else []
        shown = [(name, self.entries[node]) for node, name in self.names.items() if node in self.entries]
        column = min(max(len(name) for name, _ in shown), 12) + 1
        top.append("nodes:")
        for name, entries in shown:
            flow = f"  {f'{name}:':{column}} {{{', '.join(f'{key}: {value}' for key, value in entries)}}}"
            if len(flow) <= WIDTH:
                top.append(flow)
            else:
                entries.sort(key=lambda entry: len(entry[1]) > WIDTH - 20)
                top += [f"  {name}:", *(f"    {key}: {_folded(value)}" for key, value in entries)]
        return "\n".join([*top, f"out: {self.out}", ""])

    def node(self, node: Node, waiting: list[Node]) -> list[tuple[str, str]]:
        """The keys and values of a node's line."""
        entries = [("node", type(node).__name__)]
        for key, field in node.fields.items():
            if isinstance(field, Option) and node.options[key] != field.default:
                entries.append((key, self.option(field, node.options[key])))
            elif isinstance(field, In) and key in node.inputs and node.inputs[key] != field.default:
                entries.append((key, self.driver(node.inputs[key], field, node, waiting)))
        return entries

    def option(self, option: Option, value: Any) -> str:
        """An option's value."""
        if option.choices:
            return str(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return _text(self.file(value) if option.name == "file" else value)
        text = port_number(option, value)
        return text if _reads_as(text, value, In(unit=option.unit)) else plain(value)

    def file(self, file: str) -> str:
        """The relative path of a file next to or below the patch; otherwise the absolute path."""
        try:
            return Path(file).resolve().relative_to(self.folder.resolve()).as_posix() if file else file
        except ValueError:
            return str(Path(file).resolve())

    def driver(self, value: float | Cable, port: In, node: Node | None, waiting: list[Node]) -> str:
        """The value of an input. Nodes that need their own line are added to `waiting`."""
        if not isinstance(value, Cable):
            text = port_number(port, value)
            return text if _reads_as(text, value, port) else plain(value)
        if value.node not in self.implicit or value.node in self.own:
            return self.cable(value, port, node, waiting)
        units = [False, True]
        while units:
            try:
                text = self.writer.value(value, port, units=units.pop())
            except UnwritableError as error:
                if error.node is None:
                    break
                self.alone(error.node, waiting)
                units = [False, True]
                continue
            if self.says(text, value, port, node, waiting):
                return text
        self.alone(value.node, waiting)
        return self.cable(value, port, node, waiting)

    def cable(self, value: Cable, port: In, node: Node | None, waiting: list[Node]) -> str:
        """The name of an input's source; a time that drives a frequency is divided by its unit."""
        name, unit = self.name(value), value.declared().unit
        for text in (name, f"{name} / 1 {unit}"):
            if self.says(text, value, port, node, waiting):
                return text
        where = f"{self.names[node]}.{port.name}" if node is not None else "out"
        raise GraphError(
            f"{where} takes {describe(port.unit)}, but {name} gives {describe(unit)}: a patch cannot express that"
        )

    def alone(self, node: Node, waiting: list[Node]) -> None:
        """Gives a node its own line."""
        if node in self.implicit and node not in self.own:
            self.own.add(node)
            waiting.append(node)

    def says(self, text: str, value: Cable, port: In, node: Node | None, waiting: list[Node]) -> bool:
        """Whether the reader turns `text` into exactly the nodes that drive the input."""
        mistakes = self.reader.mistakes = Mistakes(SourceText("", f"{{value: {text}}}"))
        read: float | Cable = 0.0
        try:
            with mistakes.at(START):
                entries = tree.mapping(tree.parse(mistakes), "no mapping").entries
                read = self.reader.drive(entries[0][1], port, "", node) if len(entries) == 1 else 0.0
        except PatchError:
            return False
        if mistakes.count() or not isinstance(read, Cable):
            return False
        named: set[Node] = set()
        seconds: set[Node] = set()
        if not self.equal(read, value, named, seconds):
            return False
        self.seconds |= seconds
        for each in named:
            self.alone(each, waiting)
        return True

    def equal(self, read: Cable, value: Cable, named: set[Node], seconds: set[Node]) -> bool:
        """Whether the cable read from text matches the nodes of `value`.

        Records the nodes that the text names, and those that it may share with other texts.
        """
        pairs: list[tuple[Any, Any]] = [(read, value)]
        while pairs:
            new, old = pairs.pop()
            inside = isinstance(old, Cable) and old.node in self.implicit and old.node not in self.own
            if new == old:
                named |= {old.node} if isinstance(old, Cable) else set()
                continue
            if not isinstance(new, Cable) or not inside:
                return False
            if type(new.node) is not type(old.node) or new.port != old.port:
                return False
            if type(old.node) in MUSICAL:
                seconds.add(old.node)
            keys = new.node.inputs.keys() | old.node.inputs.keys()
            pairs += [(new.node.inputs.get(key), old.node.inputs.get(key)) for key in keys]
        return True


def _checked(graph: Net) -> dict[Node, str]:
    """The names of the nodes; GraphError if a name is not allowed in a patch."""
    for name, node in graph.nodes.items():
        reason = bad_name(name)
        if reason:
            raise GraphError(f"{type(node).__name__}: {reason}")
    return dict(graph.names)


def _reads_as(text: str, value: float, port: In) -> bool:
    try:
        return constant(text, port, "") == value
    except ExpressionError:
        return False


def _text(text: str) -> str:
    """A line of text, quoted if YAML might read it as something else."""
    if re.fullmatch(r"[A-Za-z]\w*( \w+)*", text, re.ASCII):
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', width=float("inf"), allow_unicode=True)
    return quoted.rstrip("\n")


def _folded(value: str) -> str:
    """A long quoted text split into several lines; YAML reads a line break as a space."""
    if not value.startswith('"') or "\\" in value or "  " in value:
        return value
    lines = textwrap.wrap(value, WIDTH - 20, break_long_words=False, break_on_hyphens=False)
    return "\n      ".join(lines)
