"""A process that compiles kernels, as seen from the one that needs them; it runs `graph.native.worker`."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

IN_WORKER = "GRAPHRUN_WORKER"

_WORKER = (
    "import sys; sys.path[:] = sys.argv[1:]; "  # before any import: the working directory may contain a signal.py
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # the parent stops the workers
    "from graph.native.worker import work; work()"
)


class Unit(Protocol):
    """The parts of a `CompileUnit` that a worker is given."""

    @property
    def name(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def file(self) -> str: ...


class CompilerProcess:
    """A process that compiles units one after another."""

    def __init__(self, answers: queue.Queue[tuple[CompilerProcess, str]], cache: Path) -> None:
        environment = {**os.environ, "GRAPHRUN_CACHE": str(cache), "NUMBA_DISABLE_JIT": "0", IN_WORKER: "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, *(str(Path(p).resolve()) for p in sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.job = ""
        self.thread = threading.Thread(target=self._listen, args=(answers,), daemon=True)
        self.thread.start()

    def give(self, unit: Unit) -> None:
        """Sends the worker its next unit."""
        assert self.process.stdin is not None
        self.job = unit.name
        job = {"module": unit.module, "path": unit.path, "name": unit.name, "file": unit.file}
        with suppress(OSError):  # it has died: its empty line reports that
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()

    def _listen(self, answers: queue.Queue[tuple[CompilerProcess, str]]) -> None:
        """Puts the worker's lines into `answers`, with an empty line when it exits."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answers.put((self, line))
        answers.put((self, ""))

    def end(self) -> None:
        """Stops the process, which is idle."""
        self.process.kill()
        self.process.wait()
        self.thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
