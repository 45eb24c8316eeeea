from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import ROOT

from graph.cli import main as cli
from graph.cli.run import main
from graph.devices.choose import card_library
from graph.errors import NoDeviceError
from graph.native.functions import PLAIN

Run = Callable[..., "subprocess.CompletedProcess[str]"]

compiled_only = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

TONE = """
nodes:
  osc: {node: Sine, freq: 1 kHz}
  amp: {node: Gain, audio: osc, gain: 50%}
out: amp
"""


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.yaml"
    path.write_text(TONE)
    return path


def test_a_render_reports_what_it_writes(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    done = graphrun(tone, "--seconds", "0.5", "--out", "a.wav", "--rate", "44100", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    audio, rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert (said["frames"], said["channels"], said["rate"]) == (len(audio), audio.shape[1], rate) == (22_050, 1, 44_100)
    assert said["peak"] == pytest.approx(np.abs(audio).max(), abs=1e-6)
    assert said["seconds"] == 0.5
    assert said["wall_seconds"] > 0
    assert said["times_real_time"] > 0
    assert (said["nodes"], said["notes"], said["warnings"]) == (2, 0, [])
    assert done.stderr == ""


def test_two_renders_give_the_same_bytes(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav", "a.flac", "b.flac"):
        assert graphrun(tone, "--seconds", "0.3", "--out", name).returncode == 0
        time.sleep(0.6)  # libsndfile's PEAK chunk would hold the time
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()


def test_without_a_device_it_says_so_and_writes_a_file(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    try:
        if any(card.outputs for card in card_library().cards()):
            pytest.skip("this machine has an audio output, so the patch would be played")
    except NoDeviceError:
        pass
    no_server = {"JACK_DEFAULT_SERVER": "none", "JACK_NO_START_SERVER": "1"}
    done = graphrun(tone, "--seconds", "0.1", env=no_server)
    assert "rendering to tone.wav instead" in done.stderr
    assert (tmp_path / "tone.wav").exists()


def test_a_fallback_render_does_not_overwrite_an_existing_file(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(*_: object) -> int:
        raise NoDeviceError("there is no audio output here")

    monkeypatch.setattr("graph.cli.play.play", silent)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tone.wav").write_text("a take")
    for name in ("tone-2.wav", "tone-3.wav"):
        assert main([str(tone), "--seconds", "0.1"]) == 0
        assert f"rendering to {name} instead" in capsys.readouterr().err
        assert (tmp_path / name).exists()
    assert (tmp_path / "tone.wav").read_text() == "a take"


def test_a_peak_above_full_scale_gives_a_warning_with_advice(graphrun: Run, tone: Path) -> None:
    for name, word in (("a.wav", "a 16- or 24-bit device clips it"), ("a.flac", ".flac clips it")):
        done = graphrun(tone, "--seconds", "0.1", "--set", "amp.gain=1.07", "-o", name)
        assert done.stderr.startswith(f"warning: the peak of 1.07 is above full scale: {word}; lower"), done.stderr
        assert "lower the output level or add a Limiter" in done.stderr


def test_music_that_does_not_decay_is_cut_with_a_message(graphrun: Run, tmp_path: Path) -> None:
    song = "  beat: {node: Transport, tempo: 240, sections: 'end: 2'}\n"
    (tmp_path / "drone.yaml").write_text(TONE.replace("nodes:\n", f"nodes:\n{song}").replace("50%", "beat.section"))
    done = graphrun("drone.yaml", "-o", "a.wav", "--rate", "8000")
    assert "music ends at 1." in done.stderr, done.stderr
    assert "it was cut 30 s later; give a length, such as --seconds " in done.stderr
    (tmp_path / "tone.yaml").write_text(TONE)
    assert graphrun("tone.yaml", "-o", "a.wav", "--rate", "8000").stderr == ""  # it has no end


def test_an_empty_midi_recording_says_that_nothing_was_received(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    words = (tone, "--device", "null", "--seconds", "0.3", "--record-midi", "take.mid")
    done = graphrun(*words)
    assert done.returncode == 0
    assert done.stderr == "no MIDI arrived: take.mid is empty\n"
    assert (tmp_path / "take.mid").exists()
    said = json.loads(graphrun(*words, "--json").stdout)["warnings"]
    assert said == ["take.mid exists: recording to take-2.mid", "no MIDI arrived: take-2.mid is empty"]


def test_a_count_of_one_is_singular(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("nodes:\n  a: {node: Sine}\nout: a\n")
    said = graphrun("a.yaml", "--seconds", "0.1", "-o", "a.wav").stdout
    assert "1 channel at" in said
    assert "1 node, " in said
    assert graphrun("a.yaml", "--set", "a.freq=2", "--save-preset", "low", "a.yaml").stdout.endswith("with 1 value\n")


def test_set_takes_quantities(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    done = graphrun(tone, "--seconds", "0.5", "--out", "a.wav", "--set", "osc.freq=0.25kHz", "--set", "amp.gain=-12 dB")
    assert done.returncode == 0, done.stderr
    audio, rate = soundfile.read(tmp_path / "a.wav")
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    assert np.argmax(spectrum) * rate / len(audio) == pytest.approx(250, abs=1)
    assert np.abs(audio).max() == pytest.approx(10 ** (-12 / 20), rel=1e-3)


def test_user_nodes_work_like_bundled_ones(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from graph import In, Node, Out, per_sample\n\n"
        "class Square(Node):\n"
        '    """The sign of a signal."""\n'
        "    audio = In(doc='in')\n    out = Out(doc='sign')\n\n"
        "    @per_sample\n    def process(audio):\n        return 1.0 if audio > 0 else -1.0\n"
    )
    (tmp_path / "p.yaml").write_text("nodes:\n  a: {node: Sine, freq: 100 Hz}\n  b: {node: Square, audio: a}\nout: b\n")
    done = graphrun("p.yaml", "--nodes", "mine.py", "--seconds", "0.1", "--out", "a.wav")
    assert done.returncode == 0, done.stderr
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert set(np.unique(audio)) == {-1.0, 1.0}


BROKEN = {
    "unknown node": ("{node: Saww}", "no node class 'Saww'. Did you mean 'Saw'?"),
    "unknown port": ("{node: Saw, freqq: 3}", "Did you mean 'freq'?"),
    "unknown unit": ("{node: Saw, freq: 3 Herz}", "Herz"),
    "out of range": ("{node: Saw, freq: 300 kHz}", ".. 20000 Hz"),
    "not finite": ("{node: Saw, freq: 1e999}", "1e999"),
    "not a number": ("{node: Saw, freq: .nan}", "nan"),
    "cycle": ("{node: Gain, audio: a}", "cycle"),
    "no voices": ("{node: VoiceAllocator, polyphony: 0}", "polyphony"),
    "too many voices": ("{node: VoiceAllocator, polyphony: 10000}", "10000"),
    "voices into the output": ("{node: VoiceAllocator, polyphony: 4}", "insert a Mix"),
}


@pytest.mark.parametrize("word", BROKEN)
def test_a_broken_patch_gives_one_message_with_its_position(word: str, graphrun: Run, tmp_path: Path) -> None:
    value, message = BROKEN[word]
    (tmp_path / "p.yaml").write_text(f"nodes:\n  a: {value}\nout: a\n")
    done = graphrun("p.yaml", "--out", "a.wav", "--seconds", "1")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "p.yaml:" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["p.yaml"]


def test_a_width_mismatch_names_both_cables(graphrun: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "nodes:\n  a: {node: VoiceAllocator, polyphony: 4}\n  b: {node: VoiceAllocator, polyphony: 3}\n"
        "  c: {node: Mix, audio: a.gate + b.gate}\nout: c\n"
    )
    done = graphrun("p.yaml")
    assert done.returncode == 1
    assert "4 voices from a.gate and 3 from b.gate" in done.stderr


def test_files_of_the_wrong_kind_are_named(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.mid").write_bytes(b"")
    (tmp_path / "text.mid").write_text("this is no song")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    for words, message in [
        (("nowhere.yaml",), "no such patch"),
        ((".",), "folder"),
        (("binary.yaml",), "binary.yaml"),
        ((tone, "--midi", "nowhere.mid"), "nowhere.mid"),
        ((tone, "--midi", "."), "folder"),
        ((tone, "--midi", "empty.mid"), "empty.mid"),
        ((tone, "--midi", "text.mid"), "text.mid"),
        ((tone, "--out", "a.xyz"), "suffix"),
        ((tone, "--out", "nowhere/a.wav"), "directory nowhere does not exist"),
        ((tone, "--rate", "12"), "sample rate"),
        ((tone, "--block", "0"), "1 to 8192"),
        ((tone, "--nodes", "nowhere.py"), "nowhere.py"),
        ((tone, "--set", "osc.freq=fast"), "fast"),
        ((tone, "--set", "oscc.freq=2"), "Did you mean 'osc'"),
        ((tone, "--set", "amp.audio=2"), "driven by osc.out"),
    ]:
        done = graphrun(*words)
        assert done.returncode == 1, (words, done.stderr)
        assert message in done.stderr, (words, done.stderr)
        assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.wav"))


def test_a_patch_of_200_megabytes_is_refused(graphrun: Run, tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(200_000_000)
    done = graphrun("huge.yaml")
    assert done.returncode == 1
    assert "10 MB" in done.stderr


def test_an_alias_bomb_is_refused(graphrun: Run, tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines) + "\n")
    done = graphrun("bomb.yaml")
    assert done.returncode == 1
    assert "alias" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_errors_end_with_2(graphrun: Run) -> None:
    for words in (("--seconds", "-1", "x"), ("a", "b"), ("a", "--set", "nothing"), ("check",)):
        assert graphrun(*words).returncode == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--seconds", "-1", "x"), "graphrun: argument -t/--seconds: expected a number above 0, got '-1'"),
        (("--rate", "fast", "x"), "graphrun: argument -r/--rate: expected a number, got 'fast'"),
        (("check",), "graphrun check: give a PATCH, or --nodes FILE.py"),
        (("doctor", "--seconds", "0"), "graphrun doctor: --seconds must be from 0.1 to 600"),
        (("show", "a", "b"), "graphrun show: unrecognized arguments: b"),
    ],
)
def test_a_usage_error_is_one_sentence_and_a_pointer_to_help(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    command = message.partition(":")[0]
    assert capsys.readouterr().err == f"{message}\n{command} --help shows all options\n"


def test_a_mistyped_command_gets_the_closest_match(capsys: pytest.CaptureFixture[str]) -> None:
    for word, meant in (("chekc", "check"), ("dcotor", "doctor"), ("device", "devices"), ("Show", "show")):
        assert cli.main([word, "x.yaml"]) == 2
        assert capsys.readouterr().err == f"there is no command '{word}'. Did you mean `graphrun {meant}`?\n"
    assert cli.main(["noen"]) == 1  # a patch, rather
    assert "Did you mean 'neon'" in capsys.readouterr().err


def test_the_version_is_printed_and_python_runs_the_package() -> None:
    words = [sys.executable, "-m", "graph", "--version"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("graphrun")


def test_out_is_short_and_long_and_a_rate_has_a_unit(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for rate, option in (("44.1kHz", "-o"), ("44.1 kHz", "--out"), ("44100 Hz", "-o")):
        assert cli.main([str(tone), "--seconds", "0.1", option, "a.wav", "--rate", rate]) == 0
        assert soundfile.info("a.wav").samplerate == 44_100
    for option, name in (("-o", "a.mmd"), ("--out", "b.mmd")):
        assert cli.main(["show", str(tone), option, name]) == 0
    assert (tmp_path / "a.mmd").read_text() == (tmp_path / "b.mmd").read_text()


def test_a_midi_or_audio_file_in_place_of_a_patch_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mid").write_bytes(b"MThd")
    for name, advice in (("a.mid", "graphrun PATCH --midi"), ("b.wav", "{node: Sampler, file: ")):
        assert cli.main([str(tmp_path / name)]) == 1
        assert advice in capsys.readouterr().err


def test_check_finds_errors_without_playing(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("nodes:\n  a: {node: Saw, freq: 10 ms}\nout: b\n")
    done = graphrun("check", tone, "bad.yaml")
    assert done.returncode == 1
    assert "tone.yaml: 2 nodes, no errors" in done.stdout
    assert "bad.yaml:2:" in done.stderr
    assert "bad.yaml:3:" in done.stderr
    report = json.loads(graphrun("check", tone, "bad.yaml", "--json").stdout)
    assert [len(entry["problems"]) for entry in report] == [0, 2]


@compiled_only
def test_a_warm_start_imports_neither_numba_nor_scipy(tmp_path: Path, tone: Path) -> None:
    code = "import sys; from graph.cli.main import main; status = main(sys.argv[1:]); "
    code += "print('numba' in sys.modules or 'scipy' in sys.modules, status)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    render = ("--seconds", "0.1", "--out", "a.wav")
    for words in ((str(tone), *render), ("first_light", *render), ("neon", *render), ("check", str(tone), "neon")):
        for _ in range(2):  # the first may compile, in a worker
            done = subprocess.run(
                [sys.executable, "-c", code, *words],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        assert done.stdout.split()[-2:] == ["False", "0"], done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_render_leaves_no_file(number: int, status: int, tone: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "graph.cli.main", str(tone), "--seconds", "80000", "--out", "long.wav"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".long.wav.*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(number)
    try:
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == status
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["tone.yaml"]


def test_the_null_device_plays_and_reports_its_timing(graphrun: Run, tone: Path, tmp_path: Path) -> None:
    done = graphrun(tone, "--device", "null", "--seconds", "0.3", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert 150 < said["blocks"] < 600  # 225, if the machine has nothing else to do
    assert said["peak"] == pytest.approx(0.5, abs=1e-3)
    assert not list(tmp_path.glob("*.wav"))


@compiled_only
def test_bench_prints_the_cost_of_each_node(graphrun: Run) -> None:
    done = graphrun("bench", "neon", "--seconds", "0.2")
    assert done.returncode == 0, done.stderr
    assert "times real time at 48000 Hz" in done.stdout
    assert "hall" in done.stdout
    said = json.loads(graphrun("bench", "neon", "--seconds", "0.2", "--json").stdout)
    assert said["times_real_time"] > 1
    assert sum(said["nodes"].values()) == pytest.approx(said["load"] / said["rate"] * 1e9, rel=0.01)
