"""Kills a program that plays and records with kill -9 at random moments: what is left of it?

Each time a patch plays with an OSC server, a recording and a MIDI recording, in a process group of its own, while it is
saved. After the kill no process of the group may be left, and no shared memory; a take that is there must open.
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
    """What `tools/proof kill` takes."""
    parser.add_argument("--times", type=int, default=100, help="how often (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="which moments (default: 1)")


def run(options: argparse.Namespace) -> int:
    """Kills, looks, and prints what it found."""
    chance, left, taken, read, unreadable = random.Random(options.seed), 0, 0, 0, list[str]()
    memory = shared_memory()
    for turn in range(options.times):
        with tempfile.TemporaryDirectory(prefix="kill-") as name:
            folder = Path(name)
            (folder / "p.yaml").write_text(PATCH)
            words = ["p.yaml", "--device", "null", "--plain", "--osc", "0", "--midi-port", "nothing*"]
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
                print(f"{turn}: process {pid} is left")
                os.kill(pid, signal.SIGKILL)
            takes = [file for file in folder.rglob("*") if "take.wav" in file.name]
            taken += bool(takes)
            for take in takes:
                trouble = opened(take)
                read += not trouble
                unreadable += [f"{turn}: {take.name}: {trouble}"] if trouble else []
    more = sorted(shared_memory() - memory)
    print(f"{options.times} kills: {left} processes left, {len(more)} pieces of shared memory left {more or ''}")
    print(f"{taken} had begun a take, {read} of these takes open")
    for line in unreadable[:5]:
        print(line)
    return 1 if left or more else 0


def members(group: int) -> list[int]:
    """The processes of a group that live."""
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
    """What has a name in shared memory, but JACK's, which belongs to servers of others."""
    return {file.name for file in Path("/dev/shm").iterdir() if "jack" not in file.name}


def opened(take: Path) -> str:
    """Why a take cannot be opened, or nothing."""
    import soundfile

    try:
        return "" if soundfile.info(take).frames >= 0 else "it has no frames"
    except (RuntimeError, OSError) as error:
        return str(error)
