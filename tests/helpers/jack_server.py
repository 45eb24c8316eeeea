"""A JACK server without a sound card, for one test."""

from __future__ import annotations

import glob
import os
import shutil
import struct
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
_HEAD, _SLOT = 24, 264  # bytes of the registry's header and of a server's slot (process id, name)


@contextmanager
def jack_server(*, period: int = 16, rate: int = 48_000, synchronous: bool = True) -> Iterator[str]:
    """Name of a server that runs during the block; JACK programs find it through the environment."""
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
    """The server, once it responds; killed servers may have filled the registry, so it retries."""
    for _ in range(5):
        server = _try(command)
        if server is not None:
            return server
        time.sleep(2)
    raise AssertionError("jackd does not start")


@contextmanager
def _alone() -> Iterator[None]:
    """Waits until no other test has a server: two with real-time threads are too many for two cores."""
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
    """Frees slots of killed servers in JACK's registry, which has eight.

    In place: processes that used JACK once keep the registry mapped, and after a file of the same
    name has taken its place they find no server any more.
    """
    try:
        with Path("/dev/shm/jack-shm-registry").open("r+b") as registry:
            head = registry.read(_HEAD)
            if len(head) < _HEAD or struct.unpack_from("<i", head, 16)[0] != _HEAD + 8 * _SLOT:
                return  # another version of JACK
            for at in range(_HEAD, _HEAD + 8 * _SLOT, _SLOT):
                registry.seek(at)
                pid, name = struct.unpack(f"<i{_SLOT - 4}s", registry.read(_SLOT))
                if pid and not Path(f"/proc/{pid}").exists():
                    registry.seek(at)
                    registry.write(bytes(_SLOT))
                    server = name.decode(errors="replace").split(":")[1]  # jack-USER:SERVER:
                    for left in Path("/dev/shm").glob(f"jack*_{glob.escape(server)}_*"):
                        left.unlink(missing_ok=True)
    except FileNotFoundError:
        pass


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()  # so that it gives back its shared memory
    try:
        server.wait(3)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
