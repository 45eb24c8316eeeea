"""Devices from the user's point of view: wrong names, wrong rates, dying servers, missing privileges."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, missing, need_portaudio, running
from jack_server import jack_server

from graph import DeviceError, Graph, GraphError, In, Node, Out, kernel, load, per_sample
from graph.devices.cards import Card
from graph.devices.choose import choose
from graph.devices.null import NullDevice
from graph.devices.options import PlayOptions
from graph.engine.engine import Engine
from graph.errors import NoDeviceError
from graph.native.functions import PLAIN
from graph.play.live import Live
from nodes import Sine

pytestmark = [
    pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs jackd and POSIX signals"),
]

try:
    import jack
except (ImportError, OSError):
    jack = None  # type: ignore[assignment]


@contextmanager
def command(*words: object, **more: object) -> Iterator[subprocess.Popen[str]]:
    """`graphrun` in its own process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with running("-m", "graph.cli.main", *words, env=environment, stderr=subprocess.PIPE, **more) as process:
        yield process


def playing(process: subprocess.Popen[str]) -> str:
    """Waits until the process reports that it plays."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if "First light: " not in line:
        pytest.fail(f"it has ended: {process.communicate(timeout=10)}")
    return line


def server_process(name: str) -> int:
    return int(subprocess.run(["pgrep", "-f", f"jackd -n {name}"], capture_output=True, text=True).stdout.split()[0])


@pytest.mark.parametrize("device", ["jack", "system"])
def test_a_server_that_dies_ends_the_program_with_a_message_within_two_seconds(device: str) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256) as name, command("first_light", "--device", device) as process:
        playing(process)
        time.sleep(0.5)
        started = time.monotonic()
        os.kill(server_process(name), signal.SIGKILL)
        _, errors = process.communicate(timeout=20)
        took = time.monotonic() - started
    assert process.returncode == 1
    assert "server has stopped" in errors
    assert "Traceback" not in errors
    assert took < 4  # half of that on an idle machine


def test_with_reconnect_the_sound_returns_with_the_server() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256) as name, command("first_light", "--device", "jack", "--reconnect") as process:
        playing(process)
        pid = server_process(name)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert process.stderr is not None
        assert "waiting for it to return" in process.stderr.readline()
        again = subprocess.Popen(
            ["jackd", "-n", name, "--no-realtime", "-d", "dummy", "-r", "48000", "-p", "256"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert "playing on JACK client" in process.stderr.readline()
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
        finally:
            again.terminate()
            again.wait()
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_two_programs_share_a_server() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256):
        words = ("first_light", "--device", "jack", "--seconds", "1", "--json")
        with command(*words) as one, command(*words) as two:
            for process in (one, two):
                out, errors = process.communicate(timeout=60)
                assert process.returncode == 0, errors
                assert json.loads(out)["peak"] > 0.05


def test_a_rate_other_than_jacks_is_refused_in_a_sentence() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256), command("first_light", "--device", "jack", "--rate", "44100") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.strip() == "JACK runs at 48000 Hz, but the patch at 44100 Hz: use --rate 48000"


def test_the_devices_own_rate_is_the_default() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256, rate=44_100), command("first_light", "--device", "jack", "--seconds", "1") as process:
        assert "44.1 kHz" in playing(process)


def test_an_unknown_device_is_named_with_those_available() -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    with jack_server(period=256), command("first_light", "--device", "systen") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.strip() == "there is no output 'systen'. Did you mean 'system'? There are: null, jack, system"


def test_without_a_server_jack_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    if jack is None:
        missing("JACK-Client and JACK's library")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    with pytest.raises(DeviceError, match="no JACK server is running: start one with `jackd"):
        choose(PlayOptions("jack"))


def test_an_engine_has_one_device_at_a_time() -> None:
    engine = Engine(Graph(Sine()))
    device = NullDevice(engine)
    device.start()
    with pytest.raises(DeviceError, match="the null device already drives this engine"):
        NullDevice(engine).start()
    device.stop()


def as_nobody(*words: str) -> list[str]:
    """Runs a command as an ordinary user without real-time priority and lockable memory."""
    reads = "-all,+dac_override,+dac_read_search"
    capabilities = [f"--{kind}={reads}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *capabilities, *words]


def test_an_ordinary_user_plays_without_realtime_permission(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        missing("being root, to become an ordinary user (setpriv)")
    tmp_path.chmod(0o777)
    refused = "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))"
    tried = subprocess.run(as_nobody(sys.executable, "-c", refused), capture_output=True, text=True)
    assert "Operation not permitted" in tried.stderr
    done = subprocess.run(
        as_nobody(
            sys.executable, "-m", "graph.cli.main", "first_light", "--device", "null", "--seconds", "1", "--json"
        ),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["blocks"] > 500


class Broken(Node):
    """Divides by a value that becomes zero."""

    by = In(1.0, ramp=0.0, doc="What to divide by.")
    out = Out()

    @per_sample
    def process(by):
        return 0.0 / by


class Sluggish(Node):
    """Repeats its work a thousand times."""

    audio = In(doc="Signal.")
    out = Out()

    @kernel
    def process(block):
        for frame in range(block.frames):
            for lane in range(block.lanes):
                value = block.audio[frame, lane]
                for _ in range(1_000):
                    value = value * 0.999 + 0.001 * np.float32(lane)
                block.out[frame, lane] = value


def test_a_node_that_divides_by_zero_is_muted_and_named_while_the_rest_plays_on() -> None:
    net = Graph(Sine(freq=440.0, name="tone") + Broken(name="culprit"))
    with net.play(device="null") as live:
        live.wait(0.2)
        assert live.meters[0].peak > 0.9
        live["culprit.by"] = 0.0
        live.wait(1.0)
        assert [(fault.node, fault.muted) for fault in live.faults] == [("culprit", True)]
        assert "culprit output non-finite values (NaN or infinity); it is muted" in live.messages
        live.meters  # noqa: B018  # restarts the meters
        live.wait(0.3)
        assert live.meters[0].peak > 0.9


def test_a_slow_node_leads_the_list_of_loads_by_name() -> None:
    net = Graph(Sluggish(audio=Sine(freq=440.0, name="tone"), name="sluggard") * 0.5)
    with net.play(device="null") as live:
        live.wait(0.5)
        name, share = next(iter(live.cpu_by_node.items()))
    assert name == "sluggard"
    assert share > 0.5 * sum(live.cpu_by_node.values())


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with Graph(Sine(freq=440.0), name="tone").play(device="null") as playing:
        yield playing


NONSENSE: dict[str, tuple[Callable[[Live], object], str]] = {
    "a key above": (lambda live: live.note_on(200), "a key must be 0 .. 127, not 200"),
    "a key below": (lambda live: live.note_off(-5), "a key must be 0 .. 127, not -5"),
    "no velocity": (lambda live: live.note_on(60, float("nan")), "velocity must be 0 .. 1, not nan"),
    "a velocity of MIDI": (lambda live: live.note_on(60, 100), "velocity must be 0 .. 1, not 100"),
    "an end as a beginning": (lambda live: live.note_on(60, 0.0), "use note_off"),
    "a channel": (lambda live: live.note_on(60, 0.5, 17), "a channel must be 1 .. 16, not 17"),
    "a controller": (lambda live: live.control(128, 0.5), "a controller's number must be 0 .. 127, not 128"),
    "half a controller": (lambda live: live.control(1.5, 0.5), "a whole number, not 1.5"),  # type: ignore[arg-type]
    "a position": (lambda live: live.control(1, 64), "a controller's value must be 0 .. 1, not 64"),
    "half a message": (lambda live: live.send(b"\x90"), "90 is incomplete: 90 takes 2 data bytes, not 0"),
    "a third": (lambda live: live.send(b"\x90\x3c\x40\x3d"), "incomplete"),
    "exclusive": (lambda live: live.send(b"\xf0\x01"), "end with f7"),
    "data": (lambda live: live.send(b"\x3c\x40"), "must begin with a status byte, 0x80 or above"),
    "no message": (lambda live: live.send("C4"), "a mido.Message or bytes, not 'C4'"),
    "a wrong unit": (lambda live: live.__setitem__("sine.freq", "3 khz"), "sine.freq: there is no unit 'khz'"),
    "no number": (lambda live: live.__setitem__("sine.freq", None), "sine.freq takes a number, not None"),
    "a name": (lambda live: live.swap("lagoon"), r"graph.load\('lagoon'\)"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", NONSENSE)
def test_invalid_arguments_are_refused_in_a_sentence_that_says_what_is_valid(what: str, live: Live) -> None:
    do, sentence = NONSENSE[what]
    with pytest.raises(GraphError, match=sentence):
        do(live)


def test_messages_that_are_complete_are_sent_whatever_stands_between(live: Live) -> None:
    for data in (
        b"\x90\x3c\x40\x3d\x40",
        b"\x90\x3c\xf8\x40",
        b"\xf0\x7e\x01\xf7",
        b"\xc0\x05",
        b"\xf2\x00\x01",
        b"\xfa",
    ):
        live.send(data)
    live.note_on(60.5, 1)
    live.note_off(60.5)


def test_a_stopped_live_accepts_no_notes_and_says_so() -> None:
    stopped = Graph(Sine(freq=440.0)).play(device="null")
    stopped.stop()
    with pytest.raises(DeviceError, match="it has been stopped"):
        stopped.note_on(60)
    stopped.panic()  # its effect is already in place


class Nothing:
    """A library without devices."""

    def cards(self) -> list[Card]:
        return []


def test_where_nothing_can_be_heard_python_is_told_of_the_null_device_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("graph.devices.choose.card_library", Nothing)
    monkeypatch.setattr("graph.devices.choose._jack_client", lambda _: None)
    with pytest.raises(NoDeviceError, match='--device null, or device="null" in Python'):
        choose(PlayOptions())


def test_reading_what_is_not_a_number_says_what_drives_it() -> None:
    with load("first_light").play(device="null") as live, pytest.raises(Exception, match="there is no node 'nothing'"):
        live["nothing.at_all"]


@pytest.mark.parametrize("library", ["PortAudio", "miniaudio"])
def test_alsa_gets_the_offline_render_to_the_bit(tmp_path: Path, library: str) -> None:
    """ALSA's file plug-in replaces the sound card; it accepts any data, unpaced."""
    if not sys.platform.startswith("linux"):
        missing("ALSA")
    if library == "PortAudio":
        need_portaudio()
    else:
        pytest.importorskip("_miniaudio", reason="miniaudio has no wheel for this machine")
        (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    raw, config = tmp_path / "heard.raw", tmp_path / "asound.conf"
    slave = f'type file slave.pcm {{ type null }} file "{raw}" format "raw"'
    config.write_text(f'pcm.card {{ {slave} hint {{ show on description "card" }} }}\npcm.!default {{ {slave} }}\n')
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "graph.cli.main",
            "first_light",
            "--device",
            "card",
            "--rate",
            "48000",
            "--seconds",
            "1",
            "--json",
        ],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
            "ALSA_CONFIG_PATH": str(config),
            "JACK_DEFAULT_SERVER": "none",
            "PULSE_SERVER": "none",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    if "there is no output" in done.stderr or "start a sound server" in done.stderr:
        missing(f"{library} with ALSA (Debian: libasound2, libportaudio2)")
    assert done.returncode == 0, done.stderr
    heard = np.fromfile(raw, np.float32).reshape(-1, 2)
    expected = load("first_light").render(seconds=1)
    first, start = (int(np.flatnonzero(audio.any(axis=1))[0]) for audio in (heard, expected))
    length = 48_000 - start
    np.testing.assert_array_equal(heard[first : first + length], expected[start:])
