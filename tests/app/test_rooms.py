"""The rooms: no import cycles, every room states its idea, and an old path gets the new one."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import ROOT

import graph
from graph.node.moved import MOVED, PUBLIC

ROOMS = sorted(path.parent for path in [*ROOT.glob("graph/*/__init__.py"), *ROOT.glob("nodes/dsp/*/__init__.py")])
FACES = ("engine", "native", "patch", "play", "testing")


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every (module, name) that a file imports, including inside functions, except for type checking only."""
    if isinstance(tree, ast.Import):
        yield from ((each.name, "") for each in tree.names)
    elif isinstance(tree, ast.ImportFrom):
        yield from ((tree.module or "", each.name) for each in tree.names)
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")):
            yield from imports(child)


def circle(package: Path) -> list[str]:
    """The modules of an import cycle in a package, the first also last; empty if there is none."""
    names = {file: ".".join(file.relative_to(package.parent).with_suffix("").parts) for file in package.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): file for file, name in names.items()}
    needs: dict[str, set[str]] = {}
    for module, file in modules.items():
        found = imports(ast.parse(file.read_text(encoding="utf-8")))
        wanted = {f"{old}.{name}" if f"{old}.{name}" in modules else old for old, name in found}
        needs[module] = wanted & (modules.keys() - {module})
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_graph_has_no_import_cycles() -> None:
    assert circle(ROOT / "graph") == []


def test_an_import_cycle_through_a_function_is_found(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").write_text("")
    (house / "a.py").write_text("from house import b\n")
    (house / "b.py").write_text("def later():\n    from house.a import x\n")
    assert set(circle(house)) == {"house.a", "house.b"}
    (house / "b.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.a import x\n")
    assert circle(house) == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room.parent.name}.{room.name}")
def test_every_room_states_its_idea_and_its_imports(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    idea, _, rest = said.partition("\n\n")
    assert len(idea) > 30
    assert idea.endswith(".")
    assert "import" in rest.lower()


@pytest.mark.parametrize("room", FACES)
def test_a_face_hands_on_every_name_that_it_lists(room: str) -> None:
    face = import_module(f"graph.{room}")
    for name in face.__all__:
        assert getattr(face, name) is not None
        assert find_spec(f"graph.{room}.{name}") is None, f"{name} is a module of the room too"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = face.nothing


def test_the_map_names_every_room_and_only_existing_files() -> None:
    text = (ROOT / "graph" / "README.md").read_text(encoding="utf-8")
    missing = [room.name for room in ROOMS if room.parent.name == "graph" and f" {room.name}/ " not in text]
    assert missing == []
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text))
    assert len(named) > 20
    folders = (ROOT, ROOT / "graph")
    assert [name for name in named if not any((folder / name).is_file() for folder in folders)] == []


def test_what_the_advice_on_old_paths_names_is_there() -> None:
    assert [new for new in MOVED.values() if find_spec(new) is None] == []
    assert [name for name, place in PUBLIC.items() if not hasattr(import_module(place), name)] == []
    assert all(PUBLIC[name] == "graph" for name in graph.__all__)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from graph.kernel import kernel", ["from graph import kernel"]),
        ("from graph.ports import In, Out", ["from graph import In, Out"]),
        ("from graph.testing import RECORDS, block_of", ["from graph.plan.block import RECORDS", "block_of"]),
        ("from graph.sound_reader import read_recording", ["from graph.media import read_recording"]),
        ("from graph.tables import MAX_INPUTS", ["from graph import MAX_INPUTS"]),
        ("from graph import units", ["from graph.language import units"]),
        ("import graph.tables", ["import graph.memory.tables"]),
        ("from nodes.dsp.sixfold import Sixfold", ["from nodes.dsp.drive.oversample_six import Sixfold"]),
    ],
)
def test_a_nodes_file_that_imports_an_old_path_is_answered_with_the_new_one(
    old: str, new: list[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(f"import math\n{old}\n")
    (tmp_path / "patch.yaml").write_text("nodes: {tone: {node: Mine}}\nout: tone\n")
    words = [sys.executable, "-m", "graph", "--nodes", "mine.py", "patch.yaml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert f"mine.py:2:1: `{old}` is now `" in done.stderr
    assert all(each in done.stderr.partition("is now")[2] for each in new), done.stderr
    assert "Traceback" not in done.stderr


def test_a_module_that_never_existed_gives_the_ordinary_error(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from graph.nothing import x\n")
    (tmp_path / "patch.yaml").write_text("nodes: {tone: {node: Mine}}\nout: tone\n")
    words = [sys.executable, "-m", "graph", "--nodes", "mine.py", "patch.yaml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "mine.py:1:1: ModuleNotFoundError: No module named 'graph.nothing'" in done.stderr


def test_a_node_package_that_imports_an_old_path_is_answered_with_the_new_one(tmp_path: Path) -> None:
    package = tmp_path / "our_nodes"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "hum.py").write_text("from graph.node import Node\nfrom graph.units import note_number\n")
    info = tmp_path / "our_nodes-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-nodes\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[graphrun.nodes]\nours = our_nodes\n")
    (tmp_path / "patch.yaml").write_text("nodes: {tone: {node: Hum}}\nout: tone\n")
    done = subprocess.run(
        [sys.executable, "-m", "graph", "patch.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (
        f"{Path('our_nodes') / 'hum.py'}:1: `from graph.node import Node` is now `from graph import Node`"
        in done.stderr
    )
    assert "Traceback" not in done.stderr
