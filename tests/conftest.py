"""Shared fixtures: the command line, child programs, and skips that CI turns into failures."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a busy machine is slow, and that is no mistake
settings.load_profile("no deadline")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell sets it for background jobs
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / "tests" / "programs"
sys.path.insert(0, str(ROOT))

from graph.errors import DeviceError  # noqa: E402


@pytest.fixture
def graphrun(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line in a separate process, in an empty directory."""

    def run(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
        return subprocess.run(
            [sys.executable, "-m", "graph.cli.main", *(str(word) for word in words)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            **more,
        )

    return run


@contextmanager
def running(*words: object, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """A Python program that reads and writes lines, ended at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[str]) -> None:
    """Sends a program under `running` an empty line, which starts its next step."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    """Reads the next line of a program under `running`."""
    assert process.stdout is not None
    return process.stdout.readline()


def missing(reason: str) -> None:
    """Skips a test for a missing system resource; in CI, which installs it, fails, except in the bare-machine run."""
    if os.environ.get("GRAPHRUN_CI") and not os.environ.get("GRAPHRUN_BARE"):
        pytest.fail(f"CI should have what this test needs: {reason}")
    pytest.skip(reason)


def need_portaudio() -> None:
    """Skips a test, with the reason, if PortAudio cannot be loaded."""
    from graph.devices.portaudio import portaudio

    try:
        portaudio()
    except DeviceError as error:
        missing(str(error))


def need_midi() -> None:
    """Skips a test, with the reason, if python-rtmidi cannot be loaded."""
    from graph.ports.midi import rtmidi_library

    try:
        rtmidi_library()
    except DeviceError as error:
        missing(str(error))


@pytest.fixture
def time_limit() -> Iterator[None]:
    """Ends the process with a traceback of every thread if a test takes longer than two minutes."""
    assert sys.__stderr__ is not None
    faulthandler.dump_traceback_later(120, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()
