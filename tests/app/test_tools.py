from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT


def tool(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / name), *(str(word) for word in words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_new_node_writes_a_node_that_passes_its_own_test_and_the_contract(tmp_path: Path) -> None:
    made = tool("new_node", "RingShift", "Turns things round.", "--into", tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "nodes" / "ring_shift.py").exists()
    (tmp_path / "tests" / "conftest.py").write_text(
        f"import nodes\nnodes.__path__.append({str(tmp_path / 'nodes')!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_new_node_overwrites_nothing(tmp_path: Path) -> None:
    assert tool("new_node", "LowPass", "--into", tmp_path).returncode == 2
    assert tool("new_node", "low_pass", "--into", tmp_path).returncode == 2
    assert not (tmp_path / "nodes").exists()


def test_the_bench_of_nodes_prints_a_row_a_node_with_a_dash_where_the_width_is_fixed() -> None:
    done = tool("bench", "nodes", "Saw", "AutoPan", "--rounds", 1)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if "|" in line]
    assert [row[0] for row in rows] == ["node", "---", "AutoPan", "Saw"], done.stdout + done.stderr
    assert [cell == "-" for cell in rows[2]] == [False, True, False, True, True]
    assert all(float(cell.replace(",", "")) > 0 for cell in rows[3][1:])


def test_the_bench_of_denormals_prints_what_is_loud_and_what_its_tail_costs() -> None:
    done = tool("bench", "denormals", "LowPass", "Notes", "Tom")
    rows = [line.split() for line in done.stdout.splitlines()[1:-1]]
    assert [row[0] for row in rows] == ["LowPass", "Tom"], done.stdout + done.stderr
    assert all(float(row[1]) > 0 and float(row[2]) > 0 for row in rows)


def test_docs_keep_what_the_bench_measured(tmp_path: Path) -> None:
    for name in ("graph", "nodes", "patches", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    page = tmp_path / "nodes" / "README.md"
    declared = page.read_text().partition("\n## CPU cost\n")[0]
    page.write_text("Something else.\n\n## CPU cost\n\na table\n")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "tools" / "docs")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "nodes/README.md: written\n"
    assert page.read_text() == declared + "\n## CPU cost\n\na table\n"


def test_no_mutated_patch_raises_or_takes_long() -> None:
    done = tool("fuzz", 500, 3)
    assert done.returncode == 0, done.stdout + done.stderr
