"""Synchronization through a real JACK server: MIDI clock in and out, JACK transport, and two processes with Link."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import PROGRAMS, missing, running
from jack_clients import clients
from jack_server import jack_server
from together import play_together

from graph.native.functions import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

RATE = 48_000


@contextmanager
def player(*words: object) -> Iterator[subprocess.Popen[str]]:
    with running(PROGRAMS / "clock_player.py", *words) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def from_grid(hits: np.ndarray, start: int, bpm: float) -> np.ndarray:
    """Deviation of hits from sixteenths, in frames."""
    grid = RATE * 60 / bpm / 4
    return (hits - start) - np.round((hits - start) / grid) * grid


def tempi_of(process: subprocess.Popen[str]) -> list[float]:
    """Tempo readings over a second or two."""
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
    with jack_server(period=128), clients() as jack, player("follow", 90) as follower:
        sender = subprocess.Popen(["jack_midi_clock", "-b", str(bpm), "-B"], stdout=subprocess.DEVNULL)
        ear = jack.Ear()
        try:
            ear.connect("jack_midi_clock:mclk_out", "graphrun:midi_in")
            ear.connect("graphrun:out_1", "ear:in_0")
            ear.roll(0)
            time.sleep(1.5)
            tempi = tempi_of(follower)
            ear.halt()
            time.sleep(0.7)
            stopped = ear.now()
            time.sleep(0.3)
            again = ear.now()
            ear.roll()
            time.sleep(1.0)
        finally:
            sender.kill()
            sender.wait()
            ear.close()
        hits, (_, rolling, _) = ear.hits(), ear.log()
    start = rolling[0][0] - rolling[0][1]
    assert np.abs(np.array(tempi) - bpm).max() < 0.1
    assert np.abs(from_grid(hits[hits < stopped], start, bpm)).max() / RATE < 0.0015
    assert not ((hits > stopped) & (hits < again)).any()
    assert (hits > again).sum() >= 4


def test_a_jittery_midi_clock_gives_a_steady_tempo_and_events_on_the_grid() -> None:
    """A sender whose ticks have an independent error of 1 ms (standard deviation)."""
    bpm = 120
    with jack_server(period=128), clients() as jack, player("follow", 90) as follower:
        ear = jack.Ear()
        ear.connect("graphrun:out_1", "ear:in_0")
        start = ear.now() + RATE // 4
        rng = np.random.default_rng(1)
        ticks = start + np.arange(24 * 16) * RATE * 60 / bpm / 24 + rng.normal(0, 0.001 * RATE, 24 * 16)
        messages = [(round(frame), b"\xf8") for frame in np.sort(ticks)]
        messages.insert(48, (messages[48][0] - 200, b"\xfa"))
        sender = jack.Sender(messages)  # not the recorder: JACK delays feedback connections by a period
        ear.connect("sender:clock", "graphrun:midi_in")
        time.sleep(3.5)
        tempi = tempi_of(follower)
        time.sleep(0.2)
        sender.close()
        ear.close()
        hits = ear.hits()
    off = from_grid(hits, start, bpm) / RATE
    assert np.abs(np.array(tempi) - bpm).max() < 0.1
    assert len(hits) > 20
    assert np.abs(off).max() < 0.0015


def test_another_program_receives_our_midi_clock_exact_to_the_frame() -> None:
    bpm = 133.0
    with jack_server(period=128), clients() as jack, player("send", bpm):
        ear = jack.Ear()
        ear.connect("graphrun:midi_out", "ear:midi")
        ear.connect("graphrun:out_1", "ear:in_0")
        time.sleep(2.5)
        ear.close()
        hits, (_, _, messages) = ear.hits(), ear.log()
    ticks = np.array([frame for frame, data in messages if data == b"\xf8"])
    exact = RATE * 60 / bpm / 24
    assert len(ticks) > 100
    # Each tick is at its beat: ticks and clicks share one grid, exact to the frame.
    first = hits[0]
    numbers = np.round((ticks - first) / exact)
    fraction = ticks - first - numbers * exact
    assert np.ptp(fraction) < 1.0
    assert set(hits[1:]) <= set(ticks)
    assert (np.diff(numbers) == 1).all()


def test_two_processes_joined_by_link_click_together_through_a_change_of_tempo_and_a_stop(tmp_path: Path) -> None:
    result = play_together(7.0, tmp_path / "clicks.wav")
    assert result.unmatched <= 1  # at the edge of the stop, which reaches the other a network's delay later
    assert result.clicks > 10
    assert result.worst < 0.0005


def test_jack_s_transport_starts_stops_and_moves_the_clock() -> None:
    bpm = 150
    with jack_server(period=128), clients() as jack, player("transport", bpm) as follower:
        ear = jack.Ear()
        ear.connect("graphrun:out_1", "ear:in_0")
        time.sleep(0.5)
        silent = not ear.hits().size
        ear.roll(48_123)
        time.sleep(1.5)
        assert tempo(follower) == bpm
        ear.halt()
        time.sleep(0.3)
        stopped = ear.now()
        time.sleep(0.4)
        ear.close()
        hits, (_, rolling, _) = ear.hits(), ear.log()
    start = rolling[0][0] - rolling[0][1]
    assert silent
    assert len(hits) > 10
    assert hits.max() <= stopped
    assert np.abs(from_grid(hits, start, bpm)).max() <= 1
