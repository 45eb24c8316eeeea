"""The terminal view: its contents, its keys, and that it always restores the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from screens import Terminal

from graph import Graph
from graph.engine.gauges import clocks, levels
from graph.graph import loads
from graph.memory import events as ev
from graph.memory.events import TIMED_EVENT
from graph.memory.meters import Meter as Level
from graph.native.functions import PLAIN
from graph.play.activity import Activity, note_name
from graph.play.live import Live
from graph.view.board import Board
from graph.view.key_codes import PRESS, RELEASE, REPEAT, Key, KeyReader
from graph.view.keys import HOLD, Piano
from graph.view.state import FLOOR, PEAK_HELD, Actions, Needle, ViewState
from nodes import Meter, Sine

compiled_only = pytest.mark.skipif(PLAIN, reason="kernels run as plain Python in this run")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

PATCH = """
name: Small
nodes:
  keys: {node: MidiIn}
  voices: {node: VoiceAllocator, events: keys, polyphony: 4}
  beat: {node: Transport, tempo: 90, quantum: 3}
  osc: {node: Sine, freq: voices.freq}
  mix: {node: Mix, audio: osc}
  level: {node: Meter, audio: mix}
  echo: {node: Delay, audio: level, time: 1/4 beats, clock: beat}
out: [level, echo]
"""


@pytest.fixture
def live() -> Iterator[Live]:
    with loads(PATCH).play(device="null", rate=8_000, block=256) as playing:
        yield playing


def keys_of(*pieces: bytes) -> list[Key]:
    reader = KeyReader()
    return [key for piece in pieces for key in reader.feed(piece)] + reader.flush()


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"zQ ", [Key("z"), Key("Q"), Key(" ")]),
        (b"\x1b[A\x1b[D\x1bOC", [Key("up"), Key("left"), Key("right")]),
        (b"\r\n\t\x7f\x12", [Key("enter"), Key("enter"), Key("tab"), Key("backspace"), Key("ctrl-r")]),
        (b"\x1b", [Key("escape")]),
        (b"\x1b\x1b[B", [Key("escape"), Key("down")]),
        (b"\x1bx", []),
        ("ü".encode(), [Key("ü")]),
        (b"\x1b[122;1:1u\x1b[122;1:2u\x1b[122;1:3u", [Key("z", PRESS), Key("z", REPEAT), Key("z", RELEASE)]),
        (b"\x1b[121::122;1u", [Key("z")]),  # a German keyboard: the key in Z's position
        (b"\x1b[99;5u\x1b[27u\x1b[13;1:3u", [Key("ctrl-c"), Key("escape"), Key("enter", RELEASE)]),
        (b"\x1b[1;1:3A", [Key("up", RELEASE)]),
        (b"\x1b[57441;2u\x1b[97;3u", []),  # shift alone, and alt with a letter
        (b"\x1b[122;129u", [Key("z")]),  # with num lock
        (b"\x1b[200~zzz\r\x1b[201~q", [Key("q")]),
        (b"\x1b[99999999999999999999u\x1b[;;;~\x1b[u\x1b[?u", []),
    ],
)
def test_what_a_terminal_sends_is_read_as_keys(sent: bytes, keys: list[Key]) -> None:
    assert keys_of(sent) == keys


def test_a_sequence_may_come_in_pieces() -> None:
    assert keys_of(b"\x1b", b"[", b"1;1:", b"3A", "é".encode()[:1], "é".encode()[1:]) == [Key("up", RELEASE), Key("é")]


def test_any_bytes_give_keys_and_no_error() -> None:
    random = np.random.default_rng(1)
    pieces = [random.integers(0, 256, 40).astype(np.uint8).tobytes() for _ in range(300)]
    pieces += [b"\x1b[" + random.choice(list(b"0123456789:;<?u~AB"), 12).astype(np.uint8).tobytes() for _ in range(300)]
    assert all(key.name for key in keys_of(*pieces))


def test_the_terminal_says_that_it_reports_releases() -> None:
    reader = KeyReader()
    reader.feed(b"\x1b[?0u")
    assert not reader.releases
    reader.feed(b"\x1b[?15u")
    assert reader.releases


class Played:
    """Replaces a Live and records its calls."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, float]] = []
        self.now = 0.0

    def note_on(self, key: float, velocity: float) -> None:
        self.notes.append(("on", key))

    def note_off(self, key: float) -> None:
        self.notes.append(("off", key))


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
def piano(played: Played) -> Piano:
    return Piano(played, lambda: played.now)  # type: ignore[arg-type]


