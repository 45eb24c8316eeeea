"""Ableton Link against real peers: Link's own TEST-PLAN, each peer in a network namespace of its own.

Peers are processes with aalink, which holds Link's library; ours play a graph by a Link node, or wait for
beats with LinkClock.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, missing
from jack_clients import clients
from jack_server import jack_server
from link_hut import link_hut, until
from network import Network, Peer, network

from graph.clocks.host import host_ns
from graph.clocks.link_session import SETTLE
from graph.native.functions import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="plain Python is too slow to play")
CLOSE = 0.0005
"""Allowed difference between peers in seconds; on one machine it is microseconds."""
TOLERANCE = 0.003
"""Allowed difference between clicks in seconds, from Link's TEST-PLAN."""
RATE = 48_000
NETWORKED = "from graph.clocks.link_session import networked; print(networked())"


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    for name in ("aalink", "link"):
        if importlib.util.find_spec(name) is None:
            missing(f"the package that brings `{name}`")


def apart(*peers: Peer, quantum: float = 4.0) -> float:
    """Phase difference between peers in seconds, at the same time."""
    now = host_ns()
    beats = np.array([peer.beat_at(now) for peer in peers])
    off = (beats - beats[0] + quantum / 2) % quantum - quantum / 2
    return float(np.ptp(off)) * 60 / peers[0].tempo


def joined(*peers: Peer) -> bool:
    return all(peer.num_peers == len(peers) - 1 for peer in peers)


def in_time(*peers: Peer) -> None:
    """Fails unless the peers soon agree on tempo and phase, and continue to agree."""
    until(lambda: max(abs(peer.tempo - peers[0].tempo) for peer in peers) < 0.01, 5.0)
    until(lambda: apart(*peers) < CLOSE, 5.0)
    assert np.median([apart(*peers) for _ in range(5)]) < CLOSE


@pytest.fixture(scope="module")
def session() -> Iterator[tuple[Network, Peer, Peer]]:
    """A peer at 97.3 bpm, joined by a patch at 130 bpm that follows the session's start and stop."""
    with network() as net:
        peer = net.peer("link_peer.py", "97.3", "aalink")
        time.sleep(0.2)
        ours = net.peer("link_player.py", "130", "null", "sync")
        until(lambda: joined(peer, ours))
        yield net, peer, ours


def test_tempo_2_joining_leaves_the_tempo_of_a_session_alone(session) -> None:
    _, peer, ours = session
    assert peer.tempo == pytest.approx(97.3, abs=0.001)
    in_time(peer, ours)
    assert ours.tempo == pytest.approx(97.3, abs=0.001)


def test_tempo_1_tempo_changes_propagate_both_ways(session) -> None:
    _, peer, ours = session
    peer.set(tempo=141.5)
    until(lambda: abs(ours.tempo - 141.5) < 0.01, 5.0)
    in_time(peer, ours)
    ours.set(tempo=88.0)
    until(lambda: abs(peer.tempo - 88.0) < 0.01, 5.0)
    in_time(peer, ours)


def test_tempo_3_another_patch_leaves_the_tempo_alone(session) -> None:
    _, peer, ours = session
    peer.set(tempo=101.0)
    until(lambda: abs(ours.tempo - 101.0) < 0.01, 5.0)
    ours.ask(reload=150.0)
    time.sleep(0.3)
    assert peer.tempo == pytest.approx(101.0, abs=0.001)
    in_time(peer, ours)


@pytest.mark.parametrize("tempo", [20.0, 999.0])
def test_tempo_4_the_slowest_and_the_fastest_tempo_are_followed(session, tempo: float) -> None:
    _, peer, ours = session
    peer.set(tempo=tempo)
    until(lambda: abs(ours.tempo - tempo) < 0.1, 5.0)
    in_time(peer, ours)
    assert peer.tempo == pytest.approx(tempo, rel=1e-4)


def test_start_stop_state_1_starts_and_stops_of_peers_are_followed(session) -> None:
    _, peer, ours = session
    peer.set(tempo=240.0)
    until(lambda: abs(ours.tempo - 240.0) < 0.1, 5.0)
    for playing in (True, False, True, False):
        peer.set(playing=playing)
        until(lambda wanted=playing: ours.playing == wanted, 5.0)


