"""`graphrun bench PATCH`: what a patch costs, node by node."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graph.cli.parser import Parser, hertz
from graph.errors import several

if TYPE_CHECKING:
    from graph.engine.engine import Engine

ROUNDS = 5
"""The fastest of so many rounds counts: what else the machine does only adds."""
CHORD = (48, 55, 60, 64, 67, 71, 74, 79)
SHOWN = 12


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun bench` with the words after it."""
    from graph.cli.progress import Progress
    from graph.graph import load

    parser = Parser(prog="graphrun bench", description="What a patch costs, node by node.")
    parser.add_argument("patch", metavar="PATCH")
    parser.add_argument("--seconds", metavar="S", type=float, default=4.0, help="of sound in a round (4)")
    parser.add_argument("--rate", metavar="HZ", type=hertz)
    parser.add_argument("--block", metavar="FRAMES", type=int)
    parser.add_argument("--nodes", metavar="FILE.py", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    from graph.engine.engine import Engine

    if not 0.1 <= options.seconds <= 600:
        parser.error("--seconds is from 0.1 to 600")
    with Progress(enabled=not options.json) as progress:
        engine = Engine(
            load(options.patch, nodes_files=options.nodes),
            rate=options.rate,
            block=options.block,
            report=progress.compiling,
        )
    found = measure(engine, options.seconds)
    if options.json:
        print(json.dumps({"patch": options.patch} | found))
    else:
        tell(found)
    return 0


def measure(engine: Engine, seconds: float) -> dict[str, Any]:
    """Times an engine while a chord is held on its MIDI inputs: seconds, and nanoseconds a frame of each node."""
    import numpy as np

    from graph.memory.events import TIMED_EVENT
    from graph.memory.tables import COUNTED_EVERY
    from graph.midi.messages import note

    for key in CHORD:
        event = np.zeros(1, TIMED_EVENT)
        event["event"] = note(key, 0.8, 1, on=True)
        engine.send(event)
    piece = engine.block * COUNTED_EVERY
    pieces = max(1, round(seconds * engine.rate / piece))
    out = np.empty((piece, engine.channels), np.float32)
    best, cycles = float("inf"), Counter[str]()
    for _ in range(ROUNDS):
        took = 0.0
        counted: Counter[str] = Counter()
        for _ in range(pieces):
            started = time.perf_counter()
            engine.render_into(out)
            took += time.perf_counter() - started
            counted.update(engine.cycles())
        if took < best:
            best, cycles = took, counted
    frames = pieces * piece
    whole = sum(cycles.values()) or 1
    each = {name: best * 1e9 / frames * count / whole for name, count in cycles.most_common()}
    return {
        "seconds": frames / engine.rate,
        "took": best,
        "times_real_time": frames / engine.rate / best,
        "load": best * engine.rate / frames,
        "rate": engine.rate,
        "block": engine.block,
        "nodes": {name: round(value, 2) for name, value in each.items()},
    }


def tell(found: dict[str, Any]) -> None:
    """The table."""
    nodes = found["nodes"]
    whole = sum(nodes.values()) or 1.0
    print(
        f"{found['times_real_time']:.0f} times real time at {found['rate']:g} Hz: "
        f"{found['load']:.2%} of a core, {several(len(nodes), 'node')}, with {len(CHORD)} keys held\n"
    )
    width = max(len(name) for name in list(nodes)[:SHOWN])
    print(f"{'node':<{width}}  ns a frame  share")
    for name, value in list(nodes.items())[:SHOWN]:
        print(f"{name:<{width}}  {value:10.1f}  {value / whole:5.1%}")
    rest = list(nodes.values())[SHOWN:]
    if rest:
        print(f"{'and ' + str(len(rest)) + ' more':<{width}}  {sum(rest):10.1f}  {sum(rest) / whole:5.1%}")
