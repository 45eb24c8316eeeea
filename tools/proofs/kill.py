"""Kills a playing and recording program with kill -9 at random moments and checks what is left.

Each time a patch plays with an OSC server, a recording and a MIDI recording, in its own process group, while the patch
is being saved. After the kill no process of the group and no shared memory may remain, and any take must open.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCH = """
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  tone: {node: Saw, freq: voices.freq}
  low: {node: LowPass, audio: tone, cutoff: 800}
  sum: {node: Mix, audio: low}
out: sum
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof kill`."""
    parser.add_argument("--times", type=int, default=100, help="number of kills (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="random seed of the moments (default: 1)")


def run(options: argparse.Namespace) -> int:
    """Kills, checks, and prints the findings."""
    chance, left, taken, read, unreadable = random.Random(options.seed), 0, 0, 0, list[str]()
    memory = shared_memory()
    for turn in range(options.times):
        with tempfile.TemporaryDirectory(prefix="kill-") as name:
            folder = Path(name)
            (folder / "p.yaml").write_text(PATCH)
            words = ["p.yaml", "--device", "null", "--plain", "--osc", "0", "--midi-in", "nothing*"]
            words += ["--record", "take.wav", "--record-midi", "take.mid"]
            process = subprocess.Popen(
                [sys.executable, "-m", "graph", *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            until = time.monotonic() + chance.uniform(0.2, 6.0)
            while time.monotonic() < until:
                (folder / "p.yaml").write_text(PATCH.replace("800", str(chance.randrange(100, 5_000))))
                time.sleep(min(0.3, max(0.0, until - time.monotonic())))
            process.send_signal(signal.SIGKILL)
            process.wait()
            deadline = time.monotonic() + 5.0
            while (group := members(process.pid)) and time.monotonic() < deadline:
                time.sleep(0.05)
            left += len(group)
            for pid in group:
                print(f"{turn}: process {pid} still runs")
                os.kill(pid, signal.SIGKILL)
            takes = [file for file in folder.rglob("*") if "take.wav" in file.name]
            taken += bool(takes)
            for take in takes:
                trouble = opened(take)
                read += not trouble
                unreadable += [f"{turn}: {take.name}: {trouble}"] if trouble else []
    more = sorted(shared_memory() - memory)
    print(f"{options.times} kills: {left} processes left, {len(more)} shared memory segments left {more or ''}")
    print(f"{taken} had started a take, {read} takes open")
    for line in unreadable[:5]:
        print(line)
    return 1 if left or more else 0


def members(group: int) -> list[int]:
    """Living processes of a group."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(of) == group and state != "Z":
                found.append(int(folder.name))
    return found


def shared_memory() -> set[str]:
    """Names in shared memory, except JACK's, which belong to other servers."""
    return {file.name for file in Path("/dev/shm").iterdir() if "jack" not in file.name}


def opened(take: Path) -> str:
    """Reason a take cannot be opened; empty if it can."""
    import soundfile

    try:
        return "" if soundfile.info(take).frames >= 0 else "it has no frames"
    except (RuntimeError, OSError) as error:
        return str(error)