def test_start_stop_state_2_peers_follow_our_starts_and_stops(session) -> None:
    _, peer, ours = session
    ours.set(playing=False)
    time.sleep(0.1)  # there is no effect to wait for
    for playing in (True, False, True, False):
        ours.set(playing=playing)
        until(lambda wanted=playing: peer.playing == wanted, 5.0)
        until(lambda wanted=playing: ours.playing == wanted, 5.0)


def test_a_start_by_a_peer_is_beat_0_at_a_bar(session) -> None:
    _, peer, ours = session
    peer.set(playing=False)
    until(lambda: not peer.playing and not ours.playing)
    peer.set(playing=True)
    until(lambda: ours.playing)
    assert -4.0 <= ours.beat < 4.0
    in_time(peer, ours)


def test_three_peers_over_a_bridge_agree_whoever_sets_the_tempo(session) -> None:
    net, peer, ours = session
    third = net.peer("link_peer.py", "66", "ours")
    until(lambda: joined(peer, ours, third))
    in_time(peer, ours, third)
    for setter, tempo in ((third, 122.0), (peer, 77.0), (ours, 180.0)):
        setter.set(tempo=tempo)
        until(lambda wanted=tempo: max(abs(p.tempo - wanted) for p in (peer, ours, third)) < 0.02, 5.0)
        in_time(peer, ours, third)
    woken = [third.ask(sync=1 / 2) for _ in range(4)]
    beats = [wake["beat"] for wake in woken]
    assert np.diff(beats).tolist() == [0.5, 0.5, 0.5]
    late = [peer.beat_at(wake["time"]) % 0.5 for wake in woken]
    assert np.median(late) * 60 / 180 < 0.01
    third.set(playing=False)
    until(lambda: not ours.playing and not peer.playing)
    third.call("force_beat", 2.5)
    until(lambda: apart(peer, ours, third) < CLOSE)
    third.set(enabled=False)
    until(lambda: joined(peer, ours))


def test_tempo_and_beat_do_not_change_alone_or_when_a_peer_joins() -> None:
    """TEMPO-5, BEATTIME-1 and BEATTIME-2.

    A player alone counts beats by frames, so where a busy machine holds the device up, its beat is late by as
    much. That is measured in the same look and taken off.
    """
    with network() as net:
        ours = net.peer("link_player.py", "113", "null", "early")
        until(lambda: ours.ask(line=True)["tempo"] > 0)  # the device has begun, and keeps time
        first = ours.ask(line=True)
        seen, held_up = [], [0.0]

        def watch(seconds: float) -> None:
            """Compares the beat with the first reading."""
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                line = ours.ask(line=True)
                held_up.append(max(held_up[-1], abs(line["start"] - first["start"]) * 113 / 60e9))
                off = line["beat"] - first["beat"] - (line["time"] - first["time"]) * 113 / 60e9
                seen.append(max(0.0, abs(off) - held_up[-1]))
                time.sleep(0.02)

        until(lambda: watch(0.1) or ours.ask(session=True))
        watch(SETTLE + 1.0)  # ours is the older session: Link is enabled meanwhile
        peer = net.peer("link_peer.py", "71", "aalink")
        until(lambda: joined(peer, ours))
        watch(0.5)
        until(lambda: abs(peer.tempo - 113.0) < 0.001, 10.0)  # Link measures a peer before it adopts its tempo
        watch(0.2)
        assert ours.tempo == pytest.approx(113.0, abs=0.001)
        assert len(seen) > 20
        print(f"held up by {held_up[-1] * 60_000 / 113:.1f} ms, off by {max(seen) * 60_000 / 113:.1f} ms besides")
        assert max(seen) < 0.01  # beats: 5 ms, from the first reading on
        in_time(peer, ours)


