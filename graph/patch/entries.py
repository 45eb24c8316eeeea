"""The entries of `nodes:`: what each makes, its options, and what is to drive its inputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph.errors import AudioFileError, MidiFileError, NodeError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.expression import ExpressionError
from graph.language.yaml_traps import missing_space
from graph.node.library import Library
from graph.node.node import Node
from graph.node.ports import In, Option
from graph.patch.connections import Connections
from graph.patch.options import read_option
from graph.patch.scope import bad_name
from graph.patch.subpatch import SubPatch

Words = dict[str, tuple[tree.Scalar, tree.Tree]]
"""The keys of an entry with their values."""

PATCH_WORDS = ("patch", "preset")


class Entries:
    """Makes the nodes of a patch, then connects them.

    folder   what files are relative to
    within   makes the node of a `{patch: ...}`; None after a mistake
    """

    def __init__(
        self, wiring: Connections, folder: Path, library: Library, within: Callable[[str, Words], SubPatch | None]
    ) -> None:
        self.source = wiring.source
        self.scope = wiring.scope
        self.wiring = wiring
        self.folder = folder
        self.library = library
        self.within = within
        self.connections: list[tuple[Node, In, tree.Tree]] = []

    def problem(self, at: tree.Tree, message: str) -> None:
        """Notes a mistake at the beginning of a value."""
        self.source.problem(at.line, at.column, message)

    def connect(self) -> None:
        """Drives the inputs of all nodes, clocks and events first."""
        self.connections.sort(key=lambda connection: connection[1].kind == "signal")
        for node, port, value in self.connections:
            where = f"{node.name}.{port.name}"
            driver = self.wiring.drive(value, port, where, node)
            if driver is not None:
                node.inputs[port.name] = driver

    def node(self, key: tree.Scalar, value: tree.Tree) -> Node | None:
        """The node of one entry; None after a mistake that leaves none."""
        name = key.text
        reason = bad_name(name) or (f"'{name}' is an input of this patch already" if name in self.scope.inputs else "")
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
        words = {word.text: (word, entry) for word, entry in value.entries}
        if "node" in words and "patch" in words:
            self.problem(words["patch"][0], f"'{name}' is either a `node` or a `patch`, not both")
            return None
        node = self.within(name, words) if "patch" in words else self.plain(key, value, words)
        if node is None:
            return None
        self.unknown_words(node, words)
        for word, (_, entry) in words.items():
            port = node.fields.get(word)
            if isinstance(port, In):
                self.connections.append((node, port, entry))
                if port.kind == "clock":
                    self.wiring.clocked.add(node)
        return None if reason else node

    def plain(self, key: tree.Scalar, value: tree.Mapping, words: Words) -> Node | None:
        """A `{node: ...}` with its options."""
        name = key.text
        if "node" not in words:
            near = next((w for w, _ in value.entries if w.text.lower() in ("nodes", "node", "type", "class")), None)
            said = f"'{near.text}' is written `node`" if near else f"'{name}' does not say which node it is"
            self.problem(near or key, f"{said}: write `{name}: {{node: Saw, ...}}`")
            return None
        cls = self.node_class(words["node"][1])
        if cls is None:
            return None
        options: dict[str, Any] = {}
        for word, (_, entry) in words.items():
            option = cls.fields.get(word)
            if isinstance(option, Option):
                self.option(options, option, entry, f"{name}.{word}")
        try:
            node = cls(name=name, **options)
        except NodeError as error:
            self.problem(key, str(error))
            return None
        try:
            node.verify()
        except (NodeError, AudioFileError, MidiFileError) as error:
            about = "file" if "file" in words and not isinstance(error, NodeError) else ""
            starts = {word: (f"{name}.{word}:", f"{name}.{word} ") for word in words}
            about = next((word for word in words if str(error).startswith(starts[word])), about)
            self.problem(words[about][1] if about else key, str(error))
        return node

    def unknown_words(self, node: Node, words: Words) -> None:
        """Mistakes for keys that the node does not have."""
        own = PATCH_WORDS if isinstance(node, SubPatch) else ("node",)
        known = [word for word, field in node.fields.items() if isinstance(field, In | Option)]
        for word, (at, value) in words.items():
            if word not in known and word not in own:
                label = type(node).__name__
                has = f"It has: {', '.join(known)}" if known else "It has no inputs"
                hint = did_you_mean(word, known)
                if not hint and isinstance(value, tree.Mapping):
                    hint = f" Inputs stand beside `{own[0]}:`, not within another key."
                self.problem(at, f"{label} has no input '{word}'.{hint} {has}")

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
            is_patch = value.text.endswith((".yaml", ".yml"))
            self.problem(value, f"'{value.text}' is a patch: write `patch: {value.text}`" if is_patch else str(error))
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
