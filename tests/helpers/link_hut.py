"""LinkHut, the program of Link's TEST-PLAN, controlled by its keys."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from conftest import missing
from network import Network


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits for a network condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


class LinkHut:
    """LinkHut clicks on each beat, through JACK, while it plays; `tempo` and `plays` are its display."""

    def __init__(self, control: int) -> None:
        self._control, self._shown = control, ""
        os.set_blocking(control, False)

    def shown(self) -> str:
        with suppress(BlockingIOError):
            self._shown = (self._shown + os.read(self._control, 65_536).decode(errors="replace"))[-2_000:]
        return self._shown

    def press(self, key: str) -> None:
        """Keys: a joins the session, s shares starts and stops, e is 1 bpm faster, space starts and stops."""
        os.write(self._control, key.encode())
        time.sleep(0.05)

    @property
    def tempo(self) -> float:
        found = re.findall(r"\]\s*\|\s*(\d+\.\d+)\s*\|", self.shown())
        return float(found[-1]) if found else 0.0

    @property
    def plays(self) -> bool:
        return re.findall(r"\[(playing|stopped)\]", self.shown())[-1:] == ["playing"]


@contextmanager
def link_hut(net: Network) -> Iterator[LinkHut]:
    """LinkHut in its own network namespace, in the session, sharing starts and stops. JACK must run."""
    if shutil.which("LinkHut") is None:
        missing("LinkHut (Debian: ableton-link-utils)")
    control, terminal = pty.openpty()
    process = net.start("LinkHut", stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL)
    hut = LinkHut(control)
    try:
        until(lambda: "tempo" in hut.shown())
        hut.press("s")
        time.sleep(0.6)  # enabled sooner, Link may impose its tempo
        hut.press("a")
        yield hut
    finally:
        hut.press("q")  # killed, it would keep the server waiting
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
        process.kill()
        os.close(control)
        os.close(terminal)
