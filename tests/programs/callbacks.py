"""JACK callbacks that a patch receives while Python is busy: `python tests/programs/callbacks.py SECONDS`.

A C client counts in the same run; then a Python callback drives the same patch, as other
programs do. Each plays in a process of its own with two Python threads that never rest.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "helpers"), str(HERE.parent), str(HERE.parents[1])]

PERIOD = 64


def spin(threads: int) -> None:
    """Keeps Python busy until this process exits."""

    def work() -> None:
        count = 0
        while True:
            count += 1

    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()


def play(kind: str, seconds: float) -> int:
    """Callbacks received in `seconds`, driven natively or from a Python callback."""
    from graph import load
    from graph.devices.jack import JackDevice, open_client
    from graph.engine.engine import Engine

    client = open_client("patch")
    engine = Engine(load("first_light"), rate=client.samplerate)
    if kind == "native":
        device = JackDevice(engine, client)
        device.start()
        count = lambda: int(device.record["done"])  # noqa: E731
    else:
        import numpy as np

        done = 0
        ports = [client.outports.register(f"out_{n}") for n in range(engine.channels)]
        audio = np.zeros((client.blocksize, engine.channels), np.float32)

        def callback(_: int) -> None:
            nonlocal done
            engine.render_into(audio)
            for n, port in enumerate(ports):
                port.get_array()[:] = audio[:, n]
            done += 1

        client.set_process_callback(callback)
        client.activate()
        count = lambda: done  # noqa: E731
    spin(2)
    time.sleep(0.5)
    print("ready", flush=True)
    sys.stdin.readline()
    before, started = count(), time.monotonic()
    while time.monotonic() < started + seconds:
        time.sleep(0.05)
    return round((count() - before) * seconds / (time.monotonic() - started))


def begun_together(*commands: list[object], patience: float) -> list[str]:
    """Output of programs that print `ready` and start when all are ready."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([str(word) for word in command], **pipes) for command in commands]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return [process.communicate(timeout=patience)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(seconds: float, kind: str, counter: Path) -> tuple[int, int]:
    """Callbacks of the patch and of the C client, started together."""
    player, counting = [sys.executable, __file__, seconds, kind], [counter, f"count-{kind}", seconds]
    patch, c = begun_together(player, counting, patience=seconds + 60)
    return int(patch.split()[-1]), int(c.split()[-1])


def build(folder: Path) -> Path:
    """The C client; needs a compiler and JACK's library."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise OSError("no C compiler")
    program = folder / "jack_counter"
    subprocess.run([compiler, "-O1", "-o", program, HERE / "jack_counter.c", "-l:libjack.so.0"], check=True)
    return program


def compare(seconds: float) -> dict[str, tuple[int, int]]:
    """Callbacks of patch and C client, with the patch driven natively and from Python."""
    from jack_server import jack_server

    with tempfile.TemporaryDirectory() as folder:
        counter = build(Path(folder))
        found = {}
        for kind in ("native", "python"):
            with jack_server(period=PERIOD, synchronous=False):
                found[kind] = measure(seconds, kind, counter)
    return found


def report(seconds: float, found: dict[str, tuple[int, int]]) -> str:
    """The comparison as text."""
    due = seconds * 48_000 / PERIOD
    return "\n".join(
        f"driven from {'native code' if kind == 'native' else 'a Python callback'}: "
        f"{patch} callbacks, {patch / due:.2%} of {due:.0f}; a C client in the same run {c}, {c / due:.2%}"
        for kind, (patch, c) in found.items()
    )


if __name__ == "__main__":
    length = float(sys.argv[1])
    if len(sys.argv) > 2:
        print(play(sys.argv[2], length))
        sys.stdout.flush()
        import os

        os._exit(0)
    print(report(length, compare(length)))
