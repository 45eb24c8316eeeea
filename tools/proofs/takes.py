"""tools/proof takes [KILLS]: kills recordings with SIGKILL at random moments, and checks what is readable.

No process may remain either. Shared memory is anonymous, so it disappears with the last process.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from killed_takes import kill_a_take

SUFFIXES = (".wav", ".flac", ".ogg")
LONGEST = 4.0
"""A take is killed within this many seconds."""
ALLOWED = 1.0
"""Maximum number of missing seconds."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tools/proof takes`."""
    parser.add_argument("kills", nargs="?", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> int:
    """Kills a number of takes, prints how much was missing, and returns 1 if any take fails."""
    chance = random.Random(options.seed)
    failed, missing, missing_midi = 0, [], []
    for number in range(options.kills):
        suffix, after = SUFFIXES[number % len(SUFFIXES)], chance.uniform(0.0, LONGEST)
        with tempfile.TemporaryDirectory() as folder:
            try:
                take = kill_a_take(Path(folder), suffix, after)
            except Exception as error:  # any error means that this take is unreadable
                failed += 1
                print(f"{number}: take{suffix} killed after {after:.2f} s: {type(error).__name__}: {error}")
                continue
        missing.append(take.lived - take.sound)
        missing_midi.append(take.lived - take.midi)
        left = {name for name in take.left if not name.startswith(".take.mid.")}  # not yet in its place
        kept = {"song.mid", "tone.yaml", "take.mid", f"take{suffix}"}
        wrong = []
        if max(missing[-1], missing_midi[-1]) > ALLOWED:
            wrong.append(f"{missing[-1]:.2f} s of sound and {missing_midi[-1]:.2f} s of MIDI are missing")
        wrong += [f"{take.processes} processes are left"] if take.processes else []
        wrong += [f"left: {', '.join(left - kept)}"] if left - kept else []
        if wrong:
            failed += 1
            print(f"{number}: take{suffix} killed after {take.lived:.2f} s: {'; '.join(wrong)}")
    for name, figures in (("sound", sorted(missing)), ("MIDI", sorted(missing_midi))):
        if figures:
            print(f"missing {name}: median {figures[len(figures) // 2]:.2f} s, most {figures[-1]:.2f} s")
    print(f"{options.kills} kills, {failed} failed")
    return 1 if failed else 0
