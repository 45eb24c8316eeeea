"""From a patch's tree to nodes and cables: first all nodes, then what drives their inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph import yaml_tree as tree
from graph.connections import Connections
from graph.errors import GraphError, NodeError, did_you_mean
from graph.expression import ExpressionError
from graph.model import Graph, check_block, check_rate
from graph.node import Cable, Node
from graph.options import constant, read_option
from graph.ports import In, Option
from graph.reference import Library
from graph.scope import Names, bad_name
from graph.yaml_traps import missing_space

KEYS = ("name", "doc", "nodes", "out", "block", "rate")
MAX_NODES = 100_000

OUT = In(doc="What is heard.")


class Reader:
    """Reads one patch and notes all its mistakes in its source.

    source    the text and the mistakes
    folder    what files in the patch are relative to
    library   the node classes
    """

    def __init__(self, source: tree.Source, folder: Path, library: Library) -> None:
        self.source = source
        self.folder = folder
        self.library = library
        self.scope = Names()
        self.wiring = Connections(source, self.scope)
        self.connections: list[tuple[Node, In, tree.Tree]] = []

    def graph(self) -> Graph:
        """The graph of the whole patch; a PatchError with all mistakes."""
        top = self.top()
        self.nodes(top.get("nodes"))
        out = self.out(top["out"]) if "out" in top else None
        settings = {
            "name": self.text(top, "name"),
            "block": self.setting(top, "block", check_block),
            "rate": self.setting(top, "rate", check_rate),
        }
        self.text(top, "doc")
        self.source.raise_problems()
        assert out is not None
        named = {name: node for name, node in self.scope.named.items() if node is not None}
        graph = Graph(out, nodes=named, **{key: value for key, value in settings.items() if value is not None})
        try:
            graph.check()
        except GraphError as error:
            node = graph.nodes.get(getattr(error, "node", ""))
            place = self.wiring.places.get(node) if node is not None else None
            self.source.problem(place.line if place else 1, place.column if place else 1, str(error))
            self.source.raise_problems()
        return graph

    def problem(self, at: tree.Tree, message: str) -> None:
        """Notes a mistake at the beginning of a value."""
        self.source.problem(at.line, at.column, message)

    def top(self) -> dict[str, tree.Tree]:
        """The patch's own keys with their values."""
        parsed = tree.parse(self.source)
        if not isinstance(parsed, tree.Mapping):
            text = parsed.text if isinstance(parsed, tree.Scalar) else ""
            self.problem(parsed, missing_space(text) or "a patch is made of `nodes:` and `out:`")
            self.source.raise_problems()
            return {}
        for key, _ in parsed.entries:
            if key.text not in KEYS:
                known = ", ".join(KEYS)
                self.problem(key, f"a patch has no key '{key.text}'.{did_you_mean(key.text, KEYS)} It has: {known}")
        found = {key.text: value for key, value in parsed.entries}
        if not self.source.problems:
            if "nodes" not in found:
                self.problem(parsed, "the patch has no `nodes:`; below it stand lines such as `osc: {node: Saw}`")
            if "out" not in found:
                self.problem(parsed, "the patch has no `out:`; after it stands the name of the node that is heard")
        return found

    def text(self, top: dict[str, tree.Tree], key: str) -> str | None:
        """The text of a key, if it is there."""
        value = top.get(key)
        if value is None or isinstance(value, tree.Scalar):
            return value.text if value else None
        self.problem(value, f"`{key}:` is a line of text")
        return None

    def setting(self, top: dict[str, tree.Tree], key: str, check: Any) -> Any:
        """The number of a key, if it is there and `check` takes it."""
        value = top.get(key)
        if value is None:
            return None
        try:
            if not isinstance(value, tree.Scalar):
                raise GraphError(f"`{key}:` is a number")
            number = constant(value.text, In(unit="Hz" if key == "rate" else ""), key)
            return check(int(number) if number == int(number) else number)
        except GraphError as error:
            self.problem(value, str(error))
        except ExpressionError as error:
            self.problem(value, error.message)
        return None

    def nodes(self, nodes: tree.Tree | None) -> None:
        """Makes every node, then connects them, those with clocks and events first."""
        if isinstance(nodes, tree.Mapping):
            if len(nodes.entries) > MAX_NODES:
                self.problem(nodes, f"the patch has {len(nodes.entries):,} nodes; {MAX_NODES:,} are allowed")
                self.source.raise_problems()
            for key, value in nodes.entries:
                self.scope.named[key.text] = self.node(key, value)
        else:
            self.scope.unknown = True
            if nodes is not None and not isinstance(nodes, tree.Broken):
                self.problem(nodes, "`nodes:` holds lines such as `osc: {node: Saw, freq: 220 Hz}`")
        self.connections.sort(key=lambda connection: connection[1].kind == "signal")
        for node, port, value in self.connections:
            where = f"{node.name}.{port.name}"
            driver = self.wiring.drive(value, port, where, node)
            if driver is not None:
                node.inputs[port.name] = driver

    def node(self, key: tree.Scalar, value: tree.Tree) -> Node | None:
        """One entry of `nodes:`; None after a mistake that leaves no node."""
        name = key.text
        reason = bad_name(name)
        if reason:
            self.problem(key, reason)
            self.scope.refused += [name] if name.strip() else []
        if isinstance(value, tree.Broken) or (reason and not isinstance(value, tree.Mapping)):
            return None
        if not isinstance(value, tree.Mapping):
            text = value.text if isinstance(value, tree.Scalar) else ""
            written = f"`{name}: {{node: {text if text.isidentifier() else 'Saw'}}}`"
            self.problem(value if text else key, missing_space(text) or f"a node is written {written}")
            return None
        entries = {word.text: (word, entry) for word, entry in value.entries}
        if "node" not in entries:
            near = next((w for w, _ in value.entries if w.text.lower() in ("nodes", "node", "type", "class")), None)
            said = f"'{near.text}' is written `node`" if near else f"'{name}' does not say which node it is"
            self.problem(near or key, f"{said}: write `{name}: {{node: Saw, ...}}`")
            return None
        cls = self.node_class(entries["node"][1])
        if cls is None:
            return None
        options: dict[str, Any] = {}
        for word, (at, entry) in entries.items():
            option = cls.fields.get(word)
            if isinstance(option, Option):
                self.option(options, option, entry, f"{name}.{word}")
            elif word != "node" and not isinstance(option, In):
                known = [each for each, field in cls.fields.items() if isinstance(field, In | Option)]
                near_word = did_you_mean(word, known)
                self.problem(at, f"{cls.__name__} has no input '{word}'.{near_word} It has: {', '.join(known)}")
        try:
            node = cls(name=name, **options)
        except NodeError as error:
            self.problem(key, str(error))
            return None
        self.wiring.places[node] = key
        for word, (_, entry) in entries.items():
            port = cls.fields.get(word)
            if isinstance(port, In):
                self.connections.append((node, port, entry))
                if port.kind == "clock":
                    self.wiring.clocked.add(node)
        return None if reason else node

    def node_class(self, value: tree.Tree) -> type[Node] | None:
        """What `node:` names."""
        if isinstance(value, tree.Broken):
            return None
        if not isinstance(value, tree.Scalar):
            self.problem(value, "`node:` is the name of a node class, such as Saw")
            return None
        try:
            return self.library.find(value.text)
        except NodeError as error:
            self.problem(value, str(error))
            return None

    def option(self, options: dict[str, Any], option: Option, value: tree.Tree, where: str) -> None:
        """Puts an option's value into `options`."""
        try:
            if not isinstance(value, tree.Broken):
                options[option.name] = read_option(option, value, where, self.folder)
        except NodeError as error:
            self.problem(value, str(error))
        except ExpressionError as error:
            assert isinstance(value, tree.Scalar)
            self.source.problem(value.line, value.column_of(error.offset), error.message)

    def out(self, value: tree.Tree) -> Cable | None:
        """What is heard."""
        driver = self.wiring.drive(value, OUT, "out", None)
        if isinstance(driver, float):
            self.problem(value, "out: a number makes no sound; write the name of a node")
            return None
        return driver