def test_the_rows_of_trackers_are_two_octaves(piano: Piano, played: Played) -> None:
    for letter in "zsmq2p":
        assert piano.handle(Key(letter), releases=True)
    assert [key for _, key in played.notes] == [60, 61, 71, 72, 73, 88]
    assert not piano.handle(Key("a"), releases=True)


def test_a_note_lasts_until_its_key_is_released_if_the_terminal_reports_it(piano: Piano, played: Played) -> None:
    piano.handle(Key("z"), releases=True)
    piano.handle(Key("z", REPEAT), releases=True)
    played.now = 60.0
    piano.tick()
    assert played.notes == [("on", 60)]
    piano.handle(Key("Z", RELEASE), releases=True)
    assert played.notes == [("on", 60), ("off", 60)]


def test_otherwise_a_note_ends_after_0_3_s_or_when_the_key_stops_repeating(piano: Piano, played: Played) -> None:
    piano.handle(Key("z"), releases=False)
    played.now = HOLD - 0.01
    piano.tick()
    assert played.notes == [("on", 60)]
    played.now = HOLD
    piano.tick()
    assert played.notes == [("on", 60), ("off", 60)]
    for _ in range(20):
        played.now += 0.03
        piano.handle(Key("z"), releases=False)
        piano.tick()
    assert played.notes[2:] == [("on", 60)] or played.notes[2:] == [("on", 60), ("off", 60), ("on", 60)]
    played.now += 0.5
    piano.tick()
    assert played.notes[-1] == ("off", 60)


def test_a_repeated_key_retriggers(piano: Piano, played: Played) -> None:
    piano.handle(Key("z"), releases=False)
    played.now = 0.2
    piano.handle(Key("z"), releases=False)
    assert played.notes == [("on", 60), ("off", 60), ("on", 60)]


def test_latched_keys_sound_until_they_are_pressed_again(piano: Piano, played: Played) -> None:
    piano.toggle_latch()
    for letter in "zcb":
        piano.handle(Key(letter), releases=False)
    played.now = 100.0
    piano.tick()
    assert set(piano.sounding) == {"z", "c", "b"}
    piano.handle(Key("c"), releases=False)
    assert played.notes[-1] == ("off", 64)
    piano.toggle_latch()
    assert not piano.sounding


def test_the_octave_moves_new_notes_and_ends_the_old_ones_where_they_are(piano: Piano, played: Played) -> None:
    piano.handle(Key("z"), releases=True)
    piano.shift(1)
    piano.handle(Key("x"), releases=True)
    piano.handle(Key("z", RELEASE), releases=True)
    assert played.notes == [("on", 60), ("on", 74), ("off", 60)]
    piano.shift(100)
    piano.handle(Key("p"), releases=True)  # above the MIDI range: ignored
    assert played.notes[-1] == ("off", 60)


def test_two_keys_of_one_note_end_it_when_both_are_up(piano: Piano, played: Played) -> None:
    piano.handle(Key("q"), releases=True)
    piano.shift(1)
    piano.handle(Key("z"), releases=True)
    piano.handle(Key("q", RELEASE), releases=True)
    assert ("off", 72) not in played.notes
    piano.handle(Key("z", RELEASE), releases=True)
    assert played.notes[-1] == ("off", 72)


def test_a_meter_rises_at_once_falls_slowly_and_holds_its_peak() -> None:
    needle = Needle()
    needle.move(Level(0.5, 0.3), 10.0)
    assert needle.level == needle.peak == pytest.approx(-6.02, abs=0.01)
    needle.move(Level(0.0, 0.0), 11.0)
    assert needle.level == pytest.approx(-18.02, abs=0.01)
    assert needle.peak == pytest.approx(-6.02, abs=0.01)
    needle.move(Level(0.0, 0.0), 10.0 + PEAK_HELD + 0.5)
    assert needle.peak < -6.1
    needle.move(Level(0.0, 0.0), 60.0)
    assert needle.level == needle.peak == FLOOR


