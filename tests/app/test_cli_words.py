"""The words of the command line: short forms, quiet and verbose, old options, and the screen without any."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
import soundfile
from conftest import ROOT
from small_patch import PATCH

from graph.native.functions import PLAIN

pytestmark = [pytest.mark.usefixtures("time_limit"), pytest.mark.skipif(PLAIN, reason="too slow in plain Python")]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    file = tmp_path / "p.yaml"
    file.write_text(PATCH)
    return file


def test_short_options_are_the_long_ones(graphrun: Run, patch: Path, tmp_path: Path) -> None:
    done = graphrun(patch, "-t", "0.5", "-r", "16kHz", "-o", "x.wav")
    assert done.returncode == 0, done.stderr
    assert soundfile.info(tmp_path / "x.wav").samplerate == 16_000
    assert soundfile.info(tmp_path / "x.wav").frames == 8_000
    played = json.loads(graphrun(patch, "-d", "null", "-t", "0.2", "--json").stdout)
    assert played["device"] == "the null device"


def test_quiet_prints_only_what_is_wrong(graphrun: Run, patch: Path) -> None:
    done = graphrun(patch, "-q", "-t", "0.2", "-o", "x.wav")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "warning: Small has no MIDI input for 'keys': play a MIDI file with --midi FILE\n"
    played = graphrun(patch, "--quiet", "--device", "null", "-t", "0.2")
    assert (played.returncode, played.stdout, played.stderr) == (0, "", "")


def test_verbose_ends_with_the_cost_of_the_nodes(graphrun: Run, patch: Path) -> None:
    for words in (["-o", "x.wav", "-t", "2"], ["--device", "null", "--plain", "-t", "1"]):
        done = graphrun(patch, "--verbose", *words)
        assert done.returncode == 0, done.stderr
        shares = [line.split() for line in done.stdout.splitlines() if "%  " in line]
        assert {name for _, name in shares} <= {
            "keys",
            "voices",
            "tone",
            "low",
            "multiply",
            "sum",
            "spread",
        }  # the plan inserts the last, the expression the one before `sum`
        assert len(shares) >= 2
        assert 94 < sum(float(share.removesuffix("%")) for share, _ in shares) < 100.5
    report = json.loads(graphrun(patch, "-v", "-o", "x.wav", "-t", "2", "--json").stdout)
    assert sum(report["cpu_by_node"].values()) == pytest.approx(1, abs=0.01)


def test_quiet_and_verbose_exclude_each_other(graphrun: Run, patch: Path) -> None:
    done = graphrun(patch, "-q", "-v")
    assert done.returncode == 2
    assert "not allowed with argument -q/--quiet" in done.stderr


@pytest.mark.parametrize("words", [["--midi-port", "x"], ["--midi-port=x"]])
def test_an_old_option_is_answered_with_the_new_one(graphrun: Run, patch: Path, words: list[str]) -> None:
    done = graphrun(patch, *words)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "graphrun: '--midi-port' is now '--midi-in'"


def test_without_words_a_screen_shows_the_first_commands(graphrun: Run) -> None:
    done = graphrun()
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_every_command_of_that_screen_runs(graphrun: Run, tmp_path: Path, patch: Path) -> None:
    track = mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)])
    mido.MidiFile(tracks=[track]).save(tmp_path / "song.mid")
    patch.rename(tmp_path / "my_patch.yaml")
    commands = [line[2:44] for line in graphrun().stdout.splitlines() if line.startswith("  graphrun ")]
    assert len(commands) == 12
    for command in commands:
        words = shlex.split(command)[1:]
        if words[0] in ("first_light", "neon", "house"):
            words += ["--seconds", "0.5"]
            words += [] if "--out" in words else ["--device", "null"]
        words += ["--seconds", "0.2"] if words[0] == "doctor" else []
        done = graphrun(*words)
        assert done.returncode in ((0, 1) if words[0] == "doctor" else (0,)), (command, done.stderr)
        assert "usage" not in done.stderr


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("play neon", "to play a patch, type `graphrun neon`"),
        ("run neon --seconds 3", "to play a patch, type `graphrun neon --seconds 3`"),
        ("play", "to play a patch, type `graphrun PATCH`"),
        ("render neon", "to render a patch, type `graphrun neon --out neon.wav`"),
        ("list", "to list the bundled patches, type `graphrun patches`"),
        ("neon song.mid", "to play a MIDI file through a patch, type `graphrun neon --midi song.mid`"),
        ("neon x.flac", "to render to a file, type `graphrun neon --out x.flac`"),
        ("neon song.mp3", "to render to a file, type `graphrun neon --out song.mp3`"),
        ("house --bpm 90", "to set the tempo, type `graphrun house --set beat.tempo=90bpm`"),
        ("house --tempo=90bpm", "to set the tempo, type `graphrun house --set beat.tempo=90bpm`"),
        ("p.yaml --bpm 90", "--bpm: p.yaml has no Transport, so its tempo cannot be set"),
        ("version", "to see the version, type `graphrun --version`"),
        ("chekc x", "there is no command 'chekc'. Did you mean `graphrun check`?"),
    ],
)
def test_words_of_other_programs_are_answered_with_the_command_to_type(
    graphrun: Run, patch: Path, words: str, answer: str
) -> None:
    done = graphrun(*words.split())
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{answer}\n")
    assert patch.exists()


def test_a_patch_named_like_such_a_word_plays(graphrun: Run, patch: Path) -> None:
    patch.rename(patch.with_name("play"))
    done = graphrun("play", "--out", "x.wav", "-t", "0.2")
    assert done.returncode == 0, done.stderr


def test_help_explains_a_command(graphrun: Run) -> None:
    assert graphrun("help", "check").stdout == graphrun("check", "--help").stdout
    assert graphrun("help").stdout == graphrun("--help").stdout
    wrong = graphrun("help", "chekc")
    assert wrong.returncode == 2
    assert "there is no command 'chekc'" in wrong.stderr


def test_patches_lists_description_inputs_and_presets(graphrun: Run) -> None:
    found = {each["patch"]: each for each in json.loads(graphrun("patches", "--json").stdout)}
    assert len(found) >= 39
    assert all(each["about"].endswith((".", "?", "!")) for each in found.values())
    assert found["neon"]["hears"] == ["midi"]
    assert found["valve_amp"]["hears"] == ["audio"]
    assert found["valve_amp"]["presets"] == ["clean", "surf", "lead"]
    text = graphrun("patches").stdout
    assert all(line.startswith((*found, " " * 18)) for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ni", ["night_bus"]),
        ("che", ["check"]),
        ("valve_amp --preset ", ["clean", "lead", "surf"]),
        ("neon --reco", ["--reconnect", "--record", "--record-midi"]),
        ("house --set pump.de", ["pump.depth="]),
        ("nodes LowP", ["LowPass"]),
        ("check neo", ["neon"]),
        ("neon --device nu", ["null"]),
        ("completion ba", ["bash"]),
        ("neon --bits 1", ["16"]),
        ("nosuch --preset ", [""]),
    ],
)
def test_the_shell_receives_completion_candidates(graphrun: Run, line: str, wanted: list[str]) -> None:
    done = graphrun("complete", "--", *line.split(" "))
    assert (done.returncode, done.stdout.splitlines() or [""], done.stderr) == (0, wanted, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
@pytest.mark.parametrize(
    ("line", "wanted"), [("graphrun valve_amp --preset ", "clean lead surf"), ("graphrun nodes LowP", "LowPass")]
)
def test_bash_completes(graphrun: Run, line: str, wanted: str) -> None:
    script = graphrun("completion", "bash").stdout
    program = f'graphrun() {{ "{sys.executable}" -m graph.cli.main "$@"; }}\n{script}\nCOMP_LINE="{line}"\n'
    program += "COMP_POINT=${#COMP_LINE}\n_graphrun 2>/dev/null\necho ${COMPREPLY[@]}\n"
    done = subprocess.run(
        ["bash", "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == f"{wanted}\n", done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_script_that_asks_for_the_candidates(graphrun: Run, shell: str) -> None:
    done = graphrun("completion", shell)
    assert done.returncode == 0
    assert "graphrun complete -- " in done.stdout


@pytest.mark.parametrize("name", ["nodes", "patches"])
def test_a_module_of_the_users_that_hides_ours_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("x = 1\n")
    done = subprocess.run(
        [sys.executable, "-m", "graph", "check", "neon" if name == "patches" else ROOT / "patches" / "neon.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"{name}.py hides graphrun's own '{name}': rename it" in done.stderr


def test_a_misspelt_option_is_answered_with_the_right_one(graphrun: Run) -> None:
    done = graphrun("neon", "--recrd", "a.wav")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "graphrun: there is no option '--recrd'. Did you mean '--record'?",
    )
    assert graphrun("bench", "neon", "--bogus").stderr.startswith("graphrun bench: there is no option '--bogus'\n")


def test_completion_and_schema_as_json(graphrun: Run) -> None:
    for shell in ("bash", "zsh", "fish", "powershell"):
        found = json.loads(graphrun("completion", shell, "--json").stdout)
        assert found["shell"] == shell
        assert found["script"] == graphrun("completion", shell).stdout.rstrip("\n")
        assert found["startup_file"]
    line = graphrun("schema", "--json").stdout
    assert line.count("\n") == 1
    assert json.loads(line) == json.loads(graphrun("schema").stdout)
