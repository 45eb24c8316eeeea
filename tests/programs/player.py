"""A patch that plays in its own process: `python tests/programs/player.py DEVICE PATCH [busy]`.

Plays the song of `song()` from the moment a line comes in, and prints what it has to say as JSON when
the next one does.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from graph.memory.events import CONTROL, NOTE_OFF, NOTE_ON, TIMED_EVENT  # noqa: E402


def song(start: int) -> np.ndarray:
    """Chords and a sweep from frame `start` on, at odd frames."""
    rows = [(0, NOTE_ON, 60, 0.9), (1_001, NOTE_ON, 64, 0.5), (2_503, NOTE_ON, 67.5, 0.7), (3_001, CONTROL, 74, 0.9)]
    rows += [(9_999, NOTE_OFF, 60, 0.5), (12_345, NOTE_ON, 36, 1.0), (20_000, CONTROL, 74, 0.2)]
    rows += [(25_001, NOTE_OFF, 64, 0.5), (25_001, NOTE_OFF, 67.5, 0.5), (40_000, NOTE_OFF, 36, 0.5)]
    events = np.zeros(len(rows), TIMED_EVENT)
    for item, (frame, kind, number, value) in zip(events, rows, strict=True):
        item["time"] = start + frame
        item["event"] = (0, kind, 1, 0, number, value)
    return events


def note(frame: int, key: float, kind: int = NOTE_ON) -> np.ndarray:
    """One event for `Engine.send`."""
    event = np.zeros(1, TIMED_EVENT)
    event["time"], event["event"]["kind"], event["event"]["channel"] = frame, kind, 1
    event["event"]["number"], event["event"]["value"] = key, 0.8
    return event


def spin() -> None:
    count = 0
    while True:
        count += 1


def main() -> None:
    from graph import load

    device, patch = sys.argv[1:3]
    live = load(patch).play(device=device)
    for _ in range(2 if "busy" in sys.argv else 0):
        threading.Thread(target=spin, daemon=True).start()
    print(json.dumps({"device": str(live.device), "rate": live.rate}), flush=True)
    sys.stdin.readline()
    start = live.engine.now + 9_600
    live.engine.send(song(start))
    sys.stdin.readline()
    stats = live.stats
    said = {"start": start, "callbacks": stats.callbacks, "underruns": stats.underruns, "missed": stats.missed}
    print(json.dumps(said | {"late": live.engine.late_events, "now": live.engine.now}), flush=True)
    import os

    os._exit(0)  # what PortAudio does when its server has gone is not what is tested here


if __name__ == "__main__":
    main()
