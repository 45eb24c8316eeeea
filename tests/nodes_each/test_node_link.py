"""Link against a session record written by the test; test_link.py uses real peers."""

from __future__ import annotations

import numpy as np
import pytest

from graph import JUMP, START, STOP
from graph.memory.tables import LINK, MOMENT
from graph.testing import block_of
from nodes import Link

RATE = 48_000
PERIOD = 1e9 / RATE


class Session:
    """A node in an engine driven by a device, and a session that it may have joined."""

    def __init__(self, frames=480, output=0.0, **values):
        self.moment = np.zeros(1, MOMENT).view(np.recarray)
        self.link = np.zeros(1, LINK).view(np.recarray)
        self.link.ask_playing = -1
        self.moment.period, self.moment.time, self.moment.output = PERIOD, 1e12, output * 1e9
        self.block = block_of(Link, frames=frames, moment=self.moment, link=self.link, sample_rate=RATE, **values)
        self.beat, self.changes, self.playing, self.tempo = [], [], [], []

    def join(self, tempo=120.0, beat=0.0, peers=1, playing=0, since=0.0):
        """The session's timeline as of now."""
        link, moment = self.link, self.moment
        link.tempo, link.beat, link.peers, link.playing = tempo, beat, peers, playing
        link.time = moment.time + moment.now * PERIOD
        link.since = since

    def run(self, frames):
        size = len(self.block.out.tempo)
        for _ in range(frames // size):
            Link.process(self.block)
            out = self.block.out
            records = out.changes.records[: out.changes.count[0]]
            now = int(self.moment.now[0])
            self.changes += [(int(r["frame"]) + now, int(r["kind"]), float(r["value"])) for r in records]
            self.beat += out.beat[:-1].tolist()
            self.playing += out.playing.tolist()
            self.tempo += out.tempo.tolist()
            self.moment.now += size
        return np.array(self.beat[-frames:])

    def asked(self):
        link = self.link[0]
        return int(link.asked), float(link.ask_tempo), int(link.ask_playing)


def test_without_a_session_it_runs_freely():
    block = block_of(Link, frames=4_800, tempo=97.3)
    Link.process(block)
    np.testing.assert_allclose(block.out.beat, np.arange(4_801) * np.float32(97.3) / (60.0 * RATE), rtol=1e-12)
    assert block.out.changes.count[0] == 1
    assert block.out.quantum[0] == 4
    assert (block.out.playing == 1).all()


def test_the_beat_is_that_at_which_the_frame_is_heard():
    session = Session(output=0.02, offset=0.005)
    session.join(tempo=120.0, beat=8.5)
    beat = session.run(4_800)
    expected = (np.arange(4_800) * PERIOD * 1e-9 + 0.025) * 2 + 8.5
    off = expected - beat
    np.testing.assert_allclose(off, off[0], atol=1e-7)
    assert off[0] % 4 == pytest.approx(0.0, abs=1e-6)
    assert -4 < beat[0] <= 0


def test_a_session_that_is_joined_late_moves_the_beat_back_to_its_phase():
    session = Session()
    session.run(9_600)
    session.join(tempo=90.0, beat=1_001.25)
    beat = session.run(4_800)
    assert beat[0] == pytest.approx(1.25 - 4.0, abs=1e-6)
    assert session.changes[1][:2] == (9_600, JUMP)
    assert session.tempo[-1] == 90.0


def test_a_session_tempo_change_is_followed_without_a_request():
    session = Session()
    session.join(beat=4.0)
    session.run(4_800)
    session.join(tempo=180.0, beat=4.2)
    beat = session.run(4_800)
    np.testing.assert_allclose(np.diff(beat[480:]), 3 / RATE, rtol=1e-6)
    assert beat[-1] == pytest.approx(0.2 + 4_799 * 3 / RATE, abs=1e-6)
    assert session.asked()[0] == 0
    assert [kind for _, kind, _ in session.changes] == [START]


def test_microseconds_of_trembling_are_spread_and_the_beat_never_goes_back():
    session = Session(frames=64)
    rng = np.random.default_rng(1)
    session.join(beat=0.0)
    start = float(session.link.time[0])
    for _ in range(200):
        session.link.time = start + rng.normal(0.0, 20e3)
        session.run(64)
    beat = np.array(session.beat)
    assert (np.diff(beat) >= 0).all()
    assert np.diff(beat).max() < 3 * 2 / RATE
    assert beat[-1] == pytest.approx((len(beat) - 1) * 2 / RATE, abs=1e-3)


def test_a_tempo_changed_while_playing_is_proposed_once():
    session = Session()
    session.join(beat=0.0)
    session.run(4_800)
    session.block.tempo[0] = 133.0
    session.run(4_800)
    assert session.asked() == (1, 133.0, -1)
    assert session.tempo[-1] == 120.0  # until the session has it


def test_alone_it_sets_the_tempo_and_beat_of_the_session():
    session = Session(tempo=97.0, offset=0.01)
    session.run(9_600)
    session.join(peers=0)
    session.run(480)
    assert session.asked() == (1, 97.0, -1)
    assert session.link.bring[0] == 1
    when = (session.link.ask_time[0] - session.moment.time[0]) / PERIOD
    assert when == pytest.approx(9_600 + 480, abs=0.01)  # the offset is 480 frames
    assert session.link.ask_beat[0] == pytest.approx(9_600 * 97 / 60 / RATE)
    session.join(tempo=97.0, peers=0, beat=0.0)
    session.link.beat = session.link.ask_beat
    session.link.time = session.link.ask_time
    session.link.answered = 1
    session.run(4_800)
    steps = np.diff(session.beat)
    np.testing.assert_allclose(steps, 97 / 60 / RATE, rtol=1e-4)
    assert [kind for _, kind, _ in session.changes] == [START]


def test_a_session_that_does_not_answer_is_still_joined():
    session = Session()
    session.join(tempo=90.0, peers=0)
    session.run(9_600)
    assert session.tempo[-1] == 90.0
    assert session.asked()[0] == 1


def test_with_peers_it_proposes_nothing():
    session = Session(tempo=97.0, start_stop_sync=True)
    session.join(peers=2)
    session.run(9_600)
    assert session.asked()[0] == 0


def test_two_simultaneous_requests_reach_the_session_in_turn():
    session = Session(start_stop_sync=True)
    session.join()
    session.run(480)
    session.block.tempo[0] = 140.0
    session.run(480)
    session.block.playing[0] = 0.0
    session.run(480)
    assert session.asked() == (1, 140.0, -1)
    session.run(960)
    assert session.asked() == (2, 0.0, 0)


def test_a_start_in_the_session_begins_beat_0_at_the_next_bar():
    session = Session(start_stop_sync=True)
    session.join(beat=1.0)
    session.run(4_800)  # 0.1 s, beat 1.2
    now = float(session.moment.time[0] + session.moment.now[0] * PERIOD)
    session.join(beat=1.2, playing=1, since=now + 100.5 * PERIOD)
    session.run(4_800)
    start = session.changes[-1]
    assert start[:2] == (4_800 + 101, START)
    assert start[2] == pytest.approx(1.2 + 101 * 2 / RATE - 4.0, abs=1e-6)
    assert not any(session.playing[480:4_901])
    assert all(session.playing[4_901:])


def test_a_stop_in_the_session_stops_on_its_frame_and_a_start_on_the_bar_is_beat_0():
    session = Session(start_stop_sync=True)
    session.join(beat=0.0, playing=1, since=1e12)
    session.run(4_800)
    assert session.changes[-1] == (0, START, pytest.approx(0.0, abs=1e-9))
    session.join(beat=0.2, playing=0, since=float(session.moment.time[0] + 5_000 * PERIOD))
    session.run(4_800)
    assert session.changes[-1][:2] == (5_000, STOP)
    session.join(beat=0.4, playing=1, since=float(session.moment.time[0] + 96_000 * PERIOD))
    session.run(96_000)
    frame, kind, value = session.changes[-1]
    assert (frame, kind) == (96_000, START)
    assert value == pytest.approx(0.0, abs=1e-3)


def test_without_start_stop_sync_the_session_does_not_stop_it():
    session = Session()
    session.join(playing=0, since=1.0)
    session.run(4_800)
    assert all(session.playing)
    session.block.playing[0] = 0.0
    session.run(480)
    assert session.changes[-1][1] == STOP


def test_a_forced_beat_is_a_jump_to_the_nearest_such_phase():
    session = Session()
    session.join(beat=0.0)
    session.run(4_800)
    session.join(beat=1_000.7)
    beat = session.run(480)
    assert beat[0] == pytest.approx(0.7, abs=1e-6)
    assert session.changes[-1][1] == JUMP


def test_a_session_that_ends_leaves_the_clock_running_at_its_tempo():
    session = Session()
    session.join(tempo=150.0, beat=0.0)
    session.run(4_800)
    session.link.tempo = 0.0
    beat = session.run(4_800)
    np.testing.assert_allclose(np.diff(beat), 2.5 / RATE, rtol=1e-6)
    assert beat[0] == pytest.approx(4_800 * 2.5 / RATE, abs=1e-6)
    assert [kind for _, kind, _ in session.changes] == [START]


def test_an_hour_alone_ends_on_its_sample():
    block = block_of(Link, frames=64, tempo=133.0)
    block.place[:] = 0.0, 133.0 * 60 - 32 * 133.0 / (60 * RATE), 0.0, 133.0, 133.0, 2.0
    block.anchor[:] = 0.0, 3_600 * RATE - 32, 133.0
    block.running[0] = 1
    Link.process(block)
    assert block.out.beat[32] == pytest.approx(133 * 60, rel=1e-14)
