from __future__ import annotations

import os
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


def test_no_mutated_patch_raises_or_takes_long() -> None:
    done = tool("fuzz", 500, 3)
    assert done.returncode == 0, done.stdout + done.stderr
