"""Patches: YAML in, a `Graph` out, or every mistake at once with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from graph.errors import GraphError, NodeError, PatchError, Problem, did_you_mean
from graph.expression import ExpressionError
from graph.model import Graph, driven
from graph.node import Cable
from graph.options import constant, read_option
from graph.ports import Option
from graph.reader import Reader
from graph.reference import Library
from graph.yaml_tree import Scalar, Source, read_source


def load(
    path: str | Path, *, nodes_files: Iterable[str | Path] = (), set_values: Mapping[str, str] | None = None
) -> Graph:
    """The graph of a patch: a file, or the name of a bundled patch such as `first_light`.

    nodes_files   Python files with further nodes
    set_values    inputs and options given anew, as `{"filter.cutoff": "800 Hz"}`
    """
    found = find(path)
    source = read_source(found, str(path) if found == Path(path) else str(found))
    graph = Reader(source, found.parent, Library(nodes_files)).graph()
    return _with_values(graph, set_values or {})


def loads(text: str, file: str = "<patch>", *, nodes_files: Iterable[str | Path] = ()) -> Graph:
    """The graph of a patch's text; `file` is what messages call it."""
    return Reader(Source(file, text), Path(), Library(nodes_files)).graph()


def find(path: str | Path) -> Path:
    """Where a patch is: the path itself if it exists, otherwise that bundled one; PatchError if there is none."""
    if _exists(Path(path)):
        return Path(path)
    inside = bundled(str(path))
    if inside is not None:
        return inside
    folder = Path(path).parent
    near = [str(file) for file in sorted(folder.glob("*.y*ml"))] if folder.is_dir() else []
    names = bundled_names()
    hint = did_you_mean(str(path), [*near, *names]) or did_you_mean(Path(path).stem, names)
    if not hint and names:
        hint = f" Bundled patches: {', '.join(names)}"
    raise PatchError([Problem(str(path), 1, 1, f"there is no such patch.{hint}")])


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def bundled(name: str) -> Path | None:
    """The file of a bundled patch: `first_light`, `first_light.yaml` or `patches/first_light.yaml`."""
    inside = Path(name.replace("\\", "/").removeprefix("patches/"))
    if inside.is_absolute() or ".." in inside.parts:
        return None
    for folder in _bundle():
        for candidate in (folder / inside, folder / f"{inside}.yaml"):
            if candidate.suffix == ".yaml" and _exists(candidate):
                return candidate
    return None


def bundled_names() -> list[str]:
    """The names of the bundled patches."""
    return sorted({file.stem for folder in _bundle() for file in folder.glob("*.yaml")})


def _bundle() -> list[Path]:
    """The folders of the package `patches`, which holds no Python; real paths, as patches name files beside them."""
    spec = find_spec("patches")
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def set_values(graph: Graph, values: Mapping[str, str]) -> None:
    """Gives inputs and options other values: `{"tone.q": "4", "filter.cutoff": "800 Hz"}`; PatchError for mistakes."""
    problems = []
    for path, text in values.items():
        try:
            _set_value(graph, path, text)
        except (GraphError, NodeError) as error:
            problems.append(Problem("--set", 1, 1, str(error), f"{path}={text}"))
        except ExpressionError as error:
            problems.append(Problem("--set", 1, len(path) + 2 + error.offset, error.message, f"{path}={text}"))
    if problems:
        raise PatchError(problems)


def _set_value(graph: Graph, path: str, text: str) -> None:
    name, _, word = path.rpartition(".")
    node = graph.nodes.get(name)
    option = node.fields.get(word) if node else None
    if node is not None and isinstance(option, Option):
        node.options[word] = read_option(option, Scalar(text, None, 1, 1), path, Path())
        return
    node, port = graph.find(path)
    driver = node.inputs.get(word)
    if isinstance(driver, Cable):
        raise GraphError(driven(path, graph.where(driver)))
    node.inputs[word] = constant(text, port, path)


def _with_values(graph: Graph, values: Mapping[str, str]) -> Graph:
    if values:
        set_values(graph, values)
        graph.check()
    return graph
