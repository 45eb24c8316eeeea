"""Preset selection during playback, by every route; afterwards reloads and recordings still work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
import soundfile
from conftest import ROOT
from screens import Terminal
from small_patch import PATCH
from watchdog import within_seconds

from graph.native.functions import PLAIN
from graph.osc.packet import messages, packet
from graph.play.live import Live

pytestmark = [
    pytest.mark.skipif(PLAIN, reason="plain Python does not keep up with real time"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals and other signals"),
]

LIMIT = 90.0
"""Time limit of a test in seconds, on a busy machine."""


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    with within_seconds(LIMIT):
        yield


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(PATCH)
    return file


class Played:
    """`graphrun small.yaml --device null --plain WORDS` in its own process, with its output lines."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.log = folder / "said.txt"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "graph", "small.yaml", "--device", "null", "--plain", *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def until(self, words: str, seconds: float = 30.0) -> str:
        deadline = time.monotonic() + seconds
        while words not in (said := self.log.read_text()):
            assert time.monotonic() < deadline, f"no {words!r} in:\n{said}"
            assert self.process.poll() is None, said
            time.sleep(0.02)
        return said

    def end(self) -> str:
        """Presses Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10.0)
        return self.log.read_text()


@pytest.fixture
def played() -> Iterator[list[Played]]:
    begun: list[Played] = []
    yield begun
    for each in begun:
        each.process.kill()
        each.process.wait()


def test_a_program_change_of_a_midi_file_selects_a_preset_and_playback_continues(
    patch: Path, tmp_path: Path, played: list[Played]
) -> None:
    track = mido.MidiTrack([mido.Message("program_change", program=1, time=240)])
    track.append(mido.Message("note_on", note=60, velocity=100, time=0))
    track.append(mido.Message("note_off", note=60, time=480 * 100))
    mido.MidiFile(tracks=[track]).save(tmp_path / "song.mid")
    player = Played(tmp_path, "--midi", "song.mid", "--record", "take.wav")
    played.append(player)
    player.until("program 2: bright")
    patch.write_text(PATCH.replace("cutoff: 800", "cutoff: 900"))
    player.until("small.yaml was saved: swapped in")
    player.end()
    assert soundfile.info(tmp_path / "take.wav").frames > 1_000


def test_program_changes_as_bytes_choose_presets_while_it_records_and_reloads(patch: Path, tmp_path: Path) -> None:
    from graph.perform.performance import Performance

    performance = Performance(patch)
    with Live(performance.graph, device="null") as live:
        performance.begin(live)
        live.record(tmp_path / "take.wav")
        for number, name, cutoff in ((0, "dark", 300.0), (1, "bright", 3000.0), (0, "dark", 300.0)):
            live.send(bytes([0xC0, number]))
            until(lambda name=name: performance.preset == name)
            until(lambda cutoff=cutoff: live["low.cutoff"] == cutoff)
        patch.write_text(PATCH.replace("cutoff: 300", "cutoff: 350"))
        until(lambda: live["low.cutoff"] == 350.0)
        performance.end()
        assert live.stop_recording() > 0.05
    assert soundfile.info(tmp_path / "take.wav").frames > 400


def test_a_program_that_has_no_preset_changes_nothing(patch: Path) -> None:
    from graph.perform.performance import Performance

    performance = Performance(patch)
    with Live(performance.graph, device="null") as live:
        performance.begin(live, watch=False)
        live.send(bytes([0xC0, 99]))
        live.wait(0.3)
        assert performance.preset == ""
        assert live["low.cutoff"] == 800.0
        live.send(bytes([0xC0, 1]))
        until(lambda: performance.preset == "bright")
        performance.end()


def until(check: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_arrow_keys_of_the_view_select_presets_and_playback_continues(patch: Path, tmp_path: Path) -> None:
    code = "from graph.cli.main import main\nsys.exit(main(['small.yaml', '--device', 'null']))"
    terminal = Terminal(code, tmp_path, width=100, height=30)
    try:
        terminal.until("octave")
        terminal.type("\x1b[B")
        terminal.until("Small  dark")
        terminal.type("\x1b[B")
        terminal.until("Small  bright")
        terminal.type("\x1b[A")
        terminal.until("Small  dark")
        terminal.type("\r")
        terminal.until("recording small.wav")
        patch.write_text(PATCH.replace("cutoff: 300", "cutoff: 350"))
        terminal.until("was saved: swapped in")
        terminal.type("\r")
        terminal.until("recorded ")
        terminal.type("\x12")
        terminal.until("patch reloaded")
        terminal.type("\x1b")
        terminal.until("press esc again")
        terminal.type("\x1b")
        assert terminal.end() == 0
    finally:
        terminal.close()
    assert soundfile.info(tmp_path / "small.wav").frames > 400


def test_osc_selects_presets_and_keeps_answering(patch: Path, tmp_path: Path, played: list[Played]) -> None:
    player = Played(tmp_path, "--osc", "0", "--record", "take.wav")
    played.append(player)
    port = int(player.until("listening for OSC on ").partition("listening for OSC on 127.0.0.1:")[2].split()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent:
        sent.settimeout(20.0)

        def ask(address: str, *values: float | int | str) -> list[object]:
            sent.sendto(packet(address, values), ("127.0.0.1", port))
            (said,) = messages(sent.recvfrom(65_536)[0])
            return [said.address, *said.values]

        def cutoff(wanted: float) -> None:
            until(lambda: ask("/get", "/low/cutoff") == ["/low/cutoff", wanted])

        cutoff(800.0)
        for name, value in (("dark", 300.0), ("bright", 3000.0)):
            sent.sendto(packet("/preset", (name,)), ("127.0.0.1", port))
            cutoff(value)
        assert "there is no preset 'dork'" in str(ask("/preset", "dork"))
        cutoff(3000.0)
        patch.write_text(PATCH.replace("cutoff: 3000", "cutoff: 3100"))
        player.until("small.yaml was saved: swapped in")
        cutoff(3100.0)
        sent.sendto(packet("/reload", ()), ("127.0.0.1", port))
        cutoff(3100.0)
    player.end()
    assert soundfile.info(tmp_path / "take.wav").frames > 400
