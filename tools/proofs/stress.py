"""Stress test that exercises everything at once; see tests/programs/stress.py. A watchdog prints stacks if it hangs."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "tests" / "programs" / "stress.py"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof stress`."""
    parser.add_argument("--seconds", type=float, default=600.0, help="duration (default: 600)")
    parser.add_argument("--device", choices=("null", "jack"), default="null", help="jack starts its own servers")
    parser.add_argument("--seed", type=int, default=1, help="random seed (default: 1)")


def run(options: argparse.Namespace) -> int:
    """Runs the test in a separate process and prints its results."""
    from programs.stress import complaints

    command = [sys.executable, str(PROGRAM), str(options.seconds), options.device, str(options.seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=options.seconds + 200)
    if done.returncode:
        print(f"the program exited with status {done.returncode}")
        return 1
    said = json.loads(done.stdout)
    for key, value in said.items():
        print(f"{key}: {value}")
    found = complaints(said)
    for line in found:
        print(f"FAILED: {line}")
    return 1 if found else 0
