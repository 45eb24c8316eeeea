"""Values set by name, with `--set` or `presets:`, checked against the input or option they set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import GraphError, did_you_mean
from graph.language import yaml_tree as tree
from graph.language.mistakes import Mistakes
from graph.model.net import driven, find_input
from graph.node.node import Cable, Node
from graph.node.ports import Option
from graph.node.values import constant
from graph.patch.options import read_option


@dataclass(frozen=True)
class Setting:
    """One checked value for one input or option.

    path   its name; text: the value as written; folder: base of relative file paths
    """

    node: Node
    word: str
    value: Any
    path: str
    text: str

    def apply(self) -> None:
        """Sets the value."""
        held = self.node.options if self.word in self.node.options else self.node.inputs
        held[self.word] = self.value


def setting(
    nodes: Mapping[str, Node],
    own: Node | None,
    path: str,
    value: tree.Tree,
    folder: Path,
    where: Callable[[Cable], str],
) -> Setting:
    """The setting of `path` to `value`; GraphError, NodeError or ExpressionError if it does not fit.

    nodes   nodes by name; `own` holds the patch's own inputs, which are written without a node
    where   names a cable, for messages
    """
    name, dot, word = path.rpartition(".")
    node = nodes.get(name) if dot else own
    if not dot and word in nodes:
        first = next((key for key, port in nodes[word].ins().items() if port.kind == "signal"), "input")
        raise GraphError(f"'{word}' is a node: name one of its inputs, such as `{word}.{first}`")
    if not dot and own is not None and word not in own.ins():
        known = list(own.ins())
        raise GraphError(
            f"the patch has no input '{word}'.{did_you_mean(word, known)} It has: {', '.join(known) or 'none'}"
        )
    option = node.fields.get(word) if node is not None else None
    text = value.text if isinstance(value, tree.Scalar) else ""
    if node is not None and isinstance(option, Option):
        return Setting(node, word, read_option(option, value, path, folder), path, text)
    node, port = find_input(
        {**nodes, "": own} if own is not None else nodes, path if dot or own is None else f".{path}"
    )
    if not isinstance(value, tree.Scalar):
        raise GraphError(f"{path} takes one value, not a list or mapping")
    driver = node.inputs.get(word)
    if isinstance(driver, Cable):
        raise GraphError(driven(path, where(driver)))
    return Setting(node, word, constant(text, port, path), path, text)


def read_presets(
    mistakes: Mistakes, presets: tree.Tree, make: Callable[[str, tree.Tree], Setting]
) -> dict[str, list[Setting]]:
    """The presets of a patch."""
    found: dict[str, list[Setting]] = {}
    example = "`presets:` takes lines such as `dark: {filter.cutoff: 400 Hz}`"
    for key, values in tree.mapping(presets, example).entries:
        found[key.text] = []
        if not key.text.replace("-", "_").isidentifier():
            mistakes.add(key, f"'{key.text[:40]}' is not a valid preset name: use letters, digits, - and _")
        with mistakes.at(values):
            written = f"write a preset as `{key.text}: {{filter.cutoff: 400 Hz}}`"
            for path, at, value in flat(tree.mapping(values, written)):
                with mistakes.at(at, value):
                    found[key.text].append(make(path, value))
    return found


def flat(values: tree.Mapping, before: str = "") -> Iterable[tuple[str, tree.Scalar, tree.Tree]]:
    """`{filter: {q: 2}}` as `filter.q`, with its key and value."""
    for key, value in values.entries:
        path = f"{before}{key.text}"
        if isinstance(value, tree.Mapping):
            yield from flat(value, f"{path}.")
        elif not isinstance(value, tree.Broken):
            yield path, key, value


def chosen(presets: Mapping[str, list[Setting]], name: str) -> list[Setting]:
    """The preset `name`; GraphError, with the closest match, if it does not exist."""
    if name in presets:
        return presets[name]
    hint = did_you_mean(name, list(presets))
    known = f" The presets are {', '.join(presets)}" if presets else " The patch has no presets"
    raise GraphError(f"there is no preset '{name[:60]}'.{hint}{known}")