def test_peers_that_join_and_leave_and_a_missing_network_are_reported() -> None:
    with network() as net:
        alone = subprocess.run(["unshare", "-rn", sys.executable, "-c", NETWORKED], capture_output=True, cwd=ROOT)
        assert alone.stdout == b"False\n"
        among = net.start(sys.executable, "-c", NETWORKED, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert among.stdout.readline() == "True\n"
        ours = net.peer("link_player.py", "120", "null")
        peer = net.peer("link_peer.py", "71", "aalink")
        until(lambda: ours.ask(news=True)[1:] == ["Link: 1 other peer in the session"])
        assert ours.peers == 1
        peer.set(enabled=False)
        until(lambda: ours.ask(news=True)[2:] == ["Link: no other peers in the session"])


def test_joining_the_network_is_said_and_prevented(tmp_path: Path) -> None:
    nodes = "beat: {node: Link}, drums: {node: Pattern, clock: beat}, kit: {node: DrumKit, events: drums}"
    (tmp_path / "p.yaml").write_text(f"nodes: {{{nodes}}}\nout: kit\n")
    words = [sys.executable, "-m", "graph.cli.main", str(tmp_path / "p.yaml"), "--device", "null", "--plain", "-t", "4"]
    with network() as net:
        peer = net.peer("link_peer.py", "71", "aalink")
        apart = net.start(*words, "--no-link", stdout=subprocess.PIPE, text=True, cwd=ROOT)
        said = apart.communicate(timeout=60)[0]
        assert "beat runs alone: Link is off" in said
        assert "Ableton Link" not in said
        assert peer.num_peers == 0
        joins = net.start(*words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        until(lambda: peer.num_peers == 1)
        assert "beat joins Ableton Link on the local network; --no-link prevents it" in joins.communicate(timeout=60)[0]


def test_link_hut_and_we_follow_each_other() -> None:
    with jack_server(period=256), network() as net:
        ours = net.peer("link_player.py", "97", "null", "sync")
        time.sleep(1.0)  # the session that is older by half a second keeps its tempo
        with link_hut(net) as hut:
            until(lambda: ours.num_peers == 1)
            until(lambda: abs(hut.tempo - 97.0) < 0.01)
            hut.press("e")  # faster by 1
            until(lambda: abs(ours.tempo - 98.0) < 0.01, 5.0)
            ours.set(tempo=140.0)
            until(lambda: abs(hut.tempo - 140.0) < 0.01, 5.0)
            for playing in (True, False):  # Link does not tell new peers about earlier starts
                hut.press(" ")
                until(lambda wanted=playing: ours.playing == wanted and hut.plays == wanted, 5.0)


def onsets(sound: np.ndarray) -> np.ndarray:
    """Frames where a click starts after 20 ms of silence."""
    loud = np.flatnonzero(np.abs(sound) > 0.3)
    quiet = np.diff(loud, prepend=0) > RATE // 50
    return loud[quiet]


def test_audio_engine_1_our_clicks_coincide_with_link_huts_at_any_output_latency() -> None:
    """If our output latency is higher than the peer's, our clicks are sent earlier by the difference."""
    period, tempo, later = 256, 240.0, 2_400
    with jack_server(period=period), network() as net, clients() as jack:
        ours = net.peer("link_player.py", "120", "jack", "sync")
        ear = jack.Ear(2)

        def together(sooner: int) -> bool:
            """Whether a second's clicks are; where the machine stumbled, LinkHut takes three to be right again."""
            mine, theirs = (
                onsets(channel) + shift for channel, shift in zip(ear.latest(RATE).T, (sooner, 0), strict=True)
            )
            off = [np.abs(mine - frame).min() for frame in theirs if mine.size and sooner < frame < RATE - sooner]
            return len(off) > 2 and max(off) < TOLERANCE * RATE

        with link_hut(net) as hut:
            until(lambda: ours.num_peers == 1)
            ours.set(tempo=tempo)
            until(lambda: abs(hut.tempo - tempo) < 0.01)
            ear.connect(ours.hello[0], "system:playback_1")  # to which LinkHut connects itself
            ear.connect(ours.hello[0], "ear:in_0")
            ear.connect("LinkHut:out_1", "ear:in_1")
            hut.press(" ")
            until(lambda: together(0))
            ear.delay([later, 0])
            until(lambda: together(later - period))
        ear.close()
