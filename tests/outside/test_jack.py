"""Patches on a real JACK server, driven through JACK and through PortAudio, recorded by another client."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reloads
from callbacks import compare, report
from conftest import PROGRAMS, answer, ask, missing, running
from jack_server import jack_server
from player import song

from graph import load
from graph.engine.engine import Engine
from graph.native.functions import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

try:
    import jack
except (ImportError, OSError):
    jack = None  # type: ignore[assignment]

LENGTH = 48_000


def play_and_hear(device: str, tmp_path: Path, *, freewheel: bool) -> tuple[np.ndarray, dict[str, Any], int]:
    """The sound from its first frame on, the player's messages, and xruns seen by the recording client."""
    target = tmp_path / "heard.npy"
    with running(PROGRAMS / "player.py", device, "neon") as player:
        assert json.loads(answer(player))["rate"] == 48_000
        words = ["freewheel"] if freewheel else []
        with running(PROGRAMS / "jack_ear.py", target, LENGTH, *words) as ear:
            assert answer(ear) == "ready\n"
            ask(player)
            xruns = int(answer(ear))
        ask(player)
        said = json.loads(answer(player))
    return np.load(target), said, xruns


def rendered(start: int) -> np.ndarray:
    """The same music, offline, from its first frame on."""
    engine = Engine(load("neon"))
    engine.send(song(start))
    audio = engine.render(start + LENGTH + 9_600)
    first = int(np.flatnonzero(audio.any(axis=1))[0])
    return audio[first : first + LENGTH]


@pytest.mark.parametrize("device", ["jack", "system"])
def test_output_in_freewheel_equals_the_offline_render_bit_exact(device: str, tmp_path: Path) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=128):
        heard, said, _ = play_and_hear(device, tmp_path, freewheel=True)
    assert said["late"] == 0
    assert np.abs(heard).max() > 0.1
    np.testing.assert_array_equal(heard, rendered(said["start"]))


@pytest.mark.parametrize("device", ["jack", "system"])
def test_output_in_real_time_equals_the_offline_render_without_xruns(
    device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    tried = []
    for _ in range(5):
        with jack_server(period=256):
            heard, said, xruns = play_and_hear(device, tmp_path, freewheel=False)
        tried.append(xruns)
        if not xruns:
            break
    with capsys.disabled():
        print(f"\n{device}: xruns in each attempt: {tried}")
    expected = rendered(said["start"])
    if tried[-1] == 0:
        np.testing.assert_array_equal(heard, expected)
    else:  # the machine is too busy: check the sound before the first gap
        assert np.array_equal(heard[:1_000], expected[:1_000])


def test_a_busy_python_costs_no_callback(capsys: pytest.CaptureFixture[str]) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    try:
        found = compare(4.0)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"building a JACK client in C: {error}")
    with capsys.disabled():
        print("\n" + report(4.0, found))
    native, c = found["native"]
    python, _ = found["python"]
    assert native > 0.95 * c
    assert python < 0.7 * native


def test_continuous_reloads_lose_no_callback_and_no_memory(capsys: pytest.CaptureFixture[str]) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    try:
        found = reloads.measure(6.0, 100)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"building a JACK client in C: {error}")
    with capsys.disabled():
        print("\n" + reloads.report(found))
    assert found["callbacks"] > 0.95 * found["c"]
    assert found["held"] == len(reloads.KEYS)
    assert found["grown"] < 15  # a plan takes 4 MB, and one may be waiting; a leak would be 400
    assert not found["news"]


TAP = """
nodes:
  keys: {node: MidiIn}
  voice: {node: VoiceAllocator, events: keys, polyphony: 1}
out: voice.trigger
"""


@pytest.mark.parametrize(("period", "busy"), [(64, ""), (64, "busy"), (100, "busy")])
def test_a_note_from_another_client_sounds_a_constant_latency_after_its_frame(
    period: int, busy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JACK delivers MIDI in the callback itself: no jitter, regardless of Python's load."""
    if jack is None:
        missing("JACK-Client and JACK's library")
    patch = tmp_path / "tap.yaml"
    patch.write_text(TAP)
    with jack_server(period=period), running(PROGRAMS / "player.py", "jack", patch, busy) as player:
        answer(player)
        tapper = running(PROGRAMS / "jack_tapper.py", 60, "graphrun:midi_in", "graphrun:out_1")
        with tapper as process:
            said = json.loads(process.communicate(timeout=60)[0])
    sent, heard = np.array(said["sent"]), np.array(said["heard"])
    with capsys.disabled():
        print(f"\nperiod {period}{', Python busy' if busy else ''}: {len(heard)} of {len(sent)} notes", end=" ")
        print(f"{np.unique(heard - sent[: len(heard)])} frames later" if len(heard) == len(sent) else "")
    delays = heard[np.searchsorted(heard, sent)] - sent if len(heard) < len(sent) else heard - sent
    expected = period + (0 if period % 64 == 0 else 64)
    assert np.median(delays) == expected
    assert np.mean(delays == expected) > 0.9  # an xrun of the server loses a period


def test_no_note_hangs_when_a_keyboard_disconnects_or_we_stop() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=128), running(PROGRAMS / "jack_keyboard.py") as process:
        said = json.loads(process.communicate(timeout=60)[0])
    assert (said["gone"], said["unplugged"], said["server"]) == (True, True, True)
    assert {f"b{channel:x}7b00" for channel in range(16)} <= set(said["heard"])
