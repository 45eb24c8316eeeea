"""Everything at once, for long: tests/programs/stress.py says what. A watchdog prints stacks if it hangs."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "tests" / "programs" / "stress.py"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `tools/proof stress` takes."""
    parser.add_argument("--seconds", type=float, default=600.0, help="how long (default: 600)")
    parser.add_argument("--device", choices=("null", "jack"), default="null", help="jack starts servers of its own")
    parser.add_argument("--seed", type=int, default=1, help="which chance (default: 1)")


def run(options: argparse.Namespace) -> int:
    """Runs it in a process of its own, and prints what it says."""
    from programs.stress import complaints

    command = [sys.executable, str(PROGRAM), str(options.seconds), options.device, str(options.seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=options.seconds + 200)
    if done.returncode:
        print(f"it ended with {done.returncode}")
        return 1
    said = json.loads(done.stdout)
    for key, value in said.items():
        print(f"{key}: {value}")
    found = complaints(said)
    for line in found:
        print(f"NOT AS IT SHOULD BE: {line}")
    return 1 if found else 0
