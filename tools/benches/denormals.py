"""Cost of a node's decaying tail relative to its cost while loud; a tail may cost at most 1.2 times as much.

Arithmetic on numbers below 1e-38 (denormals) takes a processor a hundred times longer, unless it flushes them to zero,
as the engine's driver sets it to. Each node runs in an engine: loud for two seconds, then without its signal and with
its gate closed, long enough to decay by 760 dB. Times are for half a second, the best of three neighbors; the most
expensive part of the tail counts. The cost of the same graph without the node is subtracted.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from benches.nodes import needed
from every_node import INTERNAL

from graph import Graph, Node
from graph.engine.engine import Engine
from graph.node.library import all_nodes
from nodes import Constant, Gain, Impulse, Mix, Noise, Notes, Transport

RATE, LOUD, TAIL = 48_000, 4, 60
"""LOUD and TAIL are in half seconds."""
LIMIT, NOISE, AGAIN = 1.2, 1.0, 4
"""Maximum ratio to the loud cost; error in ns per frame allowed on a busy machine; retries."""


def graphs(cls: type[Node], needs: dict[str, Any]) -> tuple[Graph, Graph] | None:
    """A graph in which the node sounds, and its inputs alone; None for nodes without a signal output."""
    out = next((word for word, port in cls.outs().items() if port.kind == "signal"), None)
    if out is None:
        return None
    source = Gain(audio=Noise(), gain=1.0, name="source")
    hand = Gain(audio=Impulse(freq=4.0), gain=1.0, name="hand")
    given: dict[str, Any] = {}
    for word, port in cls.ins().items():
        if port.kind == "events":
            given[word] = Notes(notes="C2 D2 F#2 C#3", clock=Transport(tempo=240.0, name="song"))
        elif word == "trigger":
            given[word] = hand
        elif word == "gate":
            given[word] = 1.0
        elif port.kind == "signal" and port.default is None:
            given[word] = source
    made = cls(name="it", **needs, **given)
    heard = list(dict.fromkeys(node for node in given.values() if isinstance(node, Gain)))
    return Graph(Mix(made.cable(out))), Graph(Mix(sum(heard[1:], start=heard[0]) if heard else Constant(value=0.0)))


def times(graph: Graph) -> list[float]:
    """ns per frame of each half second; after LOUD of them all notes are released."""
    engine = Engine(graph)
    out = np.empty((RATE // 2, engine.channels), np.float32)
    engine.render_into(out)
    found = []
    for half in range(LOUD + TAIL):
        for path in ("source.gain", "hand.gain", "it.gate", "song.playing") if half == LOUD else ():
            if path in engine.plan.index:
                engine.set(path, 0.0)
        began = time.process_time()
        engine.render_into(out)
        found.append((time.process_time() - began) / len(out) * 1e9)
    return [min(found[i : i + 3]) for i in (*range(LOUD - 2), *range(LOUD, LOUD + TAIL - 2))]


def costs(names: Iterable[str]) -> Iterator[tuple[str, float, float]]:
    """ns per frame of each node, loud and at its most expensive later; expensive results are measured again."""
    classes = all_nodes()
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            pair = graphs(classes[name], needed(classes[name], Path(folder)))
            if pair is None:
                continue
            with_it, without = map(times, pair)
            for _ in range(AGAIN):
                loud = max(min(with_it[: LOUD - 2]) - min(without), 0.0)
                tail = max(max(with_it[LOUD - 2 :]) - min(without), 0.0)
                if not dear(loud, tail):
                    break
                with_it = list(map(min, with_it, times(pair[0])))
            yield name, loud, tail


def dear(loud: float, tail: float) -> bool:
    return tail > LIMIT * loud + NOISE


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="nodes (default: all)")


def run(options: argparse.Namespace) -> None:
    every = sorted(name for name in all_nodes() if name not in INTERNAL)
    if unknown := [name for name in options.names if name not in every]:
        raise SystemExit(f"unknown node {', '.join(unknown)}; `graphrun nodes` lists all")
    over = 0
    print("node                loud   tail  ns per frame, mono")
    for name, loud, tail in costs(options.names or every):
        over += dear(loud, tail)
        times_as = f"  {tail / max(loud, 0.1):.1f} times as much" if dear(loud, tail) else ""
        print(f"{name:18s} {loud:6.1f} {tail:6.1f}{times_as}")
    print(f"{over} tails cost more than {LIMIT} times the loud part")
