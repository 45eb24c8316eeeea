"""The files that a patch is made of: each is read and parsed once, however often it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from graph.errors import PatchError, Problem
from graph.language import yaml_tree as tree
from graph.language.yaml_traps import missing_space
from graph.patch.bundle import find_node
from graph.patch.subpatch import SubPatch

MAX_DEPTH = 100


@dataclass
class PatchFile:
    """A patch's text, its tree once it has been parsed, and what its `inputs:` declare.

    path     None for a text that is no file
    folder   what files in it are relative to
    failed   whether it has turned out to have mistakes, or what it contains
    """

    source: tree.Source
    path: Path | None
    folder: Path
    tree: tree.Mapping | None = None
    parsed: bool = False
    failed: bool = False
    shell: type[SubPatch] | None = None
    elsewhere: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path.name if self.path else self.source.file


class Files:
    """All files of one patch, and the mistakes in all of them."""

    def __init__(self, top: PatchFile) -> None:
        self.top = top
        self._open = {top.path.resolve(): top} if top.path else {}
        self._children: dict[tuple[Path, str], PatchFile | None] = {}
        self._sizes: dict[int, int] = {}

    def child(self, parent: PatchFile, path: str) -> PatchFile | None:
        """The file of `{patch: PATH}` in `parent`, or None if there is none; PatchError if it cannot be read."""
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
            self._open[real] = PatchFile(tree.read_source(place, shown), place, place.parent)
        return self._open[real]

    def paths(self) -> set[Path]:
        """Where the files are that have been opened."""
        return set(self._open)

    def parse(self, file: PatchFile) -> tree.Mapping | None:
        """The tree of a file; None after mistakes, which are noted."""
        if not file.parsed:
            file.parsed = True
            try:
                parsed = tree.parse(file.source)
                if isinstance(parsed, tree.Mapping):
                    file.tree = parsed
                else:
                    text = parsed.text if isinstance(parsed, tree.Scalar) else ""
                    message = missing_space(text) or "a patch is made of `nodes:` and `out:`"
                    file.source.problem(parsed.line, parsed.column, message)
            except PatchError as error:
                file.elsewhere += [p for p in error.problems if p not in file.source.problems]
        return file.tree

    def size(self, file: PatchFile, depth: int = 0) -> int:
        """How many nodes a file stands for with all that it contains, counted without making them."""
        if id(file) not in self._sizes:
            self._sizes[id(file)] = 0  # of a patch within itself, which is refused where it is read
            parsed = self.parse(file) if depth <= MAX_DEPTH else None
            self._sizes[id(file)] = sum(1 + self._size_of(file, value, depth) for value in nodes_of(parsed))
        return self._sizes[id(file)]

    def _size_of(self, file: PatchFile, node: tree.Tree, depth: int) -> int:
        if not isinstance(node, tree.Mapping):
            return 0
        path = next((v.text for k, v in node.entries if k.text == "patch" and isinstance(v, tree.Scalar)), "")
        try:
            child = self.child(file, path) if path else None
        except PatchError:
            child = None
        return self.size(child, depth + 1) if child else 0

    @property
    def mistakes(self) -> int:
        """How many mistakes have been noted."""
        return sum(len(file.source.problems) + len(file.elsewhere) for file in self._open.values())

    def problems(self) -> list[Problem]:
        """The mistakes of all files."""
        files = dict.fromkeys([id(self.top)])
        every = [self.top, *(file for file in self._open.values() if id(file) not in files)]
        return [problem for file in every for problem in (*file.source.problems, *file.elsewhere)]

    def raise_problems(self) -> None:
        """Raises a PatchError when there are mistakes."""
        found = self.problems()
        if found:
            raise PatchError(dict.fromkeys(found))


def nodes_of(patch: tree.Mapping | None) -> list[tree.Tree]:
    """What stands under `nodes:`."""
    nodes = dict_of(patch).get("nodes")
    return [node for _, node in nodes.entries] if isinstance(nodes, tree.Mapping) else []


def dict_of(mapping: tree.Mapping | None) -> dict[str, tree.Tree]:
    """A mapping's values by their keys."""
    return {key.text: value for key, value in mapping.entries} if mapping else {}
