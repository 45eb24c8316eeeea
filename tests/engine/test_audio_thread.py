"""Rules of the audio thread, checked by observing it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import PROGRAMS, ROOT, missing

from graph import Graph
from graph.devices.null import DeviceStats, NullDevice
from graph.engine.engine import Engine
from graph.native.functions import PLAIN
from nodes import Saw

pytestmark = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

COUNT = """
    import ctypes, sys
    import numpy as np
    from graph import NOTE_OFF, NOTE_ON, CONTROL, load
    from graph.engine.engine import Engine
    from graph.memory.events import TIMED_EVENT

    counter = ctypes.CDLL(None)
    engine = Engine(load("neon"))
    out = np.empty((64, 2), np.float32)
    engine.render_into(out)
    rng = np.random.default_rng(1)
    events = np.zeros(8_000, TIMED_EVENT)
    events["time"] = np.sort(rng.integers(0, 640_000, 8_000))
    for i, event in enumerate(events["event"]):
        kind = (NOTE_ON, NOTE_OFF, CONTROL)[i % 3]
        events["event"][i] = (0, kind, 1, 0, 74 if kind == CONTROL else rng.integers(30, 90), rng.uniform(0.1, 1))
    assert engine.send(events) == 8_000
    for i in range(1_000):
        engine.set("filter.q", rng.uniform(0.5, 5), frame=i * 640)

    def allocations(blocks):
        request = engine.shared.request
        big = np.empty((64 * blocks, 2), np.float32)
        request[0]["out"], request[0]["frames"] = big.ctypes.data, 64 * blocks
        address = request.ctypes.data
        counter.counter_start()
        engine._run(address)
        counted = counter.counter_stop()
        assert np.abs(big).max() > 0 or blocks == 1
        return counted

    allocations(1)
    print(allocations(1), allocations(10_000), allocations(1), engine.now)
    counter.counter_start()
    ctypes.create_string_buffer(100_000)
    assert counter.counter_stop() > 0, "the counter counts nothing"
"""


def test_ten_thousand_blocks_allocate_nothing(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        missing("counting allocations needs gcc and Linux")
    shim = tmp_path / "malloc_counter.so"
    source = PROGRAMS / "malloc_counter.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(COUNT)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LD_PRELOAD": str(shim)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    one, many, again, now = (int(word) for word in done.stdout.split())
    assert now == 64 * (1 + 1 + 1 + 10_000 + 1)
    assert many == min(one, again), "the difference is what the 10,000 blocks allocated"


def late(stats: DeviceStats) -> float:
    """Fraction of callbacks that were more than a period late."""
    return float(np.mean(stats.lateness > stats.period))


def test_python_threads_that_spin_delay_no_callback(capsys: pytest.CaptureFixture[str]) -> None:
    """Alternates the engine's callbacks with an empty native loop, with Python busy throughout."""
    stop = threading.Event()

    def spin() -> None:
        count = 0
        while not stop.is_set():
            count += 1

    threads = [threading.Thread(target=spin) for _ in range(2)]
    for thread in threads:
        thread.start()
    engine = Engine(Graph(Saw(freq=220.0)))
    bare: list[DeviceStats] = []
    ours: list[DeviceStats] = []
    try:
        for _ in range(3):
            bare.append(NullDevice(None).run(0.7))
            ours.append(NullDevice(engine).run(0.7))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    with capsys.disabled():
        for word, runs in (("bare loop", bare), ("engine", ours)):
            medians = [float(np.median(run.lateness)) * 1e6 for run in runs]
            print(
                f"\n{word}: {sorted(medians)[1]:.0f} us late (median), {sorted(map(late, runs))[1]:.2%} over a period"
            )
    periods = round(0.7 * 48_000 / 64)
    assert all(len(run.lateness) == periods for run in ours)
    assert np.median([late(run) for run in ours]) <= 2 * np.median([late(run) for run in bare]) + 0.25
