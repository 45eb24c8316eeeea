"""Cost of every node: ns per frame for 1, 2, 16 and 64 channels of its compiled kernel while it sounds.

A pass is 64 blocks of 64 frames. Inputs without a default get a chord with some noise, gates are open, triggers fire at
the start of a pass (those of oscillators never do), event inputs get six notes of a drum kit at the start and their
note-offs in the middle, and a clock runs. Numeric inputs keep their defaults. Inputs repeat after 512 frames, so that
they stay in the cache, as the buffers of a plan do. The best of a few passes counts.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from benches.section import README, with_costs
from every_node import FILES, INTERNAL, NEEDS

from graph import CONTROL, NOTE_OFF, NOTE_ON, Node
from graph.memory import events as ev
from graph.memory.arena import LINE
from graph.model.widths import node_width
from graph.native.cache import addresses, callable_at, function_unit, node_unit
from graph.native.functions import call, flush_denormals, inline, restore_denormals, view2
from graph.node.call import Memory
from graph.node.library import all_nodes
from graph.node.ports import In, Option, Out, Port, Source, State
from graph.testing import block_of

RATE, FRAMES, BLOCKS, AROUND = 48_000.0, 64, 64, 8
WIDTHS = (1, 2, 16, 64)
HEARD = 0.5
"""Warm-up in seconds: delay lines, grain buffers and reverbs are full when measuring starts."""
KIT = (36, 38, 46, 49, 51, 45)
BUDGET = 0.01 * 1e9 / RATE
COSTLY = ("Convolution", "Granular", "Piano")


@inline(double=True)
def walk(request):
    """[audio] Calls a kernel on one context after another: (address, contexts, their address, bytes of one)."""
    row = view2(request, 1, 4, np.int64)
    mode = flush_denormals()
    for i in range(row[0, 1]):
        call(row[0, 0], row[0, 2] + i * row[0, 3])
    restore_denormals(mode)


class Bench:
    """One node at one width, ready to run passes."""

    def __init__(self, cls: type[Node], voices: int, channels: int, folder: Path) -> None:
        self.keep: list[Any] = []
        needs = needed(cls, folder)
        block = block_of(cls, frames=FRAMES, voices=voices, channels=channels, name="measured", **needs)
        kernel, self.cls = cls.kernel, cls
        self.contexts = np.zeros((BLOCKS, kernel.size), np.int64)
        self.contexts[:, :4] = block.frames, block.lanes, block.voices, block.channels
        self.contexts.view(np.float64)[:, 4] = block.sample_rate
        for name, field in kernel.fields.items():
            column, value = self.contexts[:, kernel.slots[name] :], getattr(block, name)
            if isinstance(field, Option):
                (column.view(np.float64) if field.value_type is float else column)[:, 0] = value
            elif isinstance(field, State):
                column[:, 0] = self._place(value)
                column[:, 1 : 1 + value.ndim] = value.shape
            elif isinstance(field, In) and field.kind == "signal":
                self._feed(column, name, field, value)
            elif isinstance(field, Out) and field.kind == "signal":
                column[:, 0], column[:, 1] = self._place(value), value.shape[1]
            elif isinstance(field, Port) and field.kind == "clock":
                column[:, 0] = [self._hold(clock(i)) for i in range(BLOCKS)]
            elif isinstance(field, Out):
                column[:, 0] = self._hold(value)
            elif isinstance(field, Source) and not field.events:
                column[:, 0] = self._place(value)
            else:
                column[:, 0] = [self._hold(script(i)) for i in range(BLOCKS)]
        self.request = np.array([0, BLOCKS, self.contexts.ctypes.data, self.contexts.strides[0]], np.int64)

    def _place(self, value: Any) -> int:
        """Address of a copy of an array, aligned to a cache line as in a plan."""
        memory = np.zeros(value.nbytes + LINE, np.uint8)
        start = -memory.ctypes.data % LINE
        copy = memory[start : start + value.nbytes]
        copy[:] = np.ascontiguousarray(value).view(np.uint8).reshape(-1)
        self.keep.append(copy)
        return int(copy.ctypes.data)

    def _hold(self, value: Any) -> int:
        self.keep.append(Memory(value, FRAMES))
        return int(self.keep[-1].address)

    def _feed(self, column: Any, name: str, port: In, value: Any) -> None:
        """Writes an input's address and shape for every block."""
        parts = signal(name, port, value)
        resting = len(parts) == 1 and (self.cls.kernel.rests or port.rests)
        which = np.arange(BLOCKS) % len(parts) if len(parts) != 2 else np.minimum(np.arange(BLOCKS), 1)
        places = [self._place(part) for part in parts]
        column[:, 0] = [places[i] for i in which]
        column[:, 1] = value.shape[-1]
        if port.rate == "sample":
            column[:, 2] = 1 if resting else FRAMES

    def run(self, walker: Any, address: int) -> float:
        """Seconds of one pass."""
        self.request[0] = address
        began = time.perf_counter()
        walker(self.request.ctypes.data)
        return time.perf_counter() - began


def needed(cls: type[Node], folder: Path) -> dict[str, Any]:
    """Options without which a node does nothing, as in the contract tests."""
    name = cls.__name__
    return {**NEEDS.get(name, {}), **({"file": str(FILES[name](folder))} if name in FILES else {})}


