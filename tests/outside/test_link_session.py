"""The Link session in the companion process, before it is on the network."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, missing

from graph import LinkClock
from graph.clocks import link_session
from graph.clocks.host import host_ns
from graph.clocks.link_session import LinkSession
from graph.errors import DeviceError
from graph.memory.tables import LINK
from graph.native.functions import PLAIN

PATCH = """
nodes:
  beat:  {node: Link, tempo: 240}
  drums: {node: Pattern, pattern: rock, clock: beat}
  kit:   {node: DrumKit, events: drums}
out: kit
"""


@pytest.fixture
def session():
    """A new session and its record."""
    if importlib.util.find_spec("link") is None:
        missing("LinkPython-extern")
    record = np.zeros(1, LINK)[0]
    record["ask_playing"] = -1
    made = LinkSession(97.0)
    made.start(SimpleNamespace(link=record))
    yield made, record
    made.stop()


def ask(session, **what):
    made, record = session
    for name, value in {"ask_tempo": 0.0, "ask_playing": -1, "ask_time": 0.0, "bring": 0, **what}.items():
        record[name] = value
    record["asked"] += 1
    made.poll()
    return record


def beat_at(record, time):
    return record["beat"] + (time - record["time"]) * record["tempo"] / 60e9


def test_it_publishes_its_timeline_and_only_when_that_changes(session):
    made, record = session
    assert record["tempo"] == pytest.approx(97.0, rel=1e-6)
    assert record["peers"] == 0
    assert record["sequence"] == 2
    for _ in range(20):
        made.poll()
    assert record["sequence"] == 2
    assert 0 <= beat_at(record, host_ns()) < 5


def test_it_executes_requests_and_acknowledges_them(session):
    record = ask(session, ask_tempo=141.0)
    assert record["tempo"] == pytest.approx(141.0, rel=1e-6)
    assert record["answered"] == record["asked"]
    since = host_ns() + 50_000_000
    record = ask(session, ask_playing=1, ask_time=float(since))
    assert record["playing"] == 1
    assert record["since"] == pytest.approx(since, abs=2_000)
    assert ask(session, ask_playing=0)["playing"] == 0


def test_without_peers_it_accepts_a_requested_beat(session):
    time = host_ns() + 10_000_000
    record = ask(session, bring=1, ask_beat=33.25, ask_time=float(time))
    assert beat_at(record, time) == pytest.approx(33.25, abs=1e-5)


@pytest.mark.parametrize(("tempo", "held"), [(1e9, 999.0), (0.001, 20.0), (float("nan"), 97.0), (-3.0, 97.0)])
def test_an_extreme_tempo_is_limited_to_links_range(session, tempo, held):
    assert ask(session, ask_tempo=tempo)["tempo"] == pytest.approx(held, rel=1e-4)


def test_a_restarted_session_keeps_the_tempo(session):
    _, record = session
    record["sequence"] += 1  # it died during a write
    heir = LinkSession(60.0)
    heir.start(SimpleNamespace(link=record))
    assert record["tempo"] == pytest.approx(97.0, rel=1e-6)
    assert record["sequence"] % 2 == 0
    heir.stop()
    assert record["tempo"] == 0.0


def test_without_the_package_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(DeviceError, match=r"Ableton Link is unavailable, .*pip install LinkPython-extern"):
        LinkSession().start(SimpleNamespace(link=np.zeros(1, LINK)[0]))
    with pytest.raises(DeviceError, match="pip install"):
        LinkClock(120)


def test_a_missing_network_is_reported_once_and_the_clock_continues(session, monkeypatch):
    made, record = session
    monkeypatch.setattr(link_session, "networked", lambda: False)
    monkeypatch.setattr(link_session, "SETTLE", 0.0)
    assert made.poll() == ["Link: no network, so there are no other peers"]
    assert made.poll() == []
    assert record["tempo"] == pytest.approx(97.0, rel=1e-6)


@pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play")
def test_a_patch_plays_on_without_the_package_and_says_so(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['link'] = None")
    (tmp_path / "x.yaml").write_text(PATCH)
    made = subprocess.run(
        [sys.executable, "-m", "graph.cli.main", str(tmp_path / "x.yaml"), "--device", "null", "--seconds", "2"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0
    assert "Ableton Link is unavailable, so each clock runs on its own: pip install" in made.stdout + made.stderr
    peak = float(re.findall(r"peak (-?[\d.]+) dB", made.stdout + made.stderr)[-1])
    assert peak > -30


def test_an_exception_in_a_callback_is_reported_and_the_session_continues(session):  # noqa: ARG001
    told, errors = [], []

    def broken(value):
        told.append((value, threading.current_thread() is threading.main_thread()))
        raise ZeroDivisionError

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context["exception"]))
        clock = LinkClock(120)
        clock.set_tempo_callback(broken)
        clock.set_start_stop_callback(broken)
        clock.tempo = 130
        clock.playing = True
        await clock.sync(1 / 4)
        return clock.tempo

    assert asyncio.run(asyncio.wait_for(main(), 5)) == pytest.approx(130.0, rel=1e-6)
    assert told == [(pytest.approx(130.0, rel=1e-6), True), (True, True)]
    assert [type(error) for error in errors] == [ZeroDivisionError, ZeroDivisionError]


@pytest.mark.parametrize("tempo", [0, -1, float("nan")])
def test_a_clock_wants_a_tempo_above_0(tempo):
    with pytest.raises(ValueError, match="tempo must be above 0"):
        LinkClock(tempo)
