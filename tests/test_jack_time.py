"""In time with others through a real JACK server: MIDI clock in and out, JACK's transport, and two of us by Link."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import missing
from jack_server import jack_server

from graph.native import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

try:
    import jack
except (ImportError, OSError):
    jack = None  # type: ignore[assignment]

HERE = Path(__file__).parent
RATE = 48_000


class Ear:
    """A JACK client that hears ports, and notes when: in frames of the server, and of its transport."""

    def __init__(self, channels: int = 1) -> None:
        if jack is None:
            missing("JACK-Client and its library")
        self.client = jack.Client("ear", no_start_server=True)
        self.audio = [self.client.inports.register(f"in_{n}") for n in range(channels)]
        self.midi = self.client.midi_inports.register("midi")
        self.sound: list[np.ndarray] = []
        self.frames: list[int] = []
        self.rolling: list[tuple[int, int]] = []
        """Frames of the server at which the transport was, and its frames then."""
        self.messages: list[tuple[int, bytes]] = []
        self.client.set_process_callback(self._process)
        self.client.activate()

    def _process(self, frames: int) -> None:
        now = self.client.last_frame_time
        state, position = self.client.transport_query_struct()
        if state == jack.ROLLING:
            self.rolling.append((now, position.frame))
        self.frames.append(now)
        self.sound.append(np.stack([port.get_array() for port in self.audio], axis=1))
        self.messages += [(now + offset, bytes(data)) for offset, data in self.midi.incoming_midi_events()]

    def hits(self, channel: int = 0) -> np.ndarray:
        """Frames of the server at which there was a click."""
        found = [
            start + np.flatnonzero(block[:, channel]) for start, block in zip(self.frames, self.sound, strict=True)
        ]
        return np.concatenate(found) if found else np.zeros(0, int)

    def connect(self, source: str, target: str) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                self.client.connect(source, target)
                return
            except jack.JackError:
                assert time.monotonic() < deadline, f"{source} -> {target}"
                time.sleep(0.05)

    def close(self) -> None:
        self.client.deactivate()
        self.client.close()


class Sender:
    """A JACK client that sends messages, each at its frame of the server."""

    def __init__(self, messages: list[tuple[int, bytes]]) -> None:
        self.left = messages
        self.client = jack.Client("sender", no_start_server=True)
        self.port = self.client.midi_outports.register("clock")
        self.client.set_process_callback(self._process)
        self.client.activate()

    def _process(self, frames: int) -> None:
        now = self.client.last_frame_time
        self.port.clear_buffer()
        while self.left and self.left[0][0] < now + frames:
            frame, data = self.left.pop(0)
            self.port.write_midi_event(max(0, frame - now), data)

    def close(self) -> None:
        self.client.deactivate()
        self.client.close()


@contextmanager
def player(*words: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "clock_player.py"), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def from_grid(hits: np.ndarray, start: int, bpm: float) -> np.ndarray:
    """Frames by which hits are off sixteenths."""
    grid = RATE * 60 / bpm / 4
    return (hits - start) - np.round((hits - start) / grid) * grid


def tempi_of(process: subprocess.Popen[str]) -> list[float]:
    """What the tempo reads for a second or two."""
    found = []
    for _ in range(15):
        found.append(tempo(process))
        time.sleep(0.1)
    return found


def tempo(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def test_the_midi_clock_of_another_program_is_followed_stopped_and_rejoined() -> None:
    if shutil.which("jack_midi_clock") is None:
        missing("jack_midi_clock (Debian: jack-midi-clock)")
    bpm = 120
    with jack_server(period=128), player("follow", 90) as follower:
        sender = subprocess.Popen(["jack_midi_clock", "-b", str(bpm), "-B"], stdout=subprocess.DEVNULL)
        ear = Ear()
        try:
            ear.connect("jack_midi_clock:mclk_out", "graphrun:midi_in")
            ear.connect("graphrun:out_1", "ear:in_0")
            ear.client.transport_frame = 0
            ear.client.transport_start()
            time.sleep(1.5)
            tempi = tempi_of(follower)
            ear.client.transport_stop()
            time.sleep(0.7)
            stopped = len(ear.sound)
            time.sleep(0.3)
            silent = not np.concatenate(ear.sound[stopped:]).any()
            ear.client.transport_start()
            time.sleep(1.0)
        finally:
            sender.kill()
            sender.wait()
            ear.close()
    hits, start = ear.hits(), ear.rolling[0][0] - ear.rolling[0][1]
    assert np.abs(np.array(tempi) - bpm).max() < 0.1
    assert np.abs(from_grid(hits[hits < ear.frames[stopped]], start, bpm)).max() / RATE < 0.0015
    assert silent
    assert (hits > ear.frames[stopped]).sum() >= 4


def test_a_trembling_midi_clock_gives_a_steady_tempo_and_hits_on_the_grid() -> None:
    """A sender whose ticks are off by 1 ms (standard deviation), from tick to tick anew."""
    bpm = 120
    with jack_server(period=128), player("follow", 90) as follower:
        ear = Ear()
        ear.connect("graphrun:out_1", "ear:in_0")
        start = ear.client.frame_time + RATE // 4
        rng = np.random.default_rng(1)
        ticks = start + np.arange(24 * 16) * RATE * 60 / bpm / 24 + rng.normal(0, 0.001 * RATE, 24 * 16)
        messages = [(round(frame), b"\xf8") for frame in np.sort(ticks)]
        messages.insert(48, (messages[48][0] - 200, b"\xfa"))
        sender = Sender(messages)  # not the ear: JACK would delay what goes around by a period
        ear.connect("sender:clock", "graphrun:midi_in")
        time.sleep(4.5)
        tempi = tempi_of(follower)
        time.sleep(1.0)
        sender.close()
        ear.close()
    hits = ear.hits()
    off = from_grid(hits, start, bpm) / RATE
    print(
        f"tempo {min(tempi):.3f} .. {max(tempi):.3f}, {len(hits)} hits, {off.min() * 1e3:.2f} .. {off.max() * 1e3:.2f} ms"
    )
    assert np.abs(np.array(tempi) - bpm).max() < 0.1
    assert len(hits) > 20
    assert np.abs(off).max() < 0.0015


def test_another_program_hears_our_midi_clock_exact_to_the_frame() -> None:
    bpm = 133.0
    with jack_server(period=128), player("send", bpm):
        ear = Ear()
        ear.connect("graphrun:midi_out", "ear:midi")
        ear.connect("graphrun:out_1", "ear:in_0")
        time.sleep(2.5)
        ear.close()
    ticks = np.array([frame for frame, data in ear.messages if data == b"\xf8"])
    exact = RATE * 60 / bpm / 24
    assert len(ticks) > 100
    hits = ear.hits()
    # Each tick is where its beat is: ticks and clicks have one grid, which no tick misses by a frame.
    first = hits[0]
    numbers = np.round((ticks - first) / exact)
    fraction = ticks - first - numbers * exact
    assert np.ptp(fraction) < 1.0
    assert set(hits[1:]) <= set(ticks)
    assert (np.diff(numbers) == 1).all()