def signal(name: str, port: In, value: Any) -> list[Any]:
    """Values of an input, block by block; a constant is one block."""
    if port.rate == "block":
        return [value]
    if name == "gate":
        return [np.ones_like(value)]
    if name == "trigger" and not port.rests:  # one that rests restarts an oscillator, which is the exception
        blow = np.zeros_like(value)
        blow[0] = 1
        return [blow, np.zeros_like(value)]
    lanes = value.shape[1]
    if name == "freq":
        return [np.full_like(value, 220.0) * 2 ** (np.arange(lanes, dtype=np.float32) % 24 / 12)]
    if port.default is None:
        time = np.arange(AROUND * FRAMES)[:, None] / (AROUND * FRAMES)
        chord = sum(np.sin(2 * np.pi * n * time + np.arange(lanes)) for n in (2, 3, 5, 14))
        noise = np.random.default_rng(1).uniform(-1, 1, (len(time), lanes))
        return list((0.15 * chord + 0.1 * noise).astype(np.float32).reshape(AROUND, FRAMES, lanes))
    return [value]


def script(block: int) -> ev.Events:
    """Six drum notes at the start of a pass, released in its middle, and a moving controller."""
    events = ev.new_events()
    rows = {0: [(0, NOTE_ON, 1, 0, n, 0.8) for n in KIT], BLOCKS // 2: [(0, NOTE_OFF, 1, 0, n, 0.5) for n in KIT]}
    found = [*rows.get(block, []), *([(0, CONTROL, 1, 0, 1, block / BLOCKS)] if block % 4 == 1 else [])]
    events.records[: len(found)] = np.array(found, ev.EVENT)
    events.count[0] = len(found)
    return events


def clock(block: int) -> ev.Clock:
    made = ev.new_clock(FRAMES, tempo=120.0, sample_rate=RATE)
    made.beat[:] += block * FRAMES / RATE * 2
    return made


def width(cls: type[Node], lanes: int) -> tuple[int, int] | None:
    """Voices and channels that give a node this width; None if its declaration fixes another."""
    if not any(port.kind == "signal" for port in [*cls.ins().values(), *cls.outs().values()]):
        return (1, 1) if lanes == 1 else None
    made = cls()
    found = [node_width(made, cables) for cables in ((lanes, 1), (1, lanes), (max(1, lanes // 2), 1))]
    return next((each for each in found if each[0] * each[1] == lanes), None)


def costs(names: Iterable[str], rounds: int) -> dict[str, list[float | None]]:
    """ns per frame of each node at each width."""
    classes = all_nodes()
    kernels = addresses([function_unit(walk), *(node_unit(classes[name]) for name in names)])
    walker = callable_at(kernels[0])
    found: dict[str, list[float | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, address in zip(names, kernels[1:], strict=True):
            found[name] = []
            for lanes in WIDTHS:
                shape = width(classes[name], lanes)
                if shape is None:
                    found[name].append(None)
                    continue
                bench = Bench(classes[name], *shape, Path(folder))
                for _ in range(round(HEARD * RATE / FRAMES / BLOCKS)):
                    bench.run(walker, address)
                best = min(bench.run(walker, address) for _ in range(rounds))
                found[name].append(1e9 * best / FRAMES / BLOCKS)
    return found


def table(found: dict[str, list[float | None]]) -> str:
    """The costs as a Markdown table."""
    lines = ["| node | " + " | ".join(map(str, WIDTHS)) + " |", "|---|" + "--:|" * len(WIDTHS)]
    for name, row in sorted(found.items()):
        cells = ["-" if ns is None else f"{ns:.1f}" if ns < 10 else f"{ns:,.0f}" for ns in row]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine() -> str:
    """Name of the processor, Numba version and date."""
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{cpu}, Numba {version('numba')}, {time.strftime('%Y-%m-%d')}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="nodes (default: all)")
    parser.add_argument("--rounds", type=int, default=7, help="passes; the best counts")
    parser.add_argument("--write", action="store_true", help="write the table of all nodes to nodes/README.md")


def run(options: argparse.Namespace) -> None:
    every = sorted(name for name in all_nodes() if name not in INTERNAL)
    if unknown := [name for name in options.names if name not in every]:
        raise SystemExit(f"unknown node {', '.join(unknown)}; `graphrun nodes` lists all")
    if options.write and options.names:
        raise SystemExit("--write measures all nodes; do not name any")
    found = costs(options.names or every, options.rounds)
    text = f"Nanoseconds per frame for {', '.join(map(str, WIDTHS))} channels or voices, sounding, "
    text += "from `tools/bench nodes` "
    text += f"({BUDGET:.0f} is 1% of a core at 48 kHz); a dash marks a fixed width. Measured on {machine()}."
    text += f"\n\n{table(found)}\n"
    print(text)
    over = {name: row[1] for name, row in found.items() if (row[1] or 0) > BUDGET and name not in COSTLY}
    for name, ns in over.items():
        print(f"{name} needs {ns:.0f} ns per frame in stereo, more than 1% of a core ({BUDGET:.0f} ns)")
    if options.write:
        README.write_text(with_costs(README.read_text(encoding="utf-8"), text), encoding="utf-8")
