"""A JACK server without a sound card, for one test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from conftest import missing

_count = count()
_inside = [False]


@contextmanager
def jack_server(*, period: int = 16, rate: int = 48_000, synchronous: bool = True) -> Iterator[str]:
    """The name of a server that runs while the block does; JACK's programs find it by the environment."""
    for program in ("jackd", "jack_lsp"):
        if shutil.which(program) is None:
            missing(f"{program} (Debian: jackd2)")
    name = f"test-{os.getpid()}-{next(_count)}"
    changed = {"JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}
    realtime = ["-R", "-P70"] if os.geteuid() == 0 else ["--no-realtime"]
    command = ["jackd", "-n", name, *(["-S"] if synchronous else []), *realtime]
    command += ["-d", "dummy", "-r", str(rate), "-p", str(period)]
    before = {key: os.environ.get(key) for key in changed}
    with _alone():
        os.environ.update(changed)
        server = _start(command)
        try:
            yield name
        finally:
            _end(server)
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """The server, once it answers; killed ones may have filled the registry, so it is asked more than once."""
    for _ in range(5):
        server = _try(command)
        if server is not None:
            return server
        time.sleep(2)
    raise AssertionError("jackd does not start")


@contextmanager
def _alone() -> Iterator[None]:
    """While no other test has a server: two with realtime threads are too many for two cores."""
    import fcntl

    if _inside[0]:
        yield
        return
    _inside[0] = True
    with (Path(tempfile.gettempdir()) / "graphrun-jackd.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            _inside[0] = False


def _try(command: list[str]) -> subprocess.Popen[bytes] | None:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        if subprocess.run(["jack_lsp"], capture_output=True).returncode == 0:
            return server
        if server.poll() is not None:
            break
        time.sleep(0.05)
    _end(server)
    _sweep()
    return None


def _sweep() -> None:
    """Removes what killed servers have left in the registry, where none runs any more."""
    if subprocess.run(["pgrep", "-x", "jackd"], capture_output=True).returncode == 1:
        for left in Path("/dev/shm").glob("jack*"):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()  # so that it gives back its shared memory
    try:
        server.wait(3)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
