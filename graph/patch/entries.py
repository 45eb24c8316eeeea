"""The entries of `nodes:`: creates the nodes, reads their options and connects their inputs."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph.errors import AudioFileError, GraphrunError, MidiFileError, NodeError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.mistakes import MistakeError, NotedError
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
    """Creates the nodes of a patch, then connects them.

    folder   base of relative file paths
    within   creates the node of a `{patch: ...}`
    """

    def __init__(self, wiring: Connections, folder: Path, library: Library, within: Callable[[str, Words], SubPatch]):
        self.mistakes = wiring.mistakes
        self.scope = wiring.scope
        self.wiring = wiring
        self.folder = folder
        self.library = library
        self.within = within
        self.connections: list[tuple[Node, In, tree.Tree]] = []

    def connect(self) -> None:
        """Connects the inputs of all nodes, clocks and events first."""
        self.connections.sort(key=lambda connection: connection[1].kind == "signal")
        for node, port, value in self.connections:
            with self.mistakes.at(value):
                node.inputs[port.name] = self.wiring.drive(value, port, f"{node.name}.{port.name}", node)

    def node(self, key: tree.Scalar, value: tree.Tree) -> Node:
        """The node of one entry."""
        name = key.text
        reason = bad_name(name) or (f"'{name}' is already an input of this patch" if name in self.scope.inputs else "")
        with self.mistakes.at(key) as named:
            if reason:
                self.scope.refused += [name] if name.strip() else []
                raise MistakeError(key, reason)
        words = self.words(key, value, named.failed)
        if "node" in words and "patch" in words:
            raise MistakeError(words["patch"][0], f"'{name}' has both `node` and `patch`: keep one")
        node = self.within(name, words) if "patch" in words else self.plain(key, words)
        self.unknown_words(node, words)
        for word, (_, entry) in words.items():
            port = node.fields.get(word)
            if isinstance(port, In):
                self.connections.append((node, port, entry))
                if port.kind == "clock":
                    self.wiring.clocked.add(node)
        if named.failed:
            raise NotedError
        return node

    def words(self, key: tree.Scalar, value: tree.Tree, failed: bool) -> Words:
        """The keys of an entry; `failed` says whether its name already has an error."""
        if failed and not isinstance(value, tree.Mapping):
            raise NotedError
        text = value.text if isinstance(value, tree.Scalar) else ""
        written = f"`{key.text}: {{node: {text if text.isidentifier() else 'Saw'}}}`"
        message = missing_space(text) or f"write a node as {written}"
        if isinstance(value, tree.Sequence) or (isinstance(value, tree.Scalar) and not text):
            raise MistakeError(key, message)
        return {word.text: (word, entry) for word, entry in tree.mapping(value, message).entries}

    def plain(self, key: tree.Scalar, words: Words) -> Node:
        """A `{node: ...}` with its options."""
        name = key.text
        if "node" not in words:
            near = next((w for w, _ in words.values() if w.text.lower() in ("nodes", "node", "type", "class")), None)
            said = f"use `node` instead of '{near.text}'" if near else f"'{name}' has no node class"
            raise MistakeError(near or key, f"{said}: write `{name}: {{node: Saw, ...}}`")
        cls = self.node_class(words["node"][1])
        options: dict[str, Any] = {}
        for word, (_, entry) in words.items():
            option = cls.fields.get(word)
            if isinstance(option, Option) and not isinstance(entry, tree.Broken):
                with self.mistakes.at(entry):
                    options[word] = read_option(option, entry, f"{name}.{word}", self.folder)
        node = cls(name=name, **options)
        with self.mistakes.at(key):
            self.validate(node, words)
        return node

    def validate(self, node: Node, words: Words) -> None:
        """Runs the node's own check of its options; an error about one option is recorded at that option."""
        try:
            node.validate()
        except (NodeError, AudioFileError, MidiFileError) as error:
            about = "file" if "file" in words and not isinstance(error, NodeError) else ""
            starts = {word: (f"{node.name}.{word}:", f"{node.name}.{word} ") for word in words}
            about = next((word for word in words if str(error).startswith(starts[word])), about)
            if about:
                raise MistakeError(words[about][1], str(error)) from None
            raise
        except GraphrunError:
            raise
        except Exception as error:  # a user's code may raise anything; the message names its line
            frame = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{node.label}: validate raises {type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"
            raise NodeError(text) from error

    def unknown_words(self, node: Node, words: Words) -> None:
        """Records errors for keys that the node does not have."""
        own = PATCH_WORDS if isinstance(node, SubPatch) else ("node",)
        known = [word for word, field in node.fields.items() if isinstance(field, In | Option)]
        for word, (at, value) in words.items():
            if word not in known and word not in own:
                label = type(node).__name__
                has = f"It has: {', '.join(known)}" if known else "It has no inputs"
                hint = did_you_mean(word, known)
                if not hint and isinstance(value, tree.Mapping):
                    hint = f" Write inputs next to `{own[0]}:`, not inside another key."
                self.mistakes.add(at, f"{label} has no input '{word}'.{hint} {has}")

    def node_class(self, value: tree.Tree) -> type[Node]:
        """The node class that `node:` names."""
        name = tree.scalar(value, "`node:` takes the name of a node class, such as Saw").text
        try:
            return self.library.find(name)
        except NodeError as error:
            is_patch = name.endswith((".yaml", ".yml"))
            message = f"'{name}' is a patch: write `patch: {name}`" if is_patch else str(error)
            raise MistakeError(value, message) from None
