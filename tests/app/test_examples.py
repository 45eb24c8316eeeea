"""The Python examples in patches/examples run as printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import ROOT

EXAMPLES = sorted((ROOT / "patches" / "examples").glob("*.py"))
MADE = {
    "build_a_graph": ["bell.wav", "bell.yaml"],
    "score": ["canon.wav"],
    "own_echo": [],
    "own_node": [],
    "own_octaves": [],
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_runs_and_writes_what_it_says(path: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == MADE[path.stem]
    for file in tmp_path.glob("*.wav"):
        audio, _ = soundfile.read(file)
        assert 0.1 < np.abs(audio).max() <= 1.0, file.name
