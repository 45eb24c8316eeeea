"""`graphrun bench PATCH`: CPU cost of a patch per node."""

from __future__ import annotations

import argparse
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
"""Rounds measured; the fastest counts, because other load can only slow a round down."""
CHORD = (48, 55, 60, 64, 67, 71, 74, 79)
SHOWN = 12


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    made = Parser(prog="graphrun bench", description="Measure the CPU cost of a patch per node.")
    made.add_argument("patch", metavar="PATCH", help="patch file, or the name of a bundled patch")
    made.add_argument("--seconds", metavar="S", type=float, default=4.0, help="seconds of audio per round (default: 4)")
    made.add_argument("--rate", metavar="HZ", type=hertz, help="sample rate, such as 48000 or 44.1kHz")
    made.add_argument("--block", metavar="FRAMES", type=int, help="frames per block, 1 to 8192")
    made.add_argument(
        "--nodes", metavar="FILE.py", action="append", default=[], help="load more nodes from a Python file"
    )
    made.add_argument("--json", action="store_true", help="print the result as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """[control] Runs `graphrun bench` with the arguments that follow it."""
    from graph.cli.progress import Progress
    from graph.graph import load

    arguments = parser()
    options = arguments.parse_args(words)
    from graph.engine.engine import Engine

    if not 0.1 <= options.seconds <= 600:
        arguments.error("--seconds must be from 0.1 to 600")
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
    """Times an engine with a chord held on its MIDI inputs: seconds in total, nanoseconds per frame for each node."""
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
    """Prints the table."""
    nodes = found["nodes"]
    whole = sum(nodes.values()) or 1.0
    print(
        f"{found['times_real_time']:.0f} times real time at {found['rate']:g} Hz: "
        f"{found['load']:.2%} of one core, {several(len(nodes), 'node')}, with {len(CHORD)} keys held\n"
    )
    width = max(len(name) for name in list(nodes)[:SHOWN])
    print(f"{'node':<{width}}    ns/frame  share")
    for name, value in list(nodes.items())[:SHOWN]:
        print(f"{name:<{width}}  {value:10.1f}  {value / whole:5.1%}")
    rest = list(nodes.values())[SHOWN:]
    if rest:
        print(f"{'and ' + str(len(rest)) + ' more':<{width}}  {sum(rest):10.1f}  {sum(rest) / whole:5.1%}")
