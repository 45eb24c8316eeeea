"""Knobs and presets of the terminal view, through a pseudo-terminal: real bytes of keys and of an SGR mouse."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from screens import Terminal
from watchdog import within_seconds

from graph.graph import load
from graph.native.functions import PLAIN
from graph.patch.patch import read
from graph.view.key_codes import Key, KeyReader
from graph.view.knobs import Knob

pytestmark = [
    pytest.mark.skipif(PLAIN, reason="plain Python does not keep up with real time"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals"),
]

PATCH = """\
# A tone to turn.
name: Turned
rate: 8 kHz
inputs:
  width: {default: 50%, min: 0, max: 1}
nodes:
  keys: {node: MidiIn}
  bright: {node: Control, events: keys, controller: 74, min: 200 Hz, max: 3200 Hz, initial: 800 Hz, curve: log}
  floor: {node: Constant, value: 100 Hz}   # the lowest
  tone: {node: Saw, freq: 110 Hz}
  low: {node: LowPass, audio: tone, cutoff: bright + floor, q: 2}
  level: {node: Gain, audio: low, gain: width}
out: level
presets:
  dark: {low.q: 1}
  bright-one: {low.q: 4}
"""
PAGE_DOWN, HOME, STORE, DOWN = "\x1b[6~", "\x1b[H", "\x10", "\x1b[B"


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    with within_seconds(120.0):
        yield


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    path = tmp_path / "turned.yaml"
    path.write_text(PATCH)
    return path


@pytest.fixture
def view(patch: Path) -> Iterator[Terminal]:
    with_view = started(patch.parent, "turned.yaml")
    yield with_view
    with_view.close()


def started(folder: Path, *words: str) -> Terminal:
    words = (*words, "--device", "null", "--seconds", "100")
    terminal = Terminal(f"from graph.cli.main import main\nsys.exit(main({list(words)!r}))", folder)
    terminal.until("esc quit")
    return terminal


def until(terminal: Terminal, pattern: str) -> re.Match[str]:
    """Reads until the screen itself matches."""
    for _ in range(300):
        found = re.search(pattern, terminal.screen.text)
        if found:
            return found
        terminal.read(0.1)
    raise AssertionError(f"no {pattern!r} on the screen:\n{terminal.screen.text}")


def mouse(terminal: Terminal, button: int, word: str, offset: int = 0) -> None:
    """A mouse report of the SGR protocol at a word on the screen."""
    rows = terminal.screen.text.splitlines()
    row = next(row for row, line in enumerate(rows) if word in line)
    terminal.type(f"\x1b[<{button};{rows[row].index(word) + 1 + offset};{row + 1}M")


def quitted(terminal: Terminal) -> str:
    """Escape twice; what is printed after the view."""
    terminal.type("\x1b")
    terminal.until("press esc again")
    terminal.type("\x1b")
    assert terminal.end() == 0
    return terminal.raw.rpartition("\x1b[?1049l")[2]


def test_knobs_are_shown_with_values_and_units_and_turned_by_keys(view: Terminal) -> None:
    text = view.screen.text
    for words in (r"▸low\.q .* 2", r"width .* 0\.5", r"bright .* 800 Hz", r"floor\.value .* 100 Hz", r"110 Hz"):
        assert re.search(words, text), (words, text)
    view.type(PAGE_DOWN * 2)
    until(view, "▸bright .* 800 Hz")
    view.type("+" * 25)
    until(view, "▸bright .* 1600 Hz")  # a quarter of four octaves
    view.type("-" * 50)
    value = until(view, r"▸bright .* ([34]\d\d(\.\d)?) Hz")[1]
    assert float(value) == pytest.approx(400, rel=2e-3)  # each turn keeps four digits
    view.type(HOME)
    until(view, "▸bright .* 800 Hz")
    assert not view.screen.wrapped


def test_the_wheel_turns_the_knob_under_it_and_a_click_selects(view: Terminal) -> None:
    mouse(view, 64, "width")
    until(view, r"▸width .* 0\.51")
    mouse(view, 65, "width", 12)
    mouse(view, 65, "width", 12)
    until(view, r"▸width .* 0\.49")
    mouse(view, 64 + 16, "width")
    until(view, r"▸width .* 0\.491")
    mouse(view, 0, "tone.freq")
    until(view, "▸tone.freq")
    mouse(view, 64, "midi")  # beside all knobs: the selected one turns
    assert until(view, r"▸tone\.freq +\S+ +(\S+) Hz")
    mouse(view, 0, "bright-one")
    until(view, r"low\.q .* 4")


def test_what_was_set_is_printed_as_a_command_that_brings_it_back(view: Terminal, patch: Path) -> None:
    view.type(DOWN)
    until(view, r"low\.q .* 1")
    mouse(view, 64, "width")
    until(view, r"▸width .* 0\.51")
    mouse(view, 64, "floor.value")
    value = until(view, r"▸floor\.value +\S+ +(\S+) Hz")[1]
    said = quitted(view)
    found = re.search(r"what you set: (graphrun turned\.yaml .*)", said)
    assert found, said
    words = found[1].split()
    assert words[:4] == ["graphrun", "turned.yaml", "--preset", "dark"]
    assert sorted(words[4:]) == sorted(["--set", f"floor.value={value}", "--set", "width=0.51"])
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    again = [sys.executable, "-m", "graph", *words[1:], "--out", "a.wav", "--seconds", "0.1"]
    assert subprocess.run(again, cwd=patch.parent, env=env, timeout=60).returncode == 0


def test_nothing_is_printed_where_nothing_was_set(view: Terminal) -> None:
    assert "what you set" not in quitted(view)


def test_a_key_stores_what_sounds_as_a_preset_and_keeps_the_comments(view: Terminal, patch: Path) -> None:
    mouse(view, 64, "width")
    until(view, r"▸width .* 0\.51")
    view.type(STORE)
    view.until("store as preset: take_1")
    view.type("wiX\x7fde\r")
    until(view, "preset  dark  bright-one  wide")
    assert patch.read_text() == PATCH + "  wide:\n    width: 0.51\n"
    assert [setting.text for setting in read(patch).presets["wide"]] == ["0.51"]
    assert "what you set" not in quitted(view)  # the preset holds it


def test_escape_stores_nothing_and_letters_of_the_name_play_no_notes(view: Terminal, patch: Path) -> None:
    view.type(STORE)
    view.until("store as preset")
    view.type("zx")
    view.until("store as preset: zx_")
    view.type("\x1b")
    until(view, "no input yet")
    view.type(STORE + "\r")
    view.until("nothing to store")
    assert patch.read_text() == PATCH


def test_a_bundled_patch_is_stored_in_a_copy(tmp_path: Path) -> None:
    terminal = started(tmp_path, "tide")
    try:
        terminal.type("+" + STORE)
        terminal.until("store as preset: take_1")
        terminal.type("\r")
        terminal.until("play it: graphrun tide.yaml --preset take_1")
    finally:
        terminal.close()
    assert read(tmp_path / "tide.yaml").presets.keys() == {"take_1"}
    assert load(tmp_path / "tide.yaml", presets=["take_1"])


def test_a_controller_moves_the_knob_on_the_screen_and_is_printed(patch: Path) -> None:
    pytest.importorskip("pythonosc")
    from graph.osc.packet import packet

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    terminal = started(patch.parent, "turned.yaml", "--osc", str(port))
    try:
        terminal.until("listening for OSC")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(packet("/control", (74, 1.0)), ("127.0.0.1", port))
            until(terminal, "bright .* 3200 Hz")
            until(terminal, r"osc +/control 74 1")
            mouse(terminal, 65, "bright  ")
            until(terminal, r"▸bright .* 3112 Hz")  # 1 % of four octaves down
            sender.sendto(packet("/low/qq", (3.0,)), ("127.0.0.1", port))
            until(terminal, r"osc +/low/qq 3  .*has no input 'qq'")
        assert "--set bright.initial=3112" in quitted(terminal)
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"\x1b[<0;5;3M\x1b[<0;5;3m", [Key("click", column=4, row=2)]),
        (b"\x1b[<64;80;24M", [Key("wheel-up", column=79, row=23)]),
        (b"\x1b[<81;1;1M", [Key("fine-down")]),
        (b"\x1b[<35;5;3M\x1b[<2;5;3M\x1b[<66;1;1M\x1b[<0;;M\x1b[<M", []),
        (b"\x1b[M !!z", [Key("z")]),
        (b"\x1b[5~\x1b[6~\x1b[6;1:3~", [Key("page-up"), Key("page-down"), Key("page-down", 3)]),
        (b"\x1b[61:43:61;2u\x1b[43::93u\x1b[45::47u", [Key("+"), Key("+"), Key("-")]),
    ],
)
def test_the_mouse_and_the_signs_of_a_key_are_read(sent: bytes, keys: list[Key]) -> None:
    assert KeyReader().feed(sent) == keys


@pytest.mark.parametrize(
    ("curve", "low", "high", "middle"),
    [("linear", 0.0, 10.0, 5.0), ("log", 20.0, 2000.0, 200.0), ("log", 0.0, 8.0, 1.0)],
)
def test_a_knob_in_the_middle_stands_at_the_middle_of_its_curve(
    curve: str, low: float, high: float, middle: float
) -> None:
    from nodes import Saw

    knob = Knob("osc.freq", "osc.freq", Saw.ins()["freq"], low, high, curve)
    assert knob.value(0.5) == pytest.approx(middle)
    for share in (0.0, 0.25, 0.5, 1.0):
        assert knob.share(knob.value(share)) == pytest.approx(share, abs=1e-3)
    assert (knob.value(-1.0), knob.value(2.0)) == (low, high)
