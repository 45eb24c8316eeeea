"""Benchmark of the whole engine against hand-written C in the same run.

W1: 64 held voices: saw, resonant low-pass with its cutoff modulated by an ADSR, amplitude by the same ADSR, sum.
W3: a chain of 1,000 trivial nodes on one mono stream, for the cost per node. The plan fuses a product that is only
added to something into the addition, so `a * b + c` takes 500 steps and `a * b - c`, which it does not fuse, takes
1,000: both are printed.
The C is compiled with gcc if available; rounds are interleaved and medians printed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from graph import NOTE_ON, Graph
from graph.engine.engine import Engine
from graph.memory.events import TIMED_EVENT
from graph.node.arithmetic import Add
from nodes import Adsr, Gain, LowPass, MidiIn, Mix, Saw, VoiceAllocator

RATE = 48_000
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "peers" / "c" / "ref.c"


def w1() -> Engine:
    """64 voices as in a patch: an allocator that holds 64 notes, followed by five nodes."""
    voices = VoiceAllocator(events=MidiIn(), polyphony=64)
    env = Adsr(gate=voices.gate, trigger=voices.trigger, attack=0.01, decay=30.0, sustain=0.3, release=0.2)
    tone = LowPass(audio=Saw(freq=voices.freq), cutoff=200.0 + env * 4_000.0, q=2.0)
    engine = Engine(Graph(Mix(Gain(audio=tone, gain=env)) * 0.05))
    notes = np.zeros(64, TIMED_EVENT)
    notes["event"] = [(0, NOTE_ON, 1, 0, 36 + i, 1.0) for i in range(64)]
    engine.send(notes)
    return engine


def w3(*, fused: bool) -> Engine:
    """A chain of a thousand multiplications and additions (or subtractions)."""
    signal = Add(Saw(freq=440.0), 0.0) * 0.5
    for i in range(500):
        product, step = signal * (1.001 if i % 2 else 1 / 1.001), 1e-4 if i % 2 else -1e-4
        signal = product + step if fused else product - step
    return Engine(Graph(signal))


def ours(engine: Engine, seconds: float) -> float:
    """Speed relative to real time, by processor time."""
    out = np.empty((RATE, engine.channels), np.float32)
    began = time.process_time()
    for _ in range(round(seconds)):
        engine.render_into(out)
    return seconds / (time.process_time() - began)


def build(source: Path, folder: Path) -> Path | None:
    """Compiles the C reference; None, with the reason on stderr, if it cannot."""
    compiler = shutil.which("gcc")
    if compiler is None or not source.exists():
        print(f"no C reference: {'gcc is missing' if compiler is None else f'{source} is missing'}", file=sys.stderr)
        return None
    target = folder / "ref"
    subprocess.run([compiler, "-O3", "-march=native", "-ffast-math", "-w", "-o", target, source, "-lm"], check=True)
    return target


def reference(program: Path, mode: str, seconds: float) -> float:
    """Speed of one mode of the C reference relative to real time."""
    answer = subprocess.run([program, mode, str(seconds), "-"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"rtf=([\d.]+)", answer)
    assert found is not None, answer
    return float(found.group(1))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="C source to compare with")
    parser.add_argument("--rounds", type=int, default=5)


def run(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = build(options.reference, Path(folder))
        works = {
            "W1": (w1(), "w1simd", 64, 200.0),
            "W3 a*b-c": (w3(fused=False), "w3nodes", 1_000, 60.0),
            "W3 a*b+c": (w3(fused=True), "w3nodes", 1_000, 60.0),
        }
        got: dict[str, list[float]] = {name: [] for name in works}
        c: dict[str, list[float]] = {name: [] for name in works}
        for engine, _, _, _ in works.values():
            ours(engine, 5)
        for _ in range(options.rounds):
            for name, (engine, mode, _, seconds) in works.items():
                if program is not None:
                    c[name].append(reference(program, mode, seconds))
                got[name].append(ours(engine, seconds))
    for name, (engine, mode, count, _) in works.items():
        rtf = statistics.median(got[name])
        block_ns = 64 / RATE / rtf * 1e9
        line = f"{name:8s}  {rtf:8.1f}x real time  {block_ns / 1e3:7.3f} us per block"
        line += f"  {block_ns / count:6.2f} ns per {'voice' if name == 'W1' else 'node'} and block"
        if c[name]:
            theirs = statistics.median(c[name])
            ratio = statistics.median(a / b for a, b in zip(got[name], c[name], strict=True))
            line += f"  C {mode}: {theirs:8.1f}x  ours/C {ratio:.2f} ({min(got[name]) / max(c[name]):.2f} .. "
            line += f"{max(got[name]) / min(c[name]):.2f})"
        print(line)
        if name == "W1":
            total = sum(engine.cycles().values())
            for node, cycles in engine.cycles().items():
                print(f"    {node:12s} {cycles:6d} cycles {cycles / total:6.1%}")
