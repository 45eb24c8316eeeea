"""The files of a patch: each is read and parsed once, however often it is used."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from graph.errors import GraphError, PatchError
from graph.language import yaml_tree as tree
from graph.language.mistakes import START, Mistakes, NotedError
from graph.language.source import SourceText, read_source
from graph.language.yaml_traps import missing_space
from graph.patch.bundle import find_node
from graph.patch.subpatch import SubPatch

MAX_DEPTH = 100
_PATCH = re.compile(r"""(?m)(?:^|[{,\s])["']?nodes["']?\s*:""")
T = TypeVar("T")


@dataclass
class PatchFile:
    """A patch's text, its tree once parsed, and its declared `inputs:`.

    path     None for text without a file
    folder   base of relative file paths
    failed   whether it, or a patch inside it, has errors
    around   the errors of the enclosing patch
    mistakes its own errors
    """

    source: SourceText
    path: Path | None
    folder: Path
    tree: tree.Mapping | None = None
    parsed: bool = False
    failed: bool = False
    shell: type[SubPatch] | None = None
    around: Mistakes | None = None

    def __post_init__(self) -> None:
        self.mistakes = Mistakes(self.source, self.around)

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self.path.name if self.path else self.source.file


class Files:
    """All files of one patch."""

    def __init__(self, top: PatchFile) -> None:
        self.top = top
        self._open = {top.path.resolve(): top} if top.path else {}
        self._children: dict[tuple[Path, str], PatchFile | None] = {}
        self._sizes: dict[int, int] = {}

    def child(self, parent: PatchFile, path: str) -> PatchFile | None:
        """The file of `{patch: PATH}` in `parent`; None if it does not exist, GraphError if it cannot be read."""
        key = (parent.folder, path)
        if key not in self._children:
            place = find_node(path, parent.folder)
            self._children[key] = None if place is None else self._file(place, parent, path)
        return self._children[key]

    def _file(self, place: Path, parent: PatchFile, path: str) -> PatchFile:
        real = place.resolve()
        if real not in self._open:
            beside = Path(parent.source.file).parent / path
            shown = str(beside if beside.name == place.name and beside.is_file() else place)
            try:
                source = read_source(place, shown)
            except PatchError as error:
                raise GraphError(f"'{path}': {error.problems[0].message}") from None
            if not _PATCH.search(source.text):  # a message about its text would show what it contains
                raise GraphError(f"'{path}' is not a patch: it has no `nodes:`")
            self._open[real] = PatchFile(source, place, place.parent, around=self.top.mistakes)
        return self._open[real]

    def paths(self) -> set[Path]:
        """The paths of all files opened so far."""
        return set(self._open)

    def parse(self, file: PatchFile) -> tree.Mapping:
        """The tree of a file; NotedError if it has errors."""
        if not file.parsed:
            file.parsed = True
            with file.mistakes.at(START):
                file.tree = self._tree(file)
        if file.tree is None:
            raise NotedError
        return file.tree

    def _tree(self, file: PatchFile) -> tree.Mapping:
        try:
            parsed = tree.parse(file.mistakes)
        except PatchError:
            raise NotedError from None
        text = parsed.text if isinstance(parsed, tree.Scalar) else ""
        return tree.mapping(parsed, missing_space(text) or "a patch consists of `nodes:` and `out:`")

    def size(self, file: PatchFile, depth: int = 0) -> int:
        """The number of nodes in a file, including nested patches, without creating them."""
        if id(file) not in self._sizes:
            self._sizes[id(file)] = 0  # for a patch inside itself, which is refused where it is read
            with file.mistakes.at(START):
                nodes = nodes_of(self.parse(file)) if depth <= MAX_DEPTH else []
                self._sizes[id(file)] = sum(1 + self._size_of(file, value, depth) for value in nodes)
        return self._sizes[id(file)]

    def _size_of(self, file: PatchFile, node: tree.Tree, depth: int) -> int:
        path = dict_of(node).get("patch") if isinstance(node, tree.Mapping) else None
        if not isinstance(path, tree.Scalar):
            return 0
        with contextlib.suppress(GraphError):  # recorded where the node is created
            child = self.child(file, path.text)
            return self.size(child, depth + 1) if child else 0
        return 0


def nodes_of(patch: tree.Mapping) -> list[tree.Tree]:
    """The values under `nodes:`."""
    nodes = dict_of(patch).get("nodes")
    return [node for _, node in nodes.entries] if isinstance(nodes, tree.Mapping) else []


def dict_of(mapping: tree.Mapping) -> dict[str, tree.Tree]:
    """A mapping's values by key."""
    return {key.text: value for key, value in mapping.entries}


def present(words: Mapping[str, T], key: str) -> list[T]:
    """The value of a key, for a loop that runs at most once."""
    return [words[key]] if key in words else []
