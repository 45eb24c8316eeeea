"""Eight threads, reloads, presets, OSC, MIDI from another process, and a lost device at the same time: no hang."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from conftest import PROGRAMS
from programs.stress import complaints

from graph.native.functions import PLAIN

SECONDS = 20


@pytest.mark.skipif(PLAIN, reason="plain Python does not keep up with real time")
@pytest.mark.skipif(sys.platform != "linux", reason="it counts what Linux tells of a process")
def test_under_concurrent_load_nothing_hangs_or_is_lost_and_everything_is_released() -> None:
    done = subprocess.run(
        [sys.executable, PROGRAMS / "stress.py", str(SECONDS), "null", "1"],
        capture_output=True,
        text=True,
        timeout=SECONDS + 150,
    )
    assert done.returncode == 0, done.stderr[-20_000:]
    said = json.loads(done.stdout)
    assert complaints(said) == []
    assert said["kinds"] >= 29
