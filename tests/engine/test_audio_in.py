"""Audio input: sample-accurate through every device, and from a file in a render."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import PROGRAMS, answer, ask, missing, need_portaudio, running
from jack_server import jack_server

from graph import AudioFileError, DeviceError, Graph, GraphError, PatchError
from graph.devices.choose import choose
from graph.devices.options import PlayOptions
from graph.engine.engine import Engine
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.play.outside import inputs_of
from nodes import AudioIn, Sine

try:
    import jack
except (ImportError, OSError):
    jack = None  # type: ignore[assignment]

native = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
RANDOM = np.random.default_rng(4)
MONO = "nodes:\n  osc: {node: Sine}\nout: osc\n"
PASS = "nodes:\n  in: {node: AudioIn, width: 2}\nout: in\n"


def noise(frames: int, inputs: int = 3) -> np.ndarray[Any, Any]:
    return RANDOM.uniform(-1, 1, (frames, inputs)).astype(np.float32)


@pytest.mark.parametrize("frames", [64, 256, 640])
def test_input_in_whole_blocks_has_no_delay(frames: int) -> None:
    audio = noise(1_280)
    engine = Engine(Graph(AudioIn(first=2, width=2)))
    out = [engine.render(frames, audio[start : start + frames]) for start in range(0, 1_280, frames)]
    np.testing.assert_array_equal(np.concatenate(out), audio[:, 1:])


@pytest.mark.parametrize("frames", [1, 37, 63, 65, 100, 1_000])
def test_input_of_other_lengths_is_a_block_late_and_complete(frames: int) -> None:
    audio = noise(1_300)
    engine = Engine(Graph(AudioIn(width=2)))
    out = [engine.render(len(part), part) for part in np.split(audio, range(frames, 1_300, frames))]
    sound = np.concatenate(out)
    assert not sound[:64].any()
    np.testing.assert_array_equal(sound[64:], audio[:-64, :2])


def test_a_change_to_odd_request_lengths_costs_one_block_once() -> None:
    audio = noise(6_400)
    engine = Engine(Graph(AudioIn()))
    lengths = [64] * 10 + [100] * 57
    parts = np.split(audio[: sum(lengths)], np.cumsum(lengths)[:-1])
    sound = np.concatenate([engine.render(len(part), part) for part in parts])[:, 0]
    np.testing.assert_array_equal(sound[:704], audio[:704, 0])
    np.testing.assert_array_equal(sound[704:], audio[640 : len(sound) - 64, 0])


def test_inputs_that_the_device_does_not_have_are_silent() -> None:
    engine = Engine(Graph(AudioIn(first=2, width=2)))
    out = engine.render(128, noise(128, 2))
    assert out[:, 0].any()
    assert not out[:, 1].any()


def test_input_that_stops_becomes_silence() -> None:
    engine = Engine(Graph(AudioIn()))
    assert engine.render(128, noise(128)).any()
    assert not engine.render(128).any()


def test_non_finite_input_becomes_silence_and_mutes_no_node() -> None:
    engine = Engine(Graph(AudioIn()))
    bad = np.full((256, 1), np.nan, np.float32)
    bad[7], bad[9] = np.inf, 1e30
    for _ in range(4):
        assert not engine.render(256, bad).any()
    assert not engine.faults()
    audio = noise(256, 1)
    np.testing.assert_array_equal(engine.render(256, audio), audio)


def test_a_new_device_does_not_receive_old_input() -> None:
    engine = Engine(Graph(AudioIn()))
    engine.render(100, noise(100))
    engine.render(28, noise(28))
    engine.reset_input()
    audio = noise(256)
    np.testing.assert_array_equal(engine.render(256, audio)[:, 0], audio[:, 0])


def test_a_ninth_input_is_refused_when_the_patch_is_read() -> None:
    with pytest.raises(PatchError, match=r"in.first: input 9 is past the last, 8"):
        loads(PASS.replace("width: 2", "first: 8, width: 2"))


def test_input_passes_through_a_swap_without_a_gap() -> None:
    audio = noise(6_400)
    engine = Engine(Graph(AudioIn(name="in")))
    before = engine.render(640, audio[:640])
    engine.swap(Graph(AudioIn(name="in")))
    after = engine.render(5_760, audio[640:])
    np.testing.assert_array_equal(np.concatenate([before, after])[:, 0], audio[:, 0])


def test_a_render_reads_an_input_array_from_its_first_frame() -> None:
    audio = noise(50_001, 2)
    sound = loads(PASS).render(seconds=2, audio_in=audio)
    np.testing.assert_array_equal(sound[:50_001], audio)
    assert not sound[50_001:].any()


def test_a_render_reads_an_input_file_and_ends_after_it(tmp_path: Path) -> None:
    audio = noise(30_000, 2)
    soundfile.write(tmp_path / "voice.wav", audio, 48_000, subtype="FLOAT")
    sound = loads(PASS).render(audio_in=tmp_path / "voice.wav")
    np.testing.assert_array_equal(sound[:30_000], audio)
    assert len(sound) == pytest.approx(30_000 + 2 * 48_000, abs=1)


def test_a_file_of_another_rate_keeps_its_pitch(tmp_path: Path) -> None:
    time = np.arange(44_100) / 44_100
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 1_000 * time), 44_100)
    sound = Graph(AudioIn()).render(seconds=1, audio_in=tmp_path / "a.wav", rate=48_000)
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(48_000)))
    assert np.argmax(spectrum) == 1_000


def test_unusable_input_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioFileError, match="cannot be read as audio"):
        loads(PASS).render(seconds=1, audio_in=tmp_path / "text.wav")
    with pytest.raises(AudioFileError, match="no such file"):
        loads(PASS).render(seconds=1, audio_in="nowhere.wav")
    for bad in (np.full((10, 1), np.nan), np.zeros((10, 9)), np.zeros((10, 2, 2))):
        with pytest.raises(GraphError, match="audio_in must be finite"):
            loads(PASS).render(seconds=1, audio_in=bad.astype(np.float32))
    with pytest.raises(GraphError, match="at least 128 frames"):
        Engine(Graph(AudioIn())).render(128, noise(100))


def test_a_graph_requests_the_inputs_it_reads() -> None:
    assert inputs_of(Graph(Sine())) == 0
    assert inputs_of(Graph(AudioIn())) == 1
    assert inputs_of(Graph(AudioIn(first=3, width=2) + AudioIn())) == 4
    assert inputs_of(Graph(AudioIn(first=8))) == 8


@native
def test_the_command_line_reports_unusable_input(graphrun: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "pass.yaml").write_text(PASS)
    soundfile.write(tmp_path / "voice.wav", noise(4_800, 1), 48_000)
    done = graphrun("pass.yaml", "--out", "x.wav", "--seconds", 1)
    assert "has no audio input for 'in': play an audio file into it with --audio-in FILE" in done.stderr
    done = graphrun("pass.yaml", "--out", "x.wav", "--seconds", 1, "--audio-in", "voice.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert soundfile.info(tmp_path / "x.wav").frames == 48_000
    done = graphrun("first_light", "--out", "x.wav", "--seconds", 1, "--audio-in", "voice.wav")
    assert "the audio file has no effect: this patch has no AudioIn" in done.stderr
    done = graphrun("first_light", "--device", "null", "--seconds", 1, "--audio-in", "voice.wav")
    assert (done.returncode, "the patch has no AudioIn node" in done.stderr) == (1, True)
    done = graphrun("pass.yaml", "--device", "null", "--seconds", 1, "--audio-in", "voice.wav")
    assert (done.returncode, "the null device has no audio input" in done.stderr) == (1, True)


def test_a_missing_input_device_is_named(graphrun: Callable[..., Any], tmp_path: Path) -> None:
    need_portaudio()
    (tmp_path / "pass.yaml").write_text(PASS)
    done = graphrun("pass.yaml", "--seconds", 1, "--audio-in", "2", env={"JACK_DEFAULT_SERVER": "none"})
    assert (done.returncode, "no audio output" in done.stderr or "input '2'" in done.stderr) == (1, True)


def test_the_null_device_has_silent_input() -> None:
    with pytest.raises(DeviceError, match="has no audio input"):
        choose(PlayOptions("null", audio_in=["1"]), inputs=1)
    with pytest.raises(DeviceError, match="has no AudioIn"):
        choose(PlayOptions("null", audio_in=["1"]))


@native
@pytest.mark.parametrize(("device", "period", "late"), [("jack", 128, 0), ("jack", 100, 64), ("system", 128, 0)])
def test_another_jack_clients_output_passes_through_bit_exact_without_delay(
    device: str, period: int, late: int, tmp_path: Path
) -> None:
    """Records the source directly and through a patch, side by side."""
    if jack is None:
        missing("JACK-Client and JACK's library")
    (tmp_path / "pass.yaml").write_text(PASS)
    target = tmp_path / "heard.npy"
    ins = ["graphrun:in_1", "graphrun:in_2"] if device == "jack" else ["PortAudio:in_0", "PortAudio:in_1"]
    with (
        jack_server(period=period),
        running(PROGRAMS / "player.py", device, tmp_path / "pass.yaml") as player,
    ):
        answer(player)
        with running(PROGRAMS / "jack_mouth.py", *ins) as mouth:
            assert answer(mouth) == "ready\n"
            with running(PROGRAMS / "jack_ear.py", target, 48_000, "freewheel") as ear:
                assert answer(ear) == "ready\n"
                answer(ear)
        ask(player)
    heard = np.load(target)
    through, direct = heard[late:, :2], heard[: len(heard) - late, 2:]
    assert np.abs(direct).max() > 0.4
    np.testing.assert_array_equal(through[1_000:], direct[1_000:])


@native
def test_a_patch_of_one_channel_goes_to_as_many_ports_as_are_named() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256):
        ear = jack.Client("many", no_start_server=True)
        ports = [ear.inports.register(f"in_{n}") for n in range(3)]
        with ear, loads(MONO).play(device="jack", connect=[port.name for port in ports]):
            assert [len(port.connections) for port in ports] == [1, 1, 1]
        ear.close()
        with pytest.raises(DeviceError, match="names 3 ports, but the patch has 2 channels"):
            loads(PASS).play(device="jack", connect=["a", "b", "c"])


@native
def test_a_missing_jack_port_is_named_with_those_available() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256), pytest.raises(DeviceError, match=r"'system:capture_9'.* There are: .*capture_1"):
        loads(PASS).play(device="jack", audio_in=["system:capture_9"])


@native
def test_portaudio_names_an_unusable_input(graphrun: Callable[..., Any], tmp_path: Path) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    (tmp_path / "pass.yaml").write_text(PASS)
    (tmp_path / "third.yaml").write_text(PASS.replace("width: 2", "first: 3, width: 2"))
    words = "--device", "system", "--seconds", "0.5", "--json", "--audio-in"
    with jack_server(period=256):
        wrong = graphrun("pass.yaml", *words, "mikrofon")
        two = graphrun("pass.yaml", *words, "system", "--audio-in", "other")
        third = graphrun("third.yaml", *words, "system")
    assert wrong.returncode == 1
    assert "there is no input 'mikrofon'" in wrong.stderr
    assert re.search(r"There are: .*\bsystem\b", wrong.stderr), wrong.stderr  # ALSA's plug-ins, where installed, too
    assert two.returncode == 1
    assert "--audio-in takes one device here" in two.stderr
    assert third.returncode == 0
    assert json.loads(third.stdout)["warnings"] == ["system has 2 inputs: higher AudioIn channels are silent"]


@native
def test_a_reload_that_needs_more_inputs_says_that_the_device_must_be_reopened() -> None:
    silent = PASS.replace("{node: AudioIn, width: 2}", "{node: Join, left: 0, right: 0}")
    with loads(silent).play(device="null") as live:
        live.swap(loads(PASS))
        assert any("restart to add inputs" in news for news in live.messages)
