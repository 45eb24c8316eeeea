"""MIDI ports that do not exist yet: playback continues, and they are used when they appear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import PROGRAMS, ROOT, missing, running
from jack_server import jack_server

from graph.clocks.host import host_ns
from graph.graph import loads
from graph.native.functions import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

try:
    import jack
except (ImportError, OSError):
    jack = None  # type: ignore[assignment]

KEYS = """
nodes:
  keys: {node: MidiIn}
  voice: {node: VoiceAllocator, events: keys, polyphony: 4}
  out: {node: MidiOut, events: keys}
  tone: {node: Sine, freq: voice.freq}
  amp: {node: Gain, audio: tone, gain: voice.gate}
  sum: {node: Mix, audio: amp}
out: sum
"""


class Others:
    """The programs of `jack_later`, each in its own process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __call__(self, **asked: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def server() -> Iterator[Others]:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=128), running(PROGRAMS / "jack_later.py") as process:
        yield Others(process)


@contextmanager
def playing(tmp_path: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "p.yaml").write_text(KEYS)
    process = subprocess.Popen(
        [sys.executable, "-m", "graph.cli.main", "p.yaml", "--json", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_it_listens() -> None:
    """Waits for one of our MIDI inputs, under JACK or rtmidi."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ports = subprocess.run(["jack_lsp"], capture_output=True, text=True, timeout=10).stdout
        if "midi_in" in ports or " in" in ports:
            return
        time.sleep(0.2)
    raise AssertionError("it does not start")


@pytest.mark.parametrize("words", [(), ("--midi-in", "late*")], ids=["any", "named"])
@pytest.mark.parametrize("device", ["jack", "null"])
def test_a_software_keyboard_that_appears_later_is_played(device: str, words: tuple[str, ...], tmp_path: Path) -> None:
    if device == "null" and not words:
        pytest.skip("nobody plays the null device unless told")
    with server() as others, playing(tmp_path, "--device", device, "--seconds", "12", *words) as process:
        until_it_listens()
        assert others(keyboard="late_keys")
        time.sleep(1)
        out, error = process.communicate(timeout=90)
    assert process.returncode == 0, error
    said = json.loads(out)
    assert said["notes"] > 0
    assert said["peak"] > 0.1
    about = [line for line in said["warnings"] if "late" in line]
    assert any("is connected" in line or "is open" in line for line in about), said["warnings"]
    assert any("'late*' not found yet" in line for line in about) == bool(words)


@pytest.mark.parametrize("device", ["jack", "null"])
def test_a_port_that_never_appears_is_reported_once_and_playback_continues(device: str, tmp_path: Path) -> None:
    with server(), playing(tmp_path, "--device", device, "--seconds", "4", "--midi-in", "nobody") as process:
        out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    said = json.loads(out)
    assert sum("'nobody' not found yet" in line for line in said["warnings"]) == 1
    assert said["frames"] > 0


def test_a_manually_disconnected_keyboard_stays_disconnected_until_replugged() -> None:
    with server() as others, loads(KEYS).play(device="jack", connect=[]) as live:
        assert others(keyboard="late_keys")
        client = jack.Client("hand", no_start_server=True)
        client.disconnect("late_keys:out", "graphrun:midi_in")
        time.sleep(1.5)
        assert not client.get_all_connections("late_keys:out")
        client.close()
        others(gone="late_keys")
        time.sleep(1)
        assert others(keyboard="late_keys")
        assert live.running


def test_messages_from_python_leave_jack_complete_and_on_their_frame() -> None:
    exclusive = bytes([0xF0, 0x7D, *[i % 128 for i in range(300)], 0xF7])
    with server() as others, loads(KEYS).play(device="jack", connect=[], midi_out=["synth"]) as live:
        assert others(synth="synth")
        before = others(frame=0)
        now = host_ns()
        times = [now + 300_000_000 + 7_000_000 * i for i in (3, 0, 2, 1, 4)]
        for i, at in enumerate(times):
            live.send_out([0x90, 60 + i, 100], host_time=at)
        live.send_out(exclusive, host_time=now + 400_000_000)
        live.send_out([0xF0, 0x7D, 0x01, 0xF7])
        heard = others(heard=1.0)
    notes = {int(data[2:4], 16) - 60: frame for frame, data in heard if data.startswith("90")}
    assert [data for _, data in heard if data.startswith("f0")] == ["f07d01f7", exclusive.hex()]
    assert len(notes) == 5
    gaps = [(notes[i] - notes[1]) / 48_000 - (times[i] - times[1]) / 1e9 for i in range(5)]
    assert max(map(abs, gaps)) < 0.0005
    assert abs((notes[1] - before) / 48_000 - 0.3) < 0.05


def test_exclusive_messages_pass_through_rtmidi_whole_both_ways() -> None:
    exclusive = bytes([0xF0, 0x7D, *[i % 128 for i in range(300)], 0xF7])
    with (
        server() as others,
        loads(KEYS).play(device="null", midi=["late*"], midi_out=["synth*"], thru=True) as live,
    ):
        assert others(synth="synth")
        time.sleep(0.5)
        live.send_out(exclusive, host_time=host_ns() + 200_000_000)
        live.send_out([0x90, 60, 100], host_time=host_ns() + 300_000_000)
        heard = [data for _, data in others(heard=1.0)]
        assert heard[:2] == [exclusive.hex(), "903c64"]
        assert others(keyboard="late_keys", data="f07d0a0b0cf7")
        assert "f07d0a0b0cf7" in [data for _, data in others(heard=1.0)]
        assert not live.engine.dropped()
