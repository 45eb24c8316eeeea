"""A graph that plays clicks by a Link node: `python tests/programs/link_player.py TEMPO DEVICE [sync] [early]`.

Each line that comes in is answered by one, as by link_peer.py. A line of beats says besides at which host time
frame 0 was heard, reckoned back from now at the nominal rate: it moves when the device falls behind.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from graph import Graph, In, Node, Option, Out, State, kernel  # noqa: E402
from graph.memory.moment import heard_at, steady  # noqa: E402
from graph.play.live import Live  # noqa: E402
from nodes import Link  # noqa: E402


class Click(Node):
    """A sample of 1 on the first frame of each beat, or of every `step` beats, while the clock plays."""

    clock = In(kind="clock", doc="clock")
    step = Option(1.0, doc="beats")
    out = Out(doc="clicks")
    next = State((2,), np.float64)

    @kernel(double=True)
    def process(block):
        for frame in range(block.frames):
            beat = block.clock.beat[frame]
            place = np.floor(beat / block.step + 1e-9)
            runs = 1.0 if block.clock.playing[frame] != 0 else 0.0
            hit = runs > 0.5 and block.next[1] > 0.5 and place > block.next[0]
            if hit or runs < 0.5 or block.next[1] < 0.5 or place < block.next[0] - 1.0:
                starts = runs > 0.5 and block.next[1] < 0.5 and abs(beat - place * block.step) < 1e-6
                hit = hit or starts
                block.next[0] = place
            block.next[1] = runs
            for lane in range(block.lanes):
                block.out[frame, lane] = 1.0 if hit else 0.0


def graph(tempo: float, name: str = "beat", *, sync: bool = False) -> Graph:
    return Graph(Click(clock=Link(tempo=tempo, start_stop_sync=sync, name=name)))


def main() -> None:
    tempo, device, sync = float(sys.argv[1]), sys.argv[2], "sync" in sys.argv
    connect = [] if device == "jack" else None
    live = Live(graph(tempo, sync=sync), device=device, connect=connect)
    while "early" not in sys.argv and live.engine.shared.link["tempo"] == 0:  # until its session is there
        time.sleep(0.01)
    clock = live.clock("beat")
    print(json.dumps([port.name for port in getattr(live.device, "outs", [])]), flush=True)
    for words in sys.stdin:
        asked = json.loads(words)
        answer: Any = None
        if "get" in asked:
            answer = getattr(clock, asked["get"])
        elif "line" in asked:
            line = clock._line()
            moment = steady(live.engine.moment)
            start = heard_at(moment, moment.frame) - moment.frame * 1e9 / live.engine.rate
            answer = {"beat": line.beat, "time": line.time, "tempo": line.tempo, "start": start}
        elif "session" in asked:
            answer = bool(live.engine.shared.link["tempo"] > 0)
        elif "reload" in asked:
            live.swap(graph(asked["reload"], "other", sync=sync))
            clock = live.clock("other")
        elif "news" in asked:
            answer = live.messages
        elif "changes" in asked:
            answer = live.engine.state(clock._node, "place").tolist()
        for name, value in asked.get("set", {}).items():
            setattr(clock, name, value)
        print(json.dumps(answer), flush=True)
    live.stop()


if __name__ == "__main__":
    main()
