"""Measures the offset between clicks of two graphrun processes on one JACK server, joined by Link."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from conftest import missing
from jack_server import jack_server
from network import Peer, network


@dataclass(frozen=True)
class Together:
    """Offsets of onsets in seconds; `unmatched` onsets have no partner within 20 ms."""

    clicks: int
    unmatched: int
    median: float
    worst: float


def play_together(seconds: float, file: Path) -> Together:
    """Records both while one starts both, and the other changes the tempo, stops both and restarts them."""
    for program in ("jack_capture", "jackd"):
        if shutil.which(program) is None:
            missing(f"{program} (Debian: jack-capture, jackd2)")
    if importlib.util.find_spec("link") is None:
        missing("LinkPython-extern")
    with jack_server(period=256), network() as net:
        players = [net.peer("link_player.py", "120", "jack", "sync") for _ in range(2)]
        first, second = players
        _until(lambda: first.num_peers == second.num_peers == 1)
        first.set(playing=False)
        _until(lambda: not first.playing and not second.playing)
        ports = [word for player in players for word in ("-p", player.hello[0])]
        command = ["jack_capture", "-d", str(seconds), "-c", "2", *ports, "-f", "wav", "-b", "FLOAT", str(file)]
        recorder = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(0.3)
        begun = time.monotonic()
        acts: list[tuple[float, Callable[[], None]]] = [
            (0.0, lambda: first.set(playing=True)),
            (0.4, lambda: second.set(tempo=173.0)),
            (0.65, lambda: second.set(playing=False)),
            (0.72, lambda: second.set(playing=True)),
        ]
        for share, act in acts:
            time.sleep(max(0.0, begun + share * seconds - time.monotonic()))
            _between_beats(first)
            act()
        assert recorder.wait(seconds + 10) == 0
    sound, rate = soundfile.read(file)
    return compare(np.flatnonzero(sound[:, 0] > 0.5) / rate, np.flatnonzero(sound[:, 1] > 0.5) / rate)


def compare(a: np.ndarray, b: np.ndarray) -> Together:
    """Offset of each onset from the nearest one of the other process."""
    apart = np.array([np.abs(b - time).min() for time in a]) if len(a) and len(b) else np.zeros(0)
    close = apart[apart < 0.02]
    unmatched = len(a) - len(close) + max(0, len(b) - len(close))
    return Together(
        len(close), unmatched, float(np.median(close)) if len(close) else 0.0, float(close.max(initial=0.0))
    )


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def _between_beats(peer: Peer) -> None:
    """Waits for the first half of a beat, so that a change reaches all peers before the next beat."""
    _until(lambda: 0.2 < peer.beat % 1.0 < 0.5)
