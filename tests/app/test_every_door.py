"""Every option of every command, every key of the view and every address of OSC is driven through its own door.

The lists come from the parsers, the tables of keys and the server's addresses, so that what is added without a line
here fails. A line is either driven in this file, or names the test that does so, whose text must contain the word.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mido
import pytest
import soundfile
from conftest import ROOT
from jack_server import jack_server
from screens import Terminal
from small_patch import PATCH
from watchdog import within_seconds

from graph.cli.main import COMMANDS, main
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.osc import server
from graph.osc.server import OscServer
from graph.play.activity import note_name
from graph.view.keys import STEPS
from graph.view.screen import KEYS

compiled_only = pytest.mark.skipif(PLAIN, reason="plain Python does not keep up with real time")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
Run = Callable[..., subprocess.CompletedProcess[str]]

HERE = "test_every_door.py::"
FILES = "test_formats.py::"
SONG = """
rate: 8 kHz
nodes:
  beat: {node: Transport, tempo: 240, sections: "verse: 2, end: 4"}
  notes: {node: Pattern, clock: beat}
  kit: {node: DrumKit, events: notes}
out: kit
"""

OPTIONS = {
    "": {
        "--audio-in": "test_audio_in.py::test_the_command_line_reports_unusable_input",
        "--block": HERE + "test_rate_block_and_seconds_set_the_format_of_a_render",
        "--connect": HERE + "test_connect_names_the_ports_of_jack_to_play_to",
        "--device": "test_cli.py::test_the_null_device_plays_and_reports_its_timing",
        "--file-tempo": HERE + "test_file_tempo_lets_the_file_drive_the_transport",
        "--from": HERE + "test_from_and_to_play_a_part_of_a_song",
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_cli.py::test_a_render_reports_what_it_writes",
        "--bits": FILES + "test_a_render_ends_with_its_levels_and_takes_bits_and_gain",
        "--gain": FILES + "test_a_render_ends_with_its_levels_and_takes_bits_and_gain",
        "--normalize": FILES + "test_normalizing_reaches_a_loudness_or_the_ceiling",
        "--plot": FILES + "test_a_render_is_drawn",
        "--latency": HERE + "test_a_latency_is_refused_by_a_device_without_one",
        "--learn": "test_learn.py::test_learning_ends_after_the_requested_seconds",
        "--midi": HERE + "test_a_midi_file_is_played_and_both_recordings_are_written",
        "--midi-out": HERE + "test_midi_ports_and_thru_are_opened_or_reported_missing",
        "--midi-in": HERE + "test_midi_ports_and_thru_are_opened_or_reported_missing",
        "--no-link": "test_link.py::test_joining_the_network_is_said_and_prevented",
        "--nodes": "test_cli.py::test_user_nodes_work_like_bundled_ones",
        "--osc": "test_presets_while_playing.py::test_osc_selects_presets_and_keeps_answering",
        "--out": "test_cli.py::test_a_render_reports_what_it_writes",
        "--plain": HERE + "test_a_midi_file_is_played_and_both_recordings_are_written",
        "--preset": "test_presets.py::test_the_command_line_applies_and_saves",
        "--quiet": "test_cli_words.py::test_quiet_prints_only_what_is_wrong",
        "--rate": HERE + "test_rate_block_and_seconds_set_the_format_of_a_render",
        "--reconnect": "test_devices.py::test_with_reconnect_the_sound_returns_with_the_server",
        "--record": HERE + "test_a_midi_file_is_played_and_both_recordings_are_written",
        "--record-midi": HERE + "test_a_midi_file_is_played_and_both_recordings_are_written",
        "--save-preset": "test_presets.py::test_the_command_line_applies_and_saves",
        "--seconds": HERE + "test_rate_block_and_seconds_set_the_format_of_a_render",
        "--set": "test_cli.py::test_set_takes_quantities",
        "--thru": HERE + "test_midi_ports_and_thru_are_opened_or_reported_missing",
        "--to": HERE + "test_from_and_to_play_a_part_of_a_song",
        "--verbose": "test_cli_words.py::test_verbose_ends_with_the_cost_of_the_nodes",
        "--version": "test_cli.py::test_the_version_is_printed_and_python_runs_the_package",
    },
    "analyze": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_analysis.py::test_the_command_measures_files_and_names_what_it_cannot_read",
        "--plot": "test_analysis.py::test_the_command_draws_a_file",
    },
    "bench": {
        "--block": HERE + "test_bench_takes_a_rate_a_block_and_nodes",
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_cli.py::test_bench_prints_the_cost_of_each_node",
        "--nodes": HERE + "test_bench_takes_a_rate_a_block_and_nodes",
        "--rate": HERE + "test_bench_takes_a_rate_a_block_and_nodes",
        "--seconds": "test_cli.py::test_bench_prints_the_cost_of_each_node",
    },
    "check": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_cli.py::test_check_finds_errors_without_playing",
        "--nodes": HERE + "test_check_and_show_find_nodes_in_a_file",
    },
    "completion": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_cli_words.py::test_completion_and_schema_as_json",
    },
    "convert": {
        "--bits": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--channels": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--from": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--gain": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--normalize": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--rate": FILES + "test_converting_changes_rate_width_size_part_and_level",
        "--to": FILES + "test_converting_changes_rate_width_size_part_and_level",
    },
    "devices": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_doctor.py::test_devices_as_json_has_everything_that_device_takes",
    },
    "doctor": {
        "--compile": HERE + "test_doctor_compiles_all_nodes",
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_doctor.py::test_doctor_reports_everything_and_exits_with_0_if_it_can_play",
        "--seconds": "test_doctor.py::test_doctor_reports_everything_and_exits_with_0_if_it_can_play",
    },
    "nodes": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_catalog.py::test_the_command_line_documents_nodes",
        "--nodes": "test_catalog.py::test_the_command_line_documents_nodes",
    },
    "patches": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_cli_words.py::test_patches_lists_description_inputs_and_presets",
    },
    "schema": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_cli_words.py::test_completion_and_schema_as_json",
        "--nodes": "test_catalog.py::test_the_command_line_documents_nodes",
    },
    "show": {
        "--help": HERE + "test_help_of_every_command_names_it",
        "--json": "test_show.py::test_the_command_writes_to_the_working_directory_and_says_where",
        "--nodes": HERE + "test_check_and_show_find_nodes_in_a_file",
        "--out": "test_cli.py::test_out_is_short_and_long_and_a_rate_has_a_unit",
    },
}
"""The test that drives each option, by command ("" is `graphrun PATCH`)."""

PRESSED = {
    "left": ("\x1b[D", "C3 to E5"),
    "right": ("\x1b[C", "C4 to E6"),
    ",": (",", "velocity 70%"),
    ".": (".", "velocity 80%"),
    "down": ("\x1b[B", "dark"),
    "up": ("\x1b[A", "bright"),
    "backspace": ("\x7f", "MUTED"),
    "enter": ("\r", "recording small.wav"),
    "ctrl-r": ("\x12", "patch reloaded"),
    "tab": ("\t", "latched"),
    " ": (" ", "0 of 2"),
    "page-down": ("\x1b[6~", "▸low.q"),
    "page-up": ("\x1b[5~", "▸low.cutoff"),
    "-": ("-", "2800 Hz"),
    "+": ("+", "3000 Hz"),
    "=": ("=", "3215 Hz"),
    "home": ("\x1b[H", "3000 Hz"),
    "ctrl-p": ("\x10\r", "preset 'take_1' with 1 value"),
    "escape": ("\x1b", "press esc again"),
}
"""The bytes of each key, and the text the screen shows afterwards."""

ADDRESSES = {
    "NODE/PORT": "test_osc.py::test_every_input_is_set_by_its_address",
    "get": "test_osc.py::test_get_returns_the_value_of_an_input",
    "note_on": "test_osc.py::test_notes_and_controllers_are_played",
    "note_off": "test_osc.py::test_notes_and_controllers_are_played",
    "control": "test_osc.py::test_notes_and_controllers_are_played",
    "panic": "test_osc.py::test_panic_mute_reload_and_preset",
    "mute": "test_osc.py::test_panic_mute_reload_and_preset",
    "reload": "test_presets_while_playing.py::test_osc_selects_presets_and_keeps_answering",
    "preset": "test_presets_while_playing.py::test_osc_selects_presets_and_keeps_answering",
    "subscribe": "test_osc.py::test_a_subscriber_gets_meters_until_it_unsubscribes",
    "unsubscribe": "test_osc.py::test_a_subscriber_gets_meters_until_it_unsubscribes",
    "list": "test_osc.py::test_list_gives_every_input_with_its_range",
}
"""The test that sends each address in a packet."""


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    with within_seconds(240.0):
        yield


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(PATCH)
    (tmp_path / "song.yaml").write_text(SONG)
    track = mido.MidiTrack([mido.Message("note_on", note=60, velocity=100, time=0)])
    track.append(mido.Message("note_off", note=60, time=240))
    mido.MidiFile(tracks=[track]).save(tmp_path / "song.mid")
    return tmp_path / "small.yaml"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text("nodes:\n  a: {node: Half}\nout: a\n")
    (tmp_path / "mine.py").write_text(
        "from graph import Node, Out, kernel\n\n\nclass Half(Node):\n"
        '    """Gives a half."""\n\n    out = Out(doc="a half")\n\n    @kernel\n'
        "    def process(block):\n        for i in range(block.frames):\n            block.out[i] = 0.5\n"
    )
    return tmp_path / "mine.py"


def source_of(test: str) -> str:
    """The source of a test named in a table; it must exist."""
    file, _, name = test.partition("::")
    (path,) = (ROOT / "tests").rglob(file)
    text = path.read_text(encoding="utf-8")
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert found, f"there is no {test}"
    return ast.get_source_segment(text, found[0]) or ""


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_option_of_a_command_is_driven_by_a_test(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    offered = set(re.findall(r"(?m)^  (?:-\w(?: [A-Z]\S*)?, )?(--[\w-]+)", capsys.readouterr().out))
    assert offered == set(OPTIONS[command])
    for option, test in OPTIONS[command].items():
        assert re.search(rf"[\"' ]{option}[\"' =]", source_of(test)), f"{test} does not drive {option}"


def test_every_key_of_the_view_is_driven_here() -> None:
    assert set(PRESSED) == {*KEYS, "escape"}


def test_every_address_of_osc_is_documented_and_driven_by_a_test() -> None:
    with loads(PATCH).play(device="null") as live, OscServer(live, port=0) as osc:
        known = set(osc._actions)
    assert {"NODE/PORT", *known} == set(ADDRESSES)
    for address, test in ADDRESSES.items():
        assert address == "NODE/PORT" or f"/{address}" in source_of(test), f"{test} does not send /{address}"
        assert address in ("NODE/PORT", "unsubscribe") or f"/{address}" in (server.__doc__ or "")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_of_every_command_names_it(command: str, graphrun: Run) -> None:
    done = graphrun(*command.split(), "--help")
    assert done.returncode == 0
    assert f"graphrun {command}".strip() in done.stdout
    assert done.stderr == ""


def test_rate_block_and_seconds_set_the_format_of_a_render(graphrun: Run, patch: Path) -> None:
    words = ["--out", "a.wav", "--seconds", "0.25", "--rate", "44.1kHz", "--json"]
    small, large = (json.loads(graphrun(patch, *words, "--block", frames).stdout) for frames in (1, 4096))
    assert small["rate"] == 44_100
    assert small["frames"] == large["frames"] == 11_025
    refused = graphrun(patch, *words, "--block", 8_193)
    assert refused.returncode == 1
    assert "block must be 1 to 8192 frames, not 8193" in refused.stderr


def test_from_and_to_play_a_part_of_a_song(graphrun: Run, patch: Path) -> None:
    done = graphrun(patch.with_name("song.yaml"), "--from", "verse", "--to", "3", "--out", "a.wav", "--json")
    assert json.loads(done.stdout)["seconds"] == pytest.approx(1.0, abs=0.01)  # a bar of four beats at 240 bpm


@compiled_only
def test_a_midi_file_is_played_and_both_recordings_are_written(graphrun: Run, patch: Path) -> None:
    words = ["--device", "null", "--seconds", "1.5", "--plain", "--record", "take.wav", "--record-midi", "take.mid"]
    done = graphrun(patch, "--midi", "song.mid", *words)
    assert done.returncode == 0, done.stderr
    assert "Small: the null device" in done.stdout
    assert soundfile.info(patch.with_name("take.wav")).frames > 1_000
    notes = [message.type for message in mido.MidiFile(patch.with_name("take.mid")) if not message.is_meta]
    assert notes == ["note_on", "note_off"]


@compiled_only
def test_connect_names_the_ports_of_jack_to_play_to(graphrun: Run, patch: Path) -> None:
    words = ["--device", "jack", "--rate", "48 kHz", "--seconds", "0.5", "--json"]
    with jack_server(period=256):
        done = graphrun(patch, *words, "--connect", "system:playback_1")
        wrong = graphrun(patch, *words, "--connect", "system:playback_x")
    assert done.returncode == 0, done.stderr
    assert wrong.returncode == 1
    assert "there is no JACK port 'system:playback_x'" in wrong.stderr


def test_a_latency_is_refused_by_a_device_without_one(graphrun: Run, patch: Path) -> None:
    done = graphrun(patch, "--device", "null", "--latency", "5 ms")
    assert done.returncode == 1
    assert "the null device has no latency: remove --latency" in done.stderr


@compiled_only
def test_midi_ports_and_thru_are_opened_or_reported_missing(graphrun: Run, patch: Path) -> None:
    jack = pytest.importorskip("jack")
    with jack_server(period=256):
        with jack.Client("neighbor", no_start_server=True) as client:
            sends, hears = client.midi_outports.register("sends"), client.midi_inports.register("hears")
            joined = set[str]()

            def connected(a: object, b: object, made: bool) -> None:
                if made:
                    joined.update({port.name for port in (a, b)})  # type: ignore[attr-defined]

            client.deactivate()
            client.set_port_connect_callback(connected, only_available=False)
            client.activate()
            words = ["--device", "jack", "--rate", "48 kHz", "--seconds", "1", "--json"]
            done = graphrun(patch, *words, "--midi-in", sends.name, "--midi-out", hears.name)
            assert done.returncode == 0, done.stderr
            assert {sends.name, hears.name} <= joined
        refused = graphrun(patch, "--device", "jack", "--rate", "48 kHz", "--thru")
    assert refused.returncode == 1
    assert "leave out --thru" in refused.stderr
    assert graphrun(patch, "--device", "null", "--seconds", "0.5", "--thru", "--plain").returncode == 0


@compiled_only
def test_bench_takes_a_rate_a_block_and_nodes(graphrun: Run, mine: Path) -> None:
    words = ["--rate", "44.1 kHz", "--block", "32", "--nodes", mine, "--seconds", "0.1", "--json"]
    done = graphrun("bench", mine.with_suffix(".yaml"), *words)
    assert done.returncode == 0, done.stderr
    assert "a" in done.stdout


def test_check_and_show_find_nodes_in_a_file(graphrun: Run, mine: Path) -> None:
    for words in (("check", mine.with_suffix(".yaml")), ("show", mine.with_suffix(".yaml"), "-o", "mine.dot")):
        assert graphrun(*words).returncode == 1
        done = graphrun(*words, "--nodes", mine)
        assert done.returncode == 0, done.stderr


@compiled_only
def test_doctor_compiles_all_nodes(graphrun: Run) -> None:
    done = graphrun("doctor", "--compile", "--seconds", "0.2", "--json")
    assert json.loads(done.stdout), done.stderr


@posix_only
@compiled_only
def test_every_key_does_what_the_view_says(patch: Path) -> None:
    code = "from graph.cli.main import main\nsys.exit(main(['small.yaml', '--device', 'null']))"
    terminal = Terminal(code, patch.parent, width=100, height=30)
    try:
        terminal.until("C4 to E6")
        for letter, step in STEPS.items():
            terminal.type(letter)
            terminal.until(f"{note_name(60 + step)} 80%")
        for name, (sent, shown) in PRESSED.items():
            terminal.raw = ""
            terminal.type(sent)
            terminal.until(shown)
            if name == "up":  # the two presets wrap around
                terminal.until("bright")
        terminal.type("\x1b")
        assert terminal.end() == 0
    finally:
        terminal.close()


def test_file_tempo_lets_the_file_drive_the_transport(graphrun: Any, tmp_path: Path) -> None:
    import mido

    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90))])
    track += [mido.Message("note_on", note=60, time=0), mido.Message("note_off", note=60, time=480)]
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(tmp_path / "song.mid")
    (tmp_path / "p.yaml").write_text(
        "nodes: {beat: {node: Transport, tempo: 120}, keys: {node: MidiIn}, "
        "drums: {node: Pattern, clock: beat}, kit: {node: DrumKit, events: drums}}\nout: kit\n"
    )
    words = ("p.yaml", "--midi", "song.mid", "--out", "x.wav", "--seconds", "1", "--json")
    said = [json.loads(graphrun(*words, *more).stdout)["warnings"] for more in ([], ["--file-tempo"])]
    differ = [any("90" in line and "120" in line for line in lines) for lines in said]
    assert differ == [True, False], said
