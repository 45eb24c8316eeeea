"""JackTransport against a record written by the test; test_jack_time.py uses a real server."""

from __future__ import annotations

import numpy as np
import pytest

from graph import JUMP, START, STOP
from graph.memory.tables import MOMENT, TRANSPORT
from graph.testing import block_of
from nodes import JackTransport

RATE = 48_000


class Jack:
    def __init__(self, frames=64, **values):
        self.jack = np.zeros(1, TRANSPORT).view(np.recarray)
        self.moment = np.zeros(1, MOMENT).view(np.recarray)
        self.jack.known = 1
        self.block = block_of(JackTransport, frames=frames, jack=self.jack, moment=self.moment, **values)
        self.changes = []

    def run(self, **now):
        """One block; `now` is the state of the transport."""
        for name, value in now.items():
            self.jack[name] = value
        JackTransport.process(self.block)
        out = self.block.out
        records = out.changes.records[: out.changes.count[0]]
        self.changes += [(int(r["frame"]), int(r["kind"]), float(r["value"])) for r in records]
        self.moment.now += len(out.tempo)
        return out.beat.copy()


def test_without_a_master_beats_are_counted_from_frame_0_of_the_transport():
    jack = Jack(tempo=90.0)
    assert (jack.run(rolling=0, frame=48_000) == 1.5).all()
    assert not jack.block.out.playing.any()
    for start in range(0, 640, 64):
        beat = jack.run(rolling=1, frame=48_000 + start, at=64 + start)
        np.testing.assert_allclose(beat, (48_000 + start + np.arange(65)) * 1.5 / RATE, rtol=1e-9)
    assert jack.changes == [(0, JUMP, 1.5), (0, START, pytest.approx(1.5))]


def test_the_timebase_master_sets_tempo_beat_and_bar():
    jack = Jack(tempo=90.0)
    beat = jack.run(rolling=1, frame=0, at=0, tempo=140.0, beat=9.25, quantum=3.0)
    np.testing.assert_allclose(beat, 9.25 + np.arange(65) * 140 / 60 / RATE, rtol=1e-9)
    assert (jack.block.out.tempo == 140).all()
    assert jack.block.out.quantum[0] == 3


def test_a_callback_that_serves_several_blocks_moves_each_on():
    jack = Jack()
    first = jack.run(rolling=1, frame=1_000, at=0)
    second = jack.run()
    assert second[0] == pytest.approx(first[-1], abs=1e-9)


def test_whole_ticks_of_the_timebase_master_cause_no_jitter():
    jack = Jack(tempo=120.0)
    beats = []
    for start in range(0, 64_000, 64):
        exact = start * 2 / RATE
        beats.append(jack.run(rolling=1, at=start, frame=start, tempo=120.0, beat=np.floor(exact * 960) / 960)[:-1])
    steps = np.diff(np.concatenate(beats)) * RATE / 2
    assert steps.min() > 0.9
    assert steps.max() < 1.1
    assert [kind for _, kind, _ in jack.changes] == [START]


def test_a_stop_and_a_jump_are_followed():
    jack = Jack()
    jack.run(rolling=1, frame=0, at=0)
    jack.run(rolling=0, frame=64)
    jack.run(rolling=0, frame=96_000)
    jack.run(rolling=1, frame=96_000, at=192)
    jack.run(rolling=1, frame=0, at=256)
    assert [kind for _, kind, _ in jack.changes] == [START, STOP, JUMP, START, JUMP]
    assert [value for *_, value in jack.changes] == pytest.approx([0, 64 * 2 / RATE, 4, 4, 0], abs=1e-9)


def test_without_jack_it_runs_freely():
    block = block_of(JackTransport, frames=4_800, tempo=133.0)
    JackTransport.process(block)
    np.testing.assert_allclose(block.out.beat, np.arange(4_801) * 133 / 60 / RATE, rtol=1e-12)
    assert (block.out.playing == 1).all()