def test_clipping_stays_visible() -> None:
    needle = Needle()
    needle.move(Level(1.2, 0.3), 10.0)
    needle.move(Level(0.1, 0.1), 11.0)
    assert needle.clipped(11.0)
    assert not needle.clipped(20.0)


def event(kind: int, number: float, value: float, channel: int = 1) -> np.ndarray:
    found = np.zeros(1, TIMED_EVENT)
    found["event"]["kind"], found["event"]["channel"] = kind, channel
    found["event"]["number"], found["event"]["value"] = number, value
    return found


def test_activity_remembers_held_keys_and_moved_controllers() -> None:
    activity = Activity()
    assert activity.age == float("inf")
    activity(event(ev.NOTE_ON, 60, 0.5))
    activity(event(ev.NOTE_ON, 64, 0.5, 2))
    activity(event(ev.CONTROL, 74, 0.25, 3))
    assert (activity.held, activity.control, activity.last) == ({60: 1, 64: 1}, (74, 3, 0.25), "CC 74 0.25 ch 3")
    assert activity.turned == {(74, 3): 1}
    assert activity.age < 1.0
    activity(event(ev.NOTE_OFF, 60, 0.5))
    activity(event(ev.CONTROL, ev.ALL_NOTES_OFF, 0.0, 2))
    assert activity.held == {}
    assert activity.control == (74, 3, 0.25)
    activity(event(ev.TICK, 0, 0))
    assert activity.last == "CC 74 0.25 ch 3"


def test_keys_are_shown_as_notes() -> None:
    assert [note_name(key) for key in (0, 60, 61, 69, 127)] == ["C-1", "C4", "C#4", "A4", "G9"]


def test_clocks_and_levels_are_read_from_the_playing_patch() -> None:
    from graph.engine.engine import Engine

    engine = Engine(loads(PATCH), rate=8_000)
    engine.render(8_000)
    reading = clocks(engine)["beat"]
    assert (reading.tempo, reading.playing, reading.quantum) == (90.0, True, 3.0)
    assert reading.beat == pytest.approx(1.5)
    assert (reading.bar, reading.beat_in_bar) == (1, pytest.approx(2.5))
    tone = Engine(Graph(Meter(Sine(freq=500.0) * 0.5, name="tone")), rate=8_000)
    tone.render(8_000)
    (level,) = levels(tone)["tone"]
    assert level.peak == pytest.approx(0.5, abs=0.01)
    assert level.rms == pytest.approx(0.5 / np.sqrt(2), abs=0.02)


def test_two_readers_of_the_meters_both_see_every_peak() -> None:
    from graph.engine.engine import Engine

    engine = Engine(Graph(Sine(freq=500.0) * 0.5), rate=8_000)
    engine.meters("one"), engine.meters("two")
    engine.render(1_000)
    assert engine.meters("one")[0].peak == pytest.approx(0.5, abs=1e-3)
    assert engine.meters("one")[0].peak == 0.0
    assert engine.meters("two")[0].peak == pytest.approx(0.5, abs=1e-3)
    assert engine.meters("two")[0].peak == 0.0


def board(live: Live, **actions: object) -> Board:
    state = ViewState(live)
    state.update()
    return Board(state, Piano(live), "Small", Actions(**actions))  # type: ignore[arg-type]


def test_a_screen_of_80_by_24_shows_everything(live: Live) -> None:
    live.note_on(60)
    live.control(74, 0.5)
    live.messages.append("a keyboard came")
    drawn = board(live, preset=lambda: "dark", next_preset=lambda: None, record=lambda: None, reload=lambda: None)
    deadline = time.monotonic() + 10
    while (not drawn.state.activity.control or not drawn.state.voices) and time.monotonic() < deadline:
        time.sleep(0.05)
        drawn.state.update()
    lines = [line.plain for line in drawn.lines(80, 24)]
    text = "\n".join(lines)
    assert len(lines) == 24
    for word in (
        *("Small", "dark", "the null device", "8 kHz", "256 frames", "ms latency", "load", "worst"),
        *("dropouts", "clock", "90.0 bpm", "bar 1", "voices", "of 4", "midi", "CC 74 0.50", "out", "level", "dB"),
        *("Z X C V B N M", "C4 to E6", "a keyboard came", "octave", "preset", "record", "reload", "panic", "mute"),
    ):
        assert word in text, (word, text)


