"""Mistakes in a node's source: each is answered with its line and what to write, before and after Numba sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from node_mistakes import CASES, Case

from graph.native.functions import PLAIN
from graph.node.library import all_nodes
from graph.node.lint.mistakes import mistakes

pytestmark = pytest.mark.skipif(PLAIN, reason="too slow in plain Python")
Run = Callable[..., subprocess.CompletedProcess[str]]
GOLDEN = ROOT / "tests" / "golden" / "node_mistakes.txt"
"""The answers. After a change, look at each, and write them with `python tests/app/test_node_mistakes.py`."""


def answers(folder: Path) -> dict[str, list[str]]:
    """What the command line says to every case, by its name: all files in one process."""
    files = {f"try_{case.name}.py": case for case in CASES}
    for name, case in files.items():
        (folder / name).write_text(case.source)
    words = [word for name in files for word in ("--nodes", name)]
    done = subprocess.run(
        [sys.executable, "-m", "graph", "check", *words, "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    found = {}
    for entry in json.loads(done.stdout):
        said = [*entry["problems"], *({**each, "message": f"warning: {each['message']}"} for each in entry["warnings"])]
        lines = [f"{each['file']}:{each['line']}:{each['column']}: {each['message']}" for each in said]
        found[files[entry["nodes"]].name] = lines
    return found


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return answers(tmp_path_factory.mktemp("mistakes"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_answered_with_its_line_and_what_to_write(case: Case, said: dict[str, list[str]]) -> None:
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    assert said[case.name] == [line for line in golden if line.startswith(f"try_{case.name}.py:")]
    assert said[case.name]


def test_no_answer_is_a_traceback_or_in_the_words_of_numba(said: dict[str, list[str]]) -> None:
    text = "\n".join(line for lines in said.values() for line in lines)
    for word in ("Traceback", "nopython", "numba", "NRT", "Function(", "signature:", "array(float", "reflected"):
        assert word not in text


def test_bundled_nodes_have_no_mistakes() -> None:
    playable = [cls for cls in all_nodes().values() if "kernel" in vars(cls)]
    assert len(playable) > 140
    assert [str(problem) for cls in playable for problem in mistakes(cls)] == []


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text("\n".join(line for lines in answers(Path(folder)).values() for line in lines) + "\n")
