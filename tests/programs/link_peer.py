"""A peer of a Link session: `python tests/programs/link_peer.py BPM aalink`, or `ours` for LinkClock.

Both accept the same commands; each input line gets one output line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any


def make(bpm: float, whose: str) -> Any:
    """A peer; create it in a running event loop."""
    if whose == "aalink":
        from aalink import Link
    else:
        sys.path[:0] = [str(Path(__file__).resolve().parents[2])]
        from graph import LinkClock as Link
    return Link(bpm)


def line(link: Any) -> dict[str, float]:
    """The beat at a host time, from the fastest reading."""
    looks = []
    for _ in range(20):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        beat = link.beat
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        looks.append((after - before, (before + after) / 2, beat))
    _, at, beat = min(looks)
    return {"beat": beat, "time": at, "tempo": link.tempo}


async def main() -> None:
    link = make(float(sys.argv[1]), sys.argv[2])
    link.quantum = 4
    link.start_stop_sync_enabled = True
    await asyncio.sleep(0.5)
    link.enabled = True
    print(json.dumps("ready"), flush=True)
    while words := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(words)
        answer: object = None
        if "get" in asked:
            answer = getattr(link, asked["get"])
        elif "line" in asked:
            answer = line(link)
        elif "sync" in asked:
            beat = await link.sync(asked["sync"])
            answer = {"beat": beat, "time": time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)}
        elif "call" in asked:
            values = asked["values"]
            if asked["call"].startswith("set_is_playing"):
                values[1] = timedelta(microseconds=values[1])
            getattr(link, asked["call"])(*values)
        for name, value in asked.get("set", {}).items():
            setattr(link, name, value)
        print(json.dumps(answer), flush=True)


asyncio.run(main())