def test_no_size_of_screen_makes_a_line_too_long_or_too_many(live: Live) -> None:
    drawn = board(live, record=lambda: None)
    live.messages.append("x" * 500 + "\n" + "y" * 500)
    for width in (1, 5, 20, 39, 40, 79, 80, 200):
        for height in (1, 2, 5, 10, 23, 24, 60):
            lines = drawn.lines(width, height)
            assert len(lines) <= height
            assert all(line.cell_len <= width for line in lines), (width, height)


def test_a_short_screen_keeps_the_title_and_the_load(live: Live) -> None:
    lines = [line.plain for line in board(live).lines(60, 4)]
    assert "Small" in lines[0]
    assert "load" in lines[1]


def test_many_meters_share_lines_and_leave_room_for_the_rest(live: Live) -> None:
    drawn = board(live)
    drawn.state.needles |= {f"m{n}": Needle() for n in range(40)}
    lines = [line.plain for line in drawn.lines(80, 24)]
    assert any(" m1 " in line and " m2 " in line for line in lines)
    assert any("more" in line for line in lines)
    assert any("esc quit" in line for line in lines)
    assert any("Z X C V" in line for line in lines)


def test_mute_recording_and_clipping_are_visible(live: Live, tmp_path: Path) -> None:
    drawn = board(live)
    live.muted = True
    live.record(tmp_path / "a.wav")
    next(iter(drawn.state.needles.values())).move(Level(2.0, 1.0), drawn.state.now)
    text = "\n".join(line.plain for line in drawn.lines(80, 24))
    assert "MUTED" in text
    assert "REC 0:0" in text
    assert "CLIP" in text


def test_a_late_callback_is_not_a_dropout(live: Live) -> None:
    """A device keeps playing from its buffer; only a reported underrun is audible."""
    drawn = board(live)
    live.device.record["missed"] += 3
    live.device.record["underruns"] += 1
    drawn.state._slow = float("-inf")
    drawn.state.update()
    assert drawn.state.dropouts == 1
    assert drawn.state.late >= 3
    assert f"1 dropout  {drawn.state.late} late" in "\n".join(line.plain for line in drawn.lines(100, 24))


def test_printed_stats_are_one_line(live: Live) -> None:
    for text in (str(live.stats), repr(live.stats)):
        assert len(text) < 200
        assert "\n" not in text
    assert "dropouts, " in str(live.stats)


def test_hidden_actions_have_no_key_in_the_help(live: Live) -> None:
    text = "\n".join(line.plain for line in board(live).lines(80, 24))
    assert "preset" not in text
    assert "record" not in text


CODE = f"""
from graph.graph import loads
from graph.view.screen import Actions, run
live = loads('''{PATCH}''').play(device="null", rate=8_000, block=256)
def fail(): raise ZeroDivisionError("on purpose")
try:
    with live:
        run(live, actions=Actions(reload=lambda: "it was reloaded", record=lambda: "on tape"), seconds=SECONDS)
finally:
    print("ended with", live.engine.notes(), "notes")
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    found = Terminal(CODE.replace("SECONDS", "60"), tmp_path)
    yield found
    found.close()


@posix_only
@compiled_only
def test_keys_play_notes_and_escape_twice_quits(terminal: Terminal) -> None:
    before = terminal.attributes()
    terminal.until("octave")
    assert terminal.attributes() != before
    terminal.type("z")
    terminal.until("C4 80%")
    terminal.type("\x1b[C")
    terminal.until("C5 to E7")
    terminal.type("\x12")
    terminal.until("it was reloaded")
    terminal.type("\x7f")
    terminal.until("MUTED")
    assert not terminal.screen.wrapped
    terminal.type("\x1b")
    terminal.until("press esc again")
    terminal.type("\x1b")
    assert terminal.end() == 0
    assert "ended with 1 notes" in terminal.raw
    assert terminal.attributes() == before
    assert not terminal.screen.alternate
    assert "\x1b[?25h" in terminal.raw
    assert "\x1b[<u" in terminal.raw


@posix_only
@compiled_only
def test_ctrl_c_restores_the_terminal(terminal: Terminal) -> None:
    before = terminal.attributes()
    terminal.until("octave")
    terminal.type("\x03")
    assert terminal.end() != 0
    assert terminal.attributes() == before
    assert not terminal.screen.alternate
    assert "KeyboardInterrupt" in terminal.raw


SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
def to_front():
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
job = subprocess.Popen([sys.executable, "-c", CODE], preexec_fn=to_front)
while True:
    _, status = os.waitpid(job.pid, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        print("it ended with", os.waitstatus_to_exitcode(status))
        break
    input("it is stopped, fg? ")
    os.tcsetpgrp(0, job.pid)
    os.killpg(job.pid, signal.SIGCONT)
"""


