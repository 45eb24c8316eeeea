"""Patches: YAML in; out comes a `Net`, or every error at once with its position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.errors import GraphError
from graph.language.mistakes import START, Mistakes
from graph.language.source import SourceText, read_source
from graph.language.yaml_tree import Scalar
from graph.model.net import Net
from graph.model.widths import check
from graph.node.library import Library
from graph.node.node import Node
from graph.patch.bundle import find
from graph.patch.files import Files, PatchFile
from graph.patch.presets import Setting, chosen, setting
from graph.patch.reader import OWN, ReadContext, Reader
from graph.patch.subpatch import SubPatch


@dataclass
class Patch:
    """A patch after reading.

    file      its text
    graph     its graph; nodes of nested patches are named outer.inner
    presets   its named sets of values
    shared    the position of every node
    """

    file: PatchFile
    graph: Net
    presets: dict[str, list[Setting]]
    shared: ReadContext


def read(
    path: str | Path,
    *,
    nodes_files: Iterable[str | Path] = (),
    kind: type[Net] = Net,
    file_clock: bool = False,
) -> Patch:
    """Reads a patch from a file or by the name of a bundled patch; PatchError with all its errors.

    nodes_files   Python files with additional node classes
    kind          class of the graph
    file_clock    whether a MIDI file will drive the clock inputs that have no cable
    """
    found = find(path)
    source = read_source(found, str(path) if found == Path(path) else str(found))
    return read_file(PatchFile(source, found, found.parent), nodes_files, kind, file_clock=file_clock)


def read_text(
    text: str, file: str = "<patch>", *, nodes_files: Iterable[str | Path] = (), kind: type[Net] = Net
) -> Patch:
    """Like `read`, from text; `file` is its name in messages."""
    return read_file(PatchFile(SourceText(file, text), None, Path()), nodes_files, kind)


def read_file(
    file: PatchFile, nodes_files: Iterable[str | Path] = (), kind: type[Net] = Net, *, file_clock: bool = False
) -> Patch:
    """Like `read`, from a file already opened."""
    shared = ReadContext(Files(file), Library(nodes_files), file_clock=file_clock)
    reader = Reader(file, shared)
    graph = reader.graph(kind)
    return Patch(file, graph, reader.presets, shared)


def apply(patch: Patch, presets: Iterable[str] = (), values: Mapping[str, str] | None = None) -> list[Setting]:
    """Applies presets, then values; returns every setting in order. PatchError for errors."""
    done: list[Setting] = []
    for name in presets:
        mistakes = Mistakes(SourceText("--preset", name))
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
        raise GraphError(f"this patch contains no patch '{outer}'")
    found = chosen(shell.presets, inner) if isinstance(shell, SubPatch) else chosen(patch.presets, name)
    for each in found:
        each.apply()
    before = f"{outer}." if outer else ""
    return [Setting(s.node, s.word, s.value, before + s.path, s.text) for s in found]


def set_values(graph: Net, values: Mapping[str, str]) -> list[Setting]:
    """Sets inputs and options: `{"tone.q": "4", "filter.cutoff": "800 Hz"}`; PatchError for errors."""
    every: Mistakes | None = None
    done: list[Setting] = []
    own: Node | None = graph.nodes.get(OWN)
    for path, text in values.items():
        every = mistakes = Mistakes(SourceText("--set", f"{path}={text}"), every)
        value = Scalar(text, None, 1, len(path) + 2)
        with mistakes.at(START, value):
            done.append(setting(graph.nodes, own, path, value, Path(), graph.where))
            done[-1].apply()
    if every:
        every.raise_all()
    return done
