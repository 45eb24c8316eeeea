"""Damages the files of a kernel cache as power cuts and failing disks do, and renders with it.

A damaged file must be noticed and made again: the sound is that of an undamaged cache, and no process crashes.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import hashlib, sys
from graph import load
print(hashlib.sha256(load("first_light").render(0.5).tobytes()).hexdigest())
"""
KINDS = ("truncated", "tail of zeros", "one bit", "empty", "another file", "noise")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof cache`."""
    parser.add_argument("--times", type=int, default=1_000, help="number of damaged files (default: 1000)")
    parser.add_argument("--at-once", type=int, default=10, help="files damaged per start (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (default: 1)")


def run(options: argparse.Namespace) -> int:
    """Prints how each kind of damage ended; 1 if any start failed or sounded different."""
    chance = random.Random(options.seed)
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        truth = rendered(folder)[0]
        files = sorted(each for each in Path(folder).rglob("*") if each.is_file())
        whole = {file: file.read_bytes() for file in files}
        for number in range(-(-options.times // options.at_once)):
            kind = KINDS[number % len(KINDS)]
            for file in chance.sample(files, options.at_once):
                file.write_bytes(damaged(whole[file], kind, whole[chance.choice(files)], chance))
            heard, status, said = rendered(folder)
            right = heard == truth and status == 0 and said.count("damaged") == 1
            ends[f"{kind}: {'right' if right else f'WRONG, status {status}: {said[-200:]}'}"] += options.at_once
            for file in files:
                file.write_bytes(whole[file])
    for end, count in sorted(ends.items()):
        print(f"{count:5} {end}")
    return 1 if any("WRONG" in end for end in ends) else 0


def rendered(cache: str) -> tuple[str, int, str]:
    """The sound's hash, the exit status and the messages of a start with this cache."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "GRAPHRUN_CACHE": cache, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.stdout.strip(), done.returncode, done.stderr


def damaged(data: bytes, kind: str, other: bytes, chance: random.Random) -> bytes:
    """The content of a damaged file."""
    place = chance.randrange(len(data))
    if kind == "truncated":
        return data[:place]
    if kind == "tail of zeros":
        return data[:place] + bytes(len(data) - place)
    if kind == "one bit":
        return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
    if kind == "another file":
        return other if other != data else b""
    return chance.randbytes(len(data)) if kind == "noise" else b""