@posix_only
@compiled_only
def test_ctrl_z_gives_the_shell_its_terminal_and_fg_comes_back(tmp_path: Path) -> None:
    terminal = Terminal(f"CODE = {CODE.replace('SECONDS', '60')!r}\n{SHELL}", tmp_path)
    try:
        before = terminal.attributes()
        terminal.until("octave")
        assert terminal.attributes() != before
        terminal.type("\x1a")
        terminal.until("it is stopped")
        assert terminal.attributes() == before
        assert not terminal.screen.alternate
        terminal.screen.write("\x1b[2J")
        terminal.type("\r")
        terminal.until("C4 to E6")
        deadline = time.monotonic() + 10
        while "voices" not in terminal.screen.text and time.monotonic() < deadline:
            terminal.read(0.1)
        assert terminal.screen.alternate
        assert "voices" in terminal.screen.text
        terminal.type("\x1b\x1b\x1b")
        terminal.until("it ended with 0")
        assert terminal.attributes() == before
    finally:
        terminal.close()


@posix_only
@compiled_only
def test_ctrl_z_without_a_job_control_shell_is_ignored(terminal: Terminal) -> None:
    terminal.until("octave")
    terminal.type("\x1a")
    deadline = time.monotonic() + 10
    while terminal.raw.count("\x1b[?1049h") < 2 and time.monotonic() < deadline:
        terminal.read(0.1)
    assert terminal.raw.count("\x1b[?1049h") == 2
    terminal.type("\x1b\x1b\x1b")
    assert terminal.end() == 0
    assert terminal.raw.count("\x1b[>15u") == terminal.raw.count("\x1b[<u")


@posix_only
@compiled_only
def test_the_screen_is_redrawn_after_sigcont(terminal: Terminal) -> None:
    before = terminal.attributes()
    terminal.until("octave")
    terminal.process.send_signal(signal.SIGSTOP)
    terminal.process.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + 10
    while terminal.raw.count("\x1b[?1049h") < 2 and time.monotonic() < deadline:
        terminal.read(0.1)
    assert terminal.screen.alternate
    terminal.type("\x1b\x1b\x1b")
    assert terminal.end() == 0
    assert terminal.attributes() == before


@posix_only
@compiled_only
def test_a_resize_redraws_the_screen(terminal: Terminal) -> None:
    terminal.until("octave")
    for _ in range(20):
        terminal.read(0.02)
    before = terminal.raw.count("\x1b[2J")
    terminal.resize(40, 12)
    deadline = time.monotonic() + 10
    while terminal.raw.count("\x1b[2J") == before and time.monotonic() < deadline:
        terminal.screen.wrapped.clear()  # from a frame in progress
        terminal.read(0.02)
    terminal.screen.wrapped.clear()
    for _ in range(20):
        terminal.read(0.02)
    assert not terminal.screen.wrapped
    assert "load" in terminal.screen.text
    assert len(terminal.screen.text.splitlines()) == 12


@posix_only
@compiled_only
def test_the_view_ends_after_its_seconds(tmp_path: Path) -> None:
    terminal = Terminal(CODE.replace("SECONDS", "0.5"), tmp_path)
    try:
        assert terminal.end() == 0
        assert not terminal.screen.alternate
    finally:
        terminal.close()


@compiled_only
def test_a_pipe_gets_plain_lines(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "live = None\n" + CODE.replace("SECONDS", "0.6")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Small: the null device, 8 kHz, 256 frames, ")
    assert any(line.startswith("played 0:00: load ") and ", peak " in line for line in lines)
    assert "\x1b" not in done.stdout
