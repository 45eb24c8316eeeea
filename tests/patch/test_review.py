"""`graphrun check` warns about likely mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from graph.language.source import SourceText
from graph.patch.bundle import bundled_names
from graph.patch.files import PatchFile
from graph.patch.patch import read, read_file
from graph.reference.review import warnings


def told(text: str, folder: Path = Path()) -> list[str]:
    patch = read_file(PatchFile(SourceText("x.yaml", text), None, folder))
    return [f"{problem.line}:{problem.column} {problem.message}" for problem in warnings(patch)]


@pytest.mark.parametrize("name", bundled_names() + bundled_names("instruments"))
def test_bundled_patches_give_no_warnings(name: str) -> None:
    assert warnings(read(name)) == []


def test_a_node_not_connected_to_the_output_gives_a_warning() -> None:
    assert told("nodes:\n  a: {node: Saw}\n  b: {node: Saw}\n  c: {node: Gain, audio: b}\nout: a") == [
        "3:3 'b' is not connected to an output; connect it or remove it",
        "4:3 'c' is not connected to an output; connect it or remove it",
    ]


def test_a_node_read_only_as_a_value_counts_as_used() -> None:
    assert told("nodes:\n  a: {node: Saw, freq: b.freq}\n  b: {node: Saw}\nout: a") == []


LOOSE = """\
nodes:
  a: {node: Gain}
  b: {node: VoiceAllocator, polyphony: 1}
  c: {node: ClockOut}
  d: {node: VoiceAllocator, events: c, polyphony: 1}
  e: {node: Adsr}
out: a + b.gate + d.gate + e
"""


def test_inputs_that_should_be_connected_give_a_warning() -> None:
    assert told(LOOSE) == [
        "2:3 a.audio is not connected: it stays silent",
        "3:3 b.events is not connected: no events will arrive. "
        "Write `events: keys`, and above it `keys: {node: MidiIn}`",
        "4:3 c.clock is not connected: its time will not advance. "
        "Write `clock: beat`, and above it `beat: {node: Transport}`",
        "6:3 e.gate is not connected: it stays silent",
    ]


def test_a_node_with_its_own_tempo_needs_no_clock() -> None:
    assert told("nodes:\n  a: {node: Notes}\n  b: {node: VoiceAllocator, events: a, polyphony: 1}\nout: b.gate") == []


def test_optional_inputs_give_no_warning() -> None:
    assert told("nodes:\n  a: {node: Saw}\n  b: {node: Delay, audio: a}\nout: b") == []


CONTROLS = """
nodes:
  keys: {node: MidiIn}
  more: {node: MidiIn, channel: 2}
  a: {node: Control, events: keys, controller: 74}
  b: {node: Control, events: keys, controller: 74, channel: 3}
  c: {node: Control, events: keys, controller: 71, channel: 3}
  d: {node: Control, events: keys, controller: 71, channel: 4}
  e: {node: Control, events: more, controller: 74}
  g: {node: Saw, freq: a + b + c + d + e}
out: g
"""


def test_a_trigger_value_computed_from_a_slewed_signal_gives_a_warning() -> None:
    text = """
nodes:
  keys:  {node: MidiIn}
  hand:  {node: VoiceAllocator, events: keys}
  wrong: {node: Piano, trigger: hand.trigger, gate: hand.gate, freq: hand.freq, velocity: hand.velocity * 0.8 + 0.1}
  right: {node: Piano, trigger: hand.trigger, gate: hand.gate, freq: hand.freq, velocity: hand.strike * 0.8 + 0.1}
  plain: {node: Piano, trigger: hand.trigger, gate: hand.gate, freq: hand.freq, velocity: hand.velocity}
  mix:   {node: Mix, audio: [wrong, right, plain]}
out: mix
"""
    assert told(text) == ["5:3 wrong.velocity is sampled at the trigger, but hand.velocity slews: write hand.strike"]


def test_an_implausible_send_level_gives_a_warning() -> None:
    text = "nodes:\n  a: {node: Saw}\n  b: {node: Saw}\n  c: {node: Saw}\nout: {a: -6, b: -1, c: 9 dB}"
    assert told(text) == ["5:10 a level of -6 is a gain of 6. Did you mean -6 dB?"]


def test_one_controller_for_two_inputs_gives_a_warning() -> None:
    assert told(CONTROLS) == ["6:3 controller 74 moves both 'a' and 'b'"]


INNER = """
inputs:
  audio: {kind: signal, doc: Sound.}
  spare: 3
nodes:
  a: {node: Gain, audio: audio}
  b: {node: Gain}
  idle: {node: Saw}
outputs: {out: a, other: b}
"""


def test_a_nested_patch_is_warned_about_once_at_its_position(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(INNER)
    nodes = "  w: {node: Saw}\n  x: {patch: inner, audio: w}\n  y: {patch: inner}\n  z: {patch: inner, audio: w}\n"
    assert told(f"nodes:\n{nodes}out: x + y", tmp_path) == [
        "4:3 nothing in the patch uses its input 'spare'",
        "7:3 b.audio is not connected: it stays silent",
        "8:3 'idle' is not connected to an output; connect it or remove it",
        "4:3 y.audio is not connected: it stays silent",
        "5:3 'z' is not connected to an output; connect it or remove it",
    ]


def test_the_command_line_distinguishes_warnings_from_errors(graphrun, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "x.yaml").write_text("nodes:\n  a: {node: Gain}\nout: a\n")
    done = graphrun("check", "x.yaml")
    assert (done.returncode, done.stdout) == (0, "x.yaml: 1 node, no errors\n")
    assert (
        done.stderr
        == "x.yaml:2:3: warning: a.audio is not connected: it stays silent\n      a: {node: Gain}\n      ^\n"
    )
    report = json.loads(graphrun("check", "x.yaml", "--json").stdout)
    message = "a.audio is not connected: it stays silent"
    place = {"file": "x.yaml", "line": 2, "column": 3, "message": message}
    assert report == [{"patch": "x.yaml", "problems": [], "warnings": [place]}]


def test_the_time_of_a_check_is_linear_in_the_patch_size(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        lines = ["nodes:", "  n0: {node: Sine}"]
        for i in range(1, count):
            lines.append(f"  n{i}: {{node: LowPass, audio: n{i - 1} * 0.5, cutoff: 1 kHz + n{i - 1} * 10 Hz}}")
        path = tmp_path / f"{count}.yaml"
        path.write_text("\n".join([*lines, f"out: n{count - 1}", ""]))
        began = time.process_time()
        assert warnings(read(path)) == []
        return time.process_time() - began

    seconds(500)
    assert seconds(5_000) < 40 * min(seconds(500) for _ in range(3))  # 10 in theory, 100 if it were quadratic


def test_checking_imports_nothing_that_only_playing_needs() -> None:
    code = (
        "import sys; from graph.cli.main import main; main(['check', 'first_light']); "
        "print(sorted({'numba', 'llvmlite', 'scipy', 'rich', 'mido', 'soundfile'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_node_with_external_output_and_its_sources_count_as_used() -> None:
    assert (
        told("""
nodes:
  keys: {node: MidiIn}
  send: {node: MidiOut, events: keys}
  tone: {node: Sine}
out: tone
""")
        == []
    )
