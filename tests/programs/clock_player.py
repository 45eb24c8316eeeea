"""A graph on JACK that plays in time: `python tests/programs/clock_player.py follow|send|transport TEMPO`.

`follow` clicks four times a beat by the MIDI clock that comes in, `transport` by JACK's transport; `send`
sends MIDI clock. Says `ready`, answers each line with the tempo, and ends with its input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from link_player import Click  # noqa: E402

import nodes  # noqa: E402
from graph import Graph, Node  # noqa: E402
from graph.play.live import Live  # noqa: E402


def graph(mode: str, tempo: float) -> Graph:
    sends: list[Node] = []
    if mode == "send":
        beat: Node = nodes.Transport(tempo=tempo, name="beat")
        sends = [nodes.MidiOut(events=nodes.ClockOut(clock=beat), name="send")]
    elif mode == "follow":
        beat = nodes.MidiClock(events=nodes.MidiIn(), name="beat")
    else:
        beat = nodes.JackTransport(tempo=tempo, name="beat")
    return Graph(Click(clock=beat, step=0.25), nodes=sends)


def main() -> None:
    live = Live(graph(sys.argv[1], float(sys.argv[2])), device="jack", connect=[])
    clock = live.clock("beat")
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(clock.tempo), flush=True)
    live.stop()


main()
