"""Everything at once: `python tests/programs/stress.py SECONDS DEVICE SEED`, DEVICE null or jack.

Eight threads call every public method of a Live, while its patch is saved, broken and mended, presets are chosen by
program changes, OSC and Python, another process sends MIDI (on JACK through a port, else by OSC), and the device is
lost and opened again from two threads. A numbered stream of controllers from Python and one from the other process
are checked for what is missing or garbled. Prints what came of it as JSON; the watchdog prints stacks and ends it.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido
import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from graph.devices.null import NullDevice  # noqa: E402
from graph.errors import GraphrunError  # noqa: E402
from graph.memory.events import CONTROL  # noqa: E402
from graph.osc.packet import packet  # noqa: E402
from graph.osc.server import OscServer  # noqa: E402
from graph.perform.performance import Performance  # noqa: E402
from graph.play.live import Live  # noqa: E402

PATCH = """
nodes:
  midi: {{node: MidiIn}}
  beat: {{node: Transport, tempo: 133}}
  pat: {{node: Pattern, clock: beat}}
  kit: {{node: DrumKit, events: pat}}
  voices: {{node: VoiceAllocator, events: midi, polyphony: {voices}}}
  osc: {{node: Saw, freq: voices.freq}}
  env: {{node: Adsr, gate: voices.gate}}
  filter: {{node: LowPass, audio: osc * env, cutoff: {cutoff}}}
  mix: {{node: Mix, audio: filter}}
  echo: {{node: {effect}}}
out: echo + kit
presets:
  dark: {{filter.cutoff: 300}}
  bright: {{filter.cutoff: 5000}}
  wide: {{beat.tempo: 99}}
"""
EFFECTS = "Delay, audio: mix, time: 0.2", "Reverb, audio: mix"
FIRST, NUMBERS = 70, 20
"""Controllers of the numbered streams: the n-th message moves number 70 + n // 128 % 20 to n % 128."""
ROUND = 128 * NUMBERS
OURS, THEIRS = 16, 15
"""Channels of the streams from Python and from the other process."""
FINE = re.compile(
    r"is being recorded already|no MIDI output is open|there is no node 'nix'|is driven by|is outside|"
    r"there is no preset|is not connected to the output|command queue is full|audio callback has stopped|too many|"
    r"has no input|JACK|jack|p\.yaml:|changes are pending|too fast|has been stopped"
)
"""The errors that a call may raise; any other is a failure."""


