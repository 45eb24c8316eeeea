"""Data races between threads, tested one at a time with a time limit."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from watchdog import within_seconds

from graph.engine.engine import Engine
from graph.errors import DeviceError, GraphrunError
from graph.graph import loads
from graph.native.functions import PLAIN
from graph.play.control import ControlThread
from graph.play.live import Live
from graph.ports.companion import Companion

compiled_only = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")

PATCH = """
nodes:
  midi: {node: MidiIn}
  voices: {node: VoiceAllocator, events: midi, polyphony: 2}
  tone: {node: Saw, freq: voices.freq}
  low: {node: LowPass, audio: tone, cutoff: 800}
  sum: {node: Mix, audio: low}
out: sum
"""


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    with within_seconds(120.0):
        yield


@pytest.fixture
def live() -> Iterator[Live]:
    with loads(PATCH).play(device="null") as playing:
        yield playing


@contextmanager
def impatient() -> Iterator[None]:
    """Makes threads switch a thousand times more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def descriptors() -> int:
    """Files that this process has open, if the system reports them."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def together(*work: Callable[[], object]) -> list[BaseException]:
    """Runs all functions at once, each in its own thread; returns the exceptions."""
    begin, raised = threading.Barrier(len(work)), list[BaseException]()

    def run(each: Callable[[], object]) -> None:
        begin.wait()
        try:
            each()
        except BaseException as error:
            raised.append(error)

    running = [threading.Thread(target=run, args=(each,), daemon=True) for each in work]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return raised


@compiled_only
def test_eight_threads_send_24000_messages_and_none_is_missing_or_garbled() -> None:
    companion = Companion(Engine(loads(PATCH)), ports=[], virtual=False, out_ports=[])
    companion._heard = True  # this test reads its ring instead of its process
    count, threads = 3_000, 8
    taken, over = list[np.ndarray](), threading.Event()

    def drain() -> None:
        while not over.is_set():
            taken.append(companion.shared.asked.take())
        taken.append(companion.shared.asked.take())

    def send(channel: int) -> None:
        for n in range(count):
            companion.send((0x90 | channel, n % 128, 1 + n // 128 % 127), at=1)

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    with impatient():
        raised = together(*(lambda channel=channel: send(channel) for channel in range(threads)))
    over.set()
    reader.join()
    events = np.concatenate(taken)["event"]
    velocities = np.rint(events["value"] * 127).astype(int)
    seen = Counter(zip(events["channel"].tolist(), events["number"].tolist(), velocities.tolist(), strict=True))
    sent = Counter((k + 1, float(n % 128), 1 + n // 128 % 127) for k in range(threads) for n in range(count))
    assert raised == []
    assert len(events) == count * threads
    assert seen == sent


@compiled_only
def test_messages_of_live_are_whole_whatever_other_threads_send(live: Live) -> None:
    heard = list[np.ndarray]()
    live.on_events(lambda events: heard.append(events.copy()))

    def send(channel: int) -> None:
        for n in range(400):
            live.send((0xB0 | channel, 64 + n % 20, channel * 8))
            time.sleep(0.0005)

    with impatient():
        assert together(*(lambda channel=channel: send(channel) for channel in range(8))) == []
    deadline = time.monotonic() + 10
    while sum(map(len, heard)) < 3_200 and time.monotonic() < deadline:
        time.sleep(0.01)
    events = np.concatenate(heard)["event"]
    assert len(events) == 3_200
    assert (np.rint(events["value"] * 127) == (events["channel"] - 1) * 8).all()


@compiled_only
def test_requests_of_three_threads_reach_their_targets() -> None:
    engine = Engine(loads(PATCH))
    fields = {"tape": engine.record, "host_midi": engine.set_midi_input, "session": engine.set_link_session}
    wrong = Counter[str]()

    def give(field: str, base: int) -> None:
        for n in range(1, 20_000):
            fields[field](base + n)
            wrong[field] += int(engine._record[field]) != base + n

    with impatient():
        works = (lambda field=field, k=k: give(field, 1 << 20 + 10 * k) for k, field in enumerate(fields))
        assert together(*works) == []
    for end in fields.values():
        end(0)
    assert +wrong == Counter()


@compiled_only
def test_two_threads_that_reconnect_open_one_device(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    first = live.device
    monkeypatch.setattr(type(first), "lost", property(lambda device: "it was pulled out" if device is first else ""))
    begun = live.stats.callbacks
    assert together(live.reconnect, live.reconnect) == []
    assert live.device is not first
    assert live._lost == [first]
    assert begun > 0 or live.engine.now > 0
    now = live.engine.now
    live.wait(0.3)
    assert live.engine.now > now
    live.reconnect()  # no device is lost, so nothing changes
    assert live._lost == [first]


@compiled_only
def test_a_device_that_never_opens_is_abandoned_and_stop_takes_under_2_seconds(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, over = live.device, threading.Event()
    monkeypatch.setattr(type(first), "lost", property(lambda device: "it was pulled out" if device is first else ""))
    monkeypatch.setattr(live, "_opened", lambda: over.wait(60) and first)
    raised = list[BaseException]()
    waiting = threading.Thread(target=lambda: raised.extend(together(live.reconnect)))
    waiting.start()
    live.wait(0.3)
    begun = time.monotonic()
    live.stop()
    assert time.monotonic() - begun < 2.0
    waiting.join()
    over.set()
    assert "has been stopped" in str(raised[0])


@compiled_only
@pytest.mark.parametrize(
    "call",
    [
        lambda live, _: live.swap(loads(PATCH)),
        lambda live, folder: live.record(folder / "late.wav"),
        lambda live, folder: live.record_midi(folder / "late.mid"),
        lambda live, folder: live.play_midi(folder / "none.mid"),
        lambda live, _: live.reconnect(),
        lambda live, _: live.note_on(60),
        lambda live, _: live.note_off(60),
        lambda live, _: live.control(1, 0.5),
        lambda live, _: live.send((0x90, 60, 1)),
        lambda live, _: live.send_out((0x90, 60, 1)),
        lambda live, _: live.clock("beat"),
        lambda live, _: live.__setitem__("low.cutoff", 100.0),
    ],
)
def test_a_stopped_live_raises_at_once_and_leaves_no_file(call: Callable[[Live, Path], object], tmp_path: Path) -> None:
    live = loads(PATCH).play(device="null")
    live.stop()
    begun = time.monotonic()
    with pytest.raises(DeviceError, match="has been stopped"):
        call(live, tmp_path)
    assert time.monotonic() - begun < 1.0
    assert list(tmp_path.iterdir()) == []


@compiled_only
def test_a_stopped_live_can_still_be_read() -> None:
    live = loads(PATCH).play(device="null")
    live.wait(0.1)
    live.stop()
    live.panic()
    live.muted = True
    assert live["low.cutoff"] == 800.0
    assert live.stop_recording() == 0.0
    assert live.recording is None
    assert not live.wait(1.0)
    assert not live.running
    assert live.stats.callbacks > 0
    assert live.stop().callbacks > 0
    assert (live.meters, live.faults, live.voices, live.cpu_by_node, live.finished, live.lost) is not None


@compiled_only
def test_eight_threads_that_stop_and_continue_get_answers_and_leave_nothing(tmp_path: Path) -> None:
    files, threads = descriptors(), threading.active_count()
    graph = loads(PATCH)
    for turn in range(6):
        live = graph.play(device="null")
        live.record(tmp_path / f"{turn}.wav")

        def work(live: Live = live, turn: int = turn) -> None:
            calls = [
                live.stop,
                lambda: live.swap(graph),
                lambda: live.note_on(60),
                lambda: live.record(tmp_path / f"late-{turn}.wav"),
                live.stop_recording,
                lambda: live.meters,
                live.reconnect,
                live.stop,
            ]
            for call in calls:
                try:
                    call()
                except GraphrunError as error:
                    assert "stopped" in str(error) or "recorded already" in str(error)  # noqa: PT017

        begun = time.monotonic()
        assert together(*[work] * 8) == []
        assert time.monotonic() - begun < 10.0
        assert (tmp_path / f"{turn}.wav").is_file()
    assert threading.active_count() == threads
    assert [file.name for file in tmp_path.iterdir() if "partial" in file.name] == []
    assert descriptors() == files


@compiled_only
def test_an_observer_may_call_every_method_of_live(live: Live, tmp_path: Path) -> None:
    done, other = list[str](), loads(PATCH.replace("800", "900"))

    def observe(_: np.ndarray) -> None:
        if done:
            return
        live.swap(other)
        live.record(tmp_path / "take.wav")
        live.note_on(61)
        live["low.cutoff"] = 1_000.0
        live.wait(0.05)
        live.reconnect()
        done.append(f"{live.stop_recording():.1f}")
        live.stop()
        done.append("stopped")

    live.on_events(observe)
    live.note_on(60)
    deadline = time.monotonic() + 20
    while len(done) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not live.running
    assert (tmp_path / "take.wav").is_file()


@compiled_only
def test_a_slow_observer_delays_neither_a_recording_nor_a_swap(live: Live, tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def observe(_: np.ndarray) -> None:
        begun.set()
        over.wait(30)

    live.on_events(observe)
    live.note_on(60)
    assert begun.wait(10)
    live.record(tmp_path / "take.wav")
    live.swap(loads(PATCH.replace("800", "900")))
    deadline = time.monotonic() + 20
    while (live.recording or 0.0) < 0.1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert live.stop_recording() >= 0.1
    over.set()


@compiled_only
def test_notes_and_recordings_continue_while_a_patch_is_prepared(live: Live, tmp_path: Path) -> None:
    ready, over = threading.Event(), threading.Event()
    prepare = live.engine.prepare

    def slow(*given: object) -> object:
        ready.set()
        assert over.wait(30)
        return prepare(*given)  # type: ignore[arg-type]

    live.engine.prepare = slow  # type: ignore[method-assign, assignment]
    loading = threading.Thread(target=live.swap, args=(loads(PATCH.replace("800", "900")),))
    loading.start()
    assert ready.wait(10)
    live.record(tmp_path / "take.wav")
    live.note_on(60)
    deadline = time.monotonic() + 20
    while live.voices["voices"][0] != 1 or (live.recording or 0.0) < 0.1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert live.stop_recording() >= 0.1
    over.set()
    loading.join()
    while live["low.cutoff"] != 900.0:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_request_made_on_the_control_thread_runs_at_once() -> None:
    control = ControlThread("test", "it has been stopped")
    control.start()
    assert control.do(lambda: control.do(lambda: 7, 1.0), 5.0) == 7
    control.end(1.0)


def test_an_error_in_a_request_is_raised_in_the_caller() -> None:
    control = ControlThread("test", "it has been stopped")
    control.start()
    with pytest.raises(ZeroDivisionError):
        control.do(lambda: 1 // 0, 5.0)
    assert control.do(lambda: 1, 5.0) == 1
    control.end(1.0)


def test_a_request_that_times_out_is_withdrawn_and_never_run() -> None:
    control, over, done = ControlThread("test", "it has been stopped"), threading.Event(), list[int]()
    control.start()
    control.later(lambda: over.wait(30))
    with pytest.raises(DeviceError, match="nothing was changed"):
        control.do(lambda: done.append(1), 0.05)
    over.set()
    assert control.do(lambda: len(done), 5.0) == 0
    control.end(1.0)


def test_waiting_callers_are_answered_at_the_end_even_if_a_request_hangs() -> None:
    control, over = ControlThread("test", "it has been stopped"), threading.Event()
    control.start()
    raised, begun = list[BaseException](), threading.Event()
    control.later(lambda: begun.set() or over.wait(30))
    assert begun.wait(5)
    waiting = threading.Thread(target=lambda: raised.extend(together(*[lambda: control.do(int)] * 2)))
    waiting.start()
    while control.waiting < 3:
        time.sleep(0.01)
    assert not control.end(0.05)
    waiting.join(5.0)
    assert [str(error) for error in raised] == ["it has been stopped"] * 2
    with pytest.raises(DeviceError, match="has been stopped"):
        control.do(int)
    over.set()
    assert control.end(5.0)


def test_ticks_run_between_requests_under_any_load() -> None:
    ticks = list[float]()
    control = ControlThread("test", "it has been stopped", lambda: ticks.append(time.monotonic()), 0.01)
    control.start()
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        control.do(int, 5.0)
    control.end(1.0)
    assert len(ticks) > 5
