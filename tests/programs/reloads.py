"""A patch that is saved repeatedly while it plays: `python tests/programs/reloads.py SECONDS [RELOADS]`.

It plays on its own JACK server at 64 frames with four held notes; every second reload changes it. A C client
counts callbacks in the same run. Said are the callbacks of both, and by how much the process has grown.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "helpers"), str(HERE.parent), str(HERE.parents[1])]

from callbacks import PERIOD, begun_together, build  # noqa: E402

KEYS = 48, 55, 64, 71
WARM = 60
"""Reloads before memory is measured: one-time allocations are done by then."""


def resident() -> float:
    """Memory in megabytes, after a garbage collection."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def play(seconds: float, reloads: int) -> None:
    """Plays and reloads; prints the result as JSON."""
    from graph import load
    from graph.graph import loads
    from graph.patch.bundle import find

    text = find("neon").read_text(encoding="utf-8")
    texts = text, text, text.replace("q: 1.1", "q: 2"), text.replace("decay: 2.4 s", "decay: 3 s")
    live = load("neon").play(device="jack")
    for key in KEYS:
        live.note_on(key, 0.5)
    for n in range(WARM):
        live.swap(loads(texts[n % 4]))
    print("ready", flush=True)
    sys.stdin.readline()
    size, before, started = resident(), live.stats.callbacks, time.monotonic()
    for n in range(reloads):
        time.sleep(max(0.0, started + n * seconds / reloads - time.monotonic()))
        live.swap(loads(texts[n % 4]))
    time.sleep(max(0.0, started + seconds - time.monotonic()))
    took, callbacks = time.monotonic() - started, live.stats.callbacks - before
    said = {"callbacks": round(callbacks * seconds / took), "seconds": took, "grown": resident() - size}
    said |= {"held": live.voices["voices"][0], "news": live.messages}
    live.stop()
    print(json.dumps(said))


def measure(seconds: float, reloads: int) -> dict[str, object]:
    """The output of the patch, and the callbacks of a C client started with it."""
    from jack_server import jack_server

    with tempfile.TemporaryDirectory() as folder, jack_server(period=PERIOD, synchronous=False):
        player = [sys.executable, __file__, seconds, reloads, "play"]
        counting = [build(Path(folder)), "count", seconds]
        patch, c = begun_together(player, counting, patience=seconds + 120)
    return {**json.loads(patch), "c": int(c.split()[-1]), "reloads": reloads}


def report(found: dict[str, object]) -> str:
    """The result as text."""
    return (
        f"{found['reloads']} reloads in {found['seconds']:.1f} s: {found['callbacks']} callbacks, "
        f"a C client in the same run {found['c']}; {found['held']} of {len(KEYS)} notes held on; "
        f"{found['grown']:+.2f} MB"
    )


if __name__ == "__main__":
    length = float(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    if "play" in sys.argv:
        play(length, count)
    else:
        print(report(measure(length, count)))
