"""Patches: YAML in, a `Net` out, or every mistake at once with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.errors import GraphError
from graph.language.mistakes import START, Mistakes
from graph.language.source import Source, read_source
from graph.language.yaml_tree import Scalar
from graph.model.net import Net
from graph.model.widths import check
from graph.node.library import Library
from graph.node.node import Node
from graph.patch.bundle import find
from graph.patch.files import Files, PatchFile
from graph.patch.presets import Setting, chosen, setting
from graph.patch.reader import OWN, Reader, Shared
from graph.patch.subpatch import SubPatch


@dataclass
class Patch:
    """A patch that has been read.

    file      its text
    graph     what it amounts to, with the nodes of the patches in it as outer.inner
    presets   its named sets of values
    shared    where everything stands
    """

    file: PatchFile
    graph: Net
    presets: dict[str, list[Setting]]
    shared: Shared


def read(path: str | Path, *, nodes_files: Iterable[str | Path] = (), kind: type[Net] = Net) -> Patch:
    """A patch with all that is known of it: a file, or the name of a bundled patch; PatchError with all its mistakes.

    nodes_files   Python files with further nodes
    kind          the class of its graph
    """
    found = find(path)
    source = read_source(found, str(path) if found == Path(path) else str(found))
    return read_file(PatchFile(source, found, found.parent), nodes_files, kind)


def read_text(
    text: str, file: str = "<patch>", *, nodes_files: Iterable[str | Path] = (), kind: type[Net] = Net
) -> Patch:
    """As `read`, of a text that messages call `file`."""
    return read_file(PatchFile(Source(file, text), None, Path()), nodes_files, kind)


def read_file(file: PatchFile, nodes_files: Iterable[str | Path] = (), kind: type[Net] = Net) -> Patch:
    """As `read`, of a file that has been read."""
    shared = Shared(Files(file), Library(nodes_files))
    reader = Reader(file, shared)
    graph = reader.graph(kind)
    return Patch(file, graph, reader.presets, shared)


def apply(patch: Patch, presets: Iterable[str] = (), values: Mapping[str, str] | None = None) -> list[Setting]:
    """Applies presets, then values; all that was set, in order. PatchError for mistakes."""
    done: list[Setting] = []
    for name in presets:
        mistakes = Mistakes(Source("--preset", name))
        with mistakes.at(START):
            done += _preset(patch, name)
        mistakes.raise_all()
    done += set_values(patch.graph, values or {})
    if done:
        check(patch.graph)
    return done


def _preset(patch: Patch, name: str) -> list[Setting]:
    outer, _, inner = name.rpartition(".")
    shell = patch.graph.nodes.get(outer)
    if outer and not isinstance(shell, SubPatch):
        raise GraphError(f"'{outer}' is not a patch within this patch")
    found = chosen(shell.presets, inner) if isinstance(shell, SubPatch) else chosen(patch.presets, name)
    for each in found:
        each.apply()
    before = f"{outer}." if outer else ""
    return [Setting(s.node, s.word, s.value, before + s.path, s.text) for s in found]


def set_values(graph: Net, values: Mapping[str, str]) -> list[Setting]:
    """Gives inputs and options other values: `{"tone.q": "4", "filter.cutoff": "800 Hz"}`; PatchError for mistakes."""
    every: Mistakes | None = None
    done: list[Setting] = []
    own: Node | None = graph.nodes.get(OWN)
    for path, text in values.items():
        every = mistakes = Mistakes(Source("--set", f"{path}={text}"), every)
        value = Scalar(text, None, 1, len(path) + 2)
        with mistakes.at(START, value):
            done.append(setting(graph.nodes, own, path, value, Path(), graph.where))
            done[-1].apply()
    if every:
        every.raise_all()
    return done