class Stream:
    """An observer of one channel that records the numbers it receives. Each sending process starts a run at 0."""

    def __init__(self, channel: int) -> None:
        self.channel, self.runs, self.count = channel, [list[int]()], 0

    def begin(self) -> None:
        """Starts the run of another process."""
        self.runs.append([])

    def __call__(self, heard: np.ndarray[Any, Any]) -> None:
        events = heard["event"]
        ours = events[(events["kind"] == CONTROL) & (events["channel"] == self.channel)]
        for event in ours[(ours["number"] >= FIRST) & (ours["number"] < FIRST + NUMBERS)]:
            self.runs[-1].append((int(event["number"]) - FIRST) * 128 + round(float(event["value"]) * 127))
            self.count += 1

    @property
    def wrong(self) -> int:
        """Numbers missing before the last of each run, or received twice, in any order."""
        wrong = 0
        for run in self.runs:
            wanted = Counter(n % ROUND for n in range(run[0], run[0] + len(run))) if run else Counter[int]()
            wrong += sum((wanted - Counter(run)).values())
        return wrong

    @property
    def disordered(self) -> int:
        """Numbers received before one that was sent earlier."""
        return sum((b - a) % ROUND > ROUND // 2 for run in self.runs for a, b in pairwise(run))


def numbered(n: int, channel: int) -> tuple[int, int, int]:
    return 0xB0 | channel - 1, FIRST + n // 128 % NUMBERS, n % 128


def files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def memories() -> int:
    """Anonymous and JACK files mapped by this process."""
    return sum("memfd:graphrun" in line for line in Path("/proc/self/maps").read_text().splitlines())


class Server:
    """The JACK server, or a substitute that simulates the loss of the null device."""

    def __init__(self, device: str) -> None:
        self.jack = device == "jack"
        self.process: subprocess.Popen[bytes] | None = None
        if self.jack:
            os.environ |= {
                "JACK_DEFAULT_SERVER": f"stress-{os.getpid()}",
                "JACK_NO_START_SERVER": "1",
                "JACK_NO_AUDIO_RESERVATION": "1",
            }
            self.start()
        else:  # the null device has no cable that could be pulled: ending its loop from outside is its loss
            NullDevice.lost = property(lambda self: "it was pulled out" if self.record["stop"] else "")  # type: ignore

    def start(self) -> None:
        if self.jack:
            name = os.environ["JACK_DEFAULT_SERVER"]
            command = ["jackd", "-S", "--no-realtime", "-n", name, "-d", "dummy", "-r", "48000", "-p", "256"]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 20
            while subprocess.run(["jack_lsp"], capture_output=True).returncode and time.monotonic() < deadline:
                time.sleep(0.1)

    def lose(self, live: Live, how: int) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
        else:
            live.device.record["stop"] = 1
        deadline = time.monotonic() + 10
        while not live.lost and time.monotonic() < deadline:
            time.sleep(0.01)

    def end(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


def other_process(where: str) -> None:
    """Sends the numbered stream to an OSC port, with acknowledgments so that no packet is lost, or to JACK."""
    if where.isdigit():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent:
            sent.settimeout(5.0)
            for n in range(1 << 40):
                _, number, value = numbered(n, THEIRS)
                sent.sendto(packet("/control", (number, value / 127, THEIRS)), ("127.0.0.1", int(where)))
                if n % 10 == 9:
                    sent.sendto(packet("/get", ("/filter/q",)), ("127.0.0.1", int(where)))
                    with suppress(TimeoutError):  # a flood of others may have taken its place
                        sent.recv(65_536)
                    time.sleep(0.02)
        return
    import jack

    client = jack.Client("other", no_start_server=True)
    port = client.midi_outports.register("out")
    count = [0]

    def play(_: int) -> None:
        port.clear_buffer()
        if port.number_of_connections:
            for at in range(2):
                port.write_midi_event(at, numbered(count[0], THEIRS))
                count[0] += 1

    gone = threading.Event()
    client.set_process_callback(play)
    client.set_shutdown_callback(lambda *_: gone.set())
    client.activate()
    client.connect("other:out", f"{where}:midi_in")
    gone.wait()
    os._exit(0)


class Stress:
    """The threads, and the results of their calls."""

    def __init__(self, seconds: float, device: str, seed: int, folder: Path) -> None:
        self.seed, self.folder, self.device = seed, folder, device
        self.calls, self.refused, self.wrong = Counter[str](), Counter[str](), Counter[str]()
        self.slowest: dict[str, float] = {}
        self.path = folder / "p.yaml"
        self.path.write_text(PATCH.format(voices=8, cutoff=900, effect=EFFECTS[0]))
        track = mido.MidiTrack(
            mido.Message("note_off" if i % 2 else "note_on", note=40 + i % 40, velocity=64, time=30) for i in range(400)
        )
        self.song = folder / "m.mid"
        mido.MidiFile(tracks=[track]).save(self.song)
        self.server = Server(device)
        self.performance = Performance(self.path)
        self.threads, self.files, self.memories = threading.active_count(), files(), memories()
        self.live = Live(self.performance.graph, device=device, connect=[] if device == "jack" else None)
        self.ours, self.theirs = Stream(OURS), Stream(THEIRS)
        for stream in (self.ours, self.theirs):
            self.live.on_events(stream)
        self.performance.begin(self.live)
        self.osc = OscServer(self.live, port=0, reload=self.performance.reload, preset=self.performance.choose).start()
        self.over = time.monotonic() + seconds
        self.seconds, self.sent, self.losses = seconds, 0, 0
        self.other: subprocess.Popen[bytes] | None = None

    def run(self) -> dict[str, Any]:
        """Runs everything; returns the results."""
        self.begin_other()
        work = [threading.Thread(target=self.work, args=(k,), name=f"stress {k}") for k in range(8)]
        work += [threading.Thread(target=self.stream, name="stress stream")]
        work += [threading.Thread(target=self.lose, name="stress loss")]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        deadline = time.monotonic() + 10
        while self.ours.count < self.sent and time.monotonic() < deadline:
            time.sleep(0.05)
        self.end_other()
        self.osc.stop()
        self.performance.end()
        begun = time.monotonic()
        self.live.stop()
        stopped = time.monotonic() - begun
        deadline = time.monotonic() + 5
        while (threading.active_count() > self.threads or files() > self.files) and time.monotonic() < deadline:
            time.sleep(0.05)
        news = Counter(line.splitlines()[0][:100] for line in self.live.messages)
        said = {
            "calls": sum(self.calls.values()),
            "kinds": len(self.calls),
            "refused": dict(self.refused.most_common()),
            "wrong": dict(self.wrong.most_common()),
            "news": dict(news.most_common(12)),
            "bad_news": [line for line in news if re.search(r"[a-z]Error|Exception|too slow", line)],
            "slowest": {k: round(v, 2) for k, v in sorted(self.slowest.items(), key=lambda x: -x[1])[:5]},
            "losses": self.losses,
            "sent": self.sent,
            "heard": self.ours.count,
            "garbled": self.ours.wrong,
            "disordered": self.ours.disordered,
            "from_outside": self.theirs.count,
            "from_outside_wrong": self.theirs.wrong,
            "from_outside_disordered": self.theirs.disordered,
            "stop": round(stopped, 2),
            "threads": [thread.name for thread in threading.enumerate()][self.threads :],
            "files": files() - self.files,
            "memories": memories() - self.memories,
            "partial": [file.name for file in self.folder.iterdir() if "partial" in file.name],
            "callbacks": self.live.stats.callbacks,
            "spoiled": self.live.engine.nonfinite_blocks,
        }
        self.server.end()
        return said

    def begin_other(self) -> None:
        where = str(self.live.device).removeprefix("JACK client ") if self.server.jack else str(self.osc.port)
        self.other = subprocess.Popen([sys.executable, __file__, "other", where])

    def end_other(self) -> None:
        if self.other is not None:
            self.other.kill()
            self.other.wait()

    def attempt(self, name: str, call: Callable[[], object]) -> None:
        begun = time.monotonic()
        try:
            call()
        except GraphrunError as error:
            text = f"{name}: {str(error).splitlines()[0][:100]}"
            (self.refused if FINE.search(text) else self.wrong)[re.sub(r"/\S+/|\d+", "..", text)] += 1
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.wrong[f"{name}: {type(error).__name__}: {error} at {Path(place.filename).name}:{place.lineno}"] += 1
        self.calls[name] += 1
        self.slowest[name] = max(self.slowest.get(name, 0.0), time.monotonic() - begun)

    def stream(self) -> None:
        """Numbered messages from Python, each sent until it is accepted."""
        while time.monotonic() < self.over:
            try:
                self.live.send(numbered(self.sent, OURS))
                self.sent += 1
            except GraphrunError:  # the device is gone, and the ring is full
                time.sleep(0.05)
            time.sleep(0.003)

    def lose(self) -> None:
        """The device disappears and returns a few times; two threads reconnect."""
        turns = max(1, int(self.seconds / 15))
        begun = time.monotonic()
        for turn in range(turns):
            time.sleep(max(0.0, begun + (turn + 0.5) * self.seconds / turns - time.monotonic()))
            self.server.lose(self.live, signal.SIGKILL if turn % 2 else signal.SIGTERM)
            if self.server.jack:
                self.end_other()
            time.sleep(0.5)
            self.server.start()
            again = [threading.Thread(target=self.reconnect) for _ in range(2)]
            for thread in again:
                thread.start()
            for thread in again:
                thread.join()
            if self.live.lost:
                self.wrong[f"still lost: {self.live.lost}"] += 1
                return
            self.losses += 1
            if self.server.jack:
                self.theirs.begin()
                self.begin_other()

    def reconnect(self) -> None:
        for _ in range(20):
            self.attempt("reconnect", self.live.reconnect)
            if not self.live.lost:
                return
            time.sleep(0.3)

    def work(self, k: int) -> None:
        """One thread: random calls, rare ones rarely, with OSC in between."""
        chance = random.Random(self.seed * 100 + k)
        addresses = [
            "/filter/cutoff",
            "/get",
            "/note_on",
            "/note_off",
            "/preset",
            "/list",
            "/subscribe",
            "/unsubscribe",
        ]
        addresses += ["/reload", "/panic", "/mute", "/nowhere", "/control"]
        values: dict[str, Callable[[], tuple[Any, ...]]] = {
            "/filter/cutoff": lambda: (chance.uniform(50, 5_000),),
            "/get": lambda: ("/filter/cutoff",),
            "/note_on": lambda: (60, 0.5),
            "/note_off": lambda: (60,),
            "/preset": lambda: (chance.choice(["dark", "bright", "nope"]),),
            "/subscribe": lambda: (chance.choice(["meters", "clock"]), 30.0),
            "/mute": lambda: (0,),
            "/control": lambda: (1, 0.5),
        }
        calls = self.calls_of(chance, k)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent:
            sent.setblocking(False)
            while time.monotonic() < self.over:
                for name, often, call in calls:
                    if time.monotonic() < self.over and chance.random() < often:
                        self.attempt(name, call)
                for address in chance.sample(addresses, 3):
                    if address not in ("/reload", "/preset") or chance.random() < 0.1:
                        with suppress(OSError):
                            sent.sendto(packet(address, values.get(address, tuple)()), ("127.0.0.1", self.osc.port))
                with suppress(OSError):
                    while True:
                        sent.recv(65_536)
                time.sleep(chance.random() * 0.05)

    def calls_of(self, r: random.Random, k: int) -> list[tuple[str, float, Callable[[], object]]]:
        """Every public method, with its relative frequency."""
        live, performance, folder = self.live, self.performance, self.folder
        paths = ["beat.tempo", "env.attack", "nix.da", "osc.freq", "filter.q", "echo.time"]

        def save(text: str) -> None:
            beside = folder / f"save-{k}"
            beside.write_text(text)
            beside.replace(self.path)

        def whole() -> str:
            return PATCH.format(voices=r.choice([1, 4, 8]), cutoff=r.randrange(100, 9_000), effect=r.choice(EFFECTS))

        def read() -> object:
            now = live.stats, live.faults, live.cpu_by_node, live.voices, live.finished, live.recording, live.lost
            return now, live.rate, live.running, live.muted, live.graph, live.engine.dropped(), live.engine.notes()

        def consistent() -> None:
            preset = performance.preset
            if preset not in ("", "dark", "bright", "wide"):
                raise AssertionError(f"a preset that was never there is told: {preset}")
            _ = performance.patch, performance.settings, performance.graph, performance.presets, performance.seconds

        return [
            ("set", 0.5, lambda: live.__setitem__("filter.cutoff", r.uniform(100, 9_000))),
            ("set others", 0.5, lambda: live.__setitem__(r.choice(paths), r.uniform(0.01, 200))),
            ("get", 0.5, lambda: live["filter.cutoff"]),
            ("note_on", 0.5, lambda: live.note_on(r.randrange(128), 0.5, r.randint(1, 14))),
            ("note_off", 0.5, lambda: live.note_off(r.randrange(128), 0.5, r.randint(1, 14))),
            ("control", 0.5, lambda: live.control(r.randrange(64), r.random(), r.randint(1, 14))),
            ("send", 0.5, lambda: live.send((0x90 | r.randrange(14), r.randrange(128), r.randrange(128)))),
            ("sysex", 0.1, lambda: live.send(bytes([0xF0, *(r.randrange(128) for _ in range(50)), 0xF7]))),
            ("program", 0.03, lambda: live.send(mido.Message("program_change", program=r.randrange(5)))),
            ("read", 0.5, read),
            ("meters", 0.5, lambda: live.meters),
            ("muted", 0.3, lambda: setattr(live, "muted", r.random() < 0.3)),
            ("panic", 0.03, live.panic),
            ("record", 0.1, lambda: live.record(folder / f"r{k}.wav")),
            ("stop_recording", 0.1, live.stop_recording),
            ("record_midi", 0.01, lambda: live.record_midi(folder / f"m{k}.mid")),
            ("play_midi", 0.03, lambda: live.play_midi(self.song)),
            ("send_out", 0.2, lambda: live.send_out((0x90, r.randrange(128), 64))),
            ("clock", 0.03, lambda: asyncio.run(self.clock())),
            ("wait", 0.3, lambda: live.wait(0.01)),
            ("observers", 0.1, self.observe),
            ("swap", 0.03, lambda: live.swap(performance.graph)),
            ("save", 0.03, lambda: save(whole())),
            ("save broken", 0.02, lambda: save(r.choice(["nodes: [", whole().replace("Saw", "Swa")]))),
            ("choose", 0.03, lambda: performance.choose(r.choice(["dark", "bright", "nope"]))),
            ("step", 0.03, lambda: performance.step(r.choice([1, -1]))),
            ("reload", 0.03, performance.reload),
            ("consistent", 0.5, consistent),
        ]

    def observe(self) -> None:
        def observer(_: np.ndarray[Any, Any]) -> None:
            self.live["filter.cutoff"] = 700.0

        self.live.on_events(observer)
        time.sleep(0.01)
        self.live.on_events.remove(observer)

    async def clock(self) -> None:
        clock = self.live.clock("beat")
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(clock.sync(1), 0.3)


def complaints(said: dict[str, Any]) -> list[str]:
    """The failures reported by a run."""
    wanted = {
        "wrong": {},
        "bad_news": [],
        "garbled": 0,
        "disordered": 0,
        "from_outside_wrong": 0,
        "from_outside_disordered": 0,
        "threads": [],
        "files": 0,
        "memories": 0,
        "partial": [],
        "spoiled": 0,
        "heard": said["sent"],
    }
    found = [f"{key}: {said[key]} instead of {value}" for key, value in wanted.items() if said[key] != value]
    found += [f"stop took {said['stop']} s"] if said["stop"] >= 2.0 else []
    found += [] if said["losses"] and said["from_outside"] else ["no device was lost, or nothing came from outside"]
    return found


def main() -> None:
    if sys.argv[1] == "other":
        other_process(sys.argv[2])
        return
    seconds, device, seed = float(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    faulthandler.enable()
    faulthandler.dump_traceback_later(seconds + 90, exit=True)
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        said = Stress(seconds, device, seed, Path(folder)).run()
    faulthandler.cancel_dump_traceback_later()
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
