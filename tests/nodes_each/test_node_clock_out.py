"""ClockOut: each tick on its frame, and the message order that receivers expect."""

from __future__ import annotations

import numpy as np
import pytest

from graph import CONTINUE, JUMP, START, STOP, TICK
from graph.memory.events import EVENT, Clock, new_clock, new_events
from graph.testing import block_of
from nodes import ClockOut, MidiClock, Transport

RATE = 48_000


def send(clocks):
    """The messages sent for a run of clock blocks: (frame, kind, value)."""
    sent, start, block = [], 0, None
    for clock in clocks:
        block = block_of(ClockOut, clock=clock) if block is None else block._replace(clock=clock)
        ClockOut.process(block)
        records = block.out.records[: block.out.count[0]]
        sent += [(int(r["frame"]) + start, int(r["kind"]), float(r["value"])) for r in records]
        assert (records["channel"] == 0).all()
        start += len(clock.tempo)
    return sent


def transport(blocks, frames=4_800, **values):
    block = block_of(Transport, frames=frames, **values)
    for _ in range(blocks):
        Transport.process(block)
        yield block.out


@pytest.mark.parametrize("bpm", [60.0, 120.0, 97.3, 187.5])
def test_every_tick_is_on_the_first_frame_of_its_beat(bpm):
    sent = send(transport(40, tempo=bpm))
    assert sent[0] == (0, START, 0.0)
    frames = np.array([frame for frame, kind, _ in sent if kind == TICK])
    exact = np.arange(len(frames)) * 60 * RATE / (24 * float(np.float32(bpm)))
    np.testing.assert_array_equal(frames, np.ceil(exact - 1e-4))
    assert len(frames) == np.ceil(40 * 4_800 * 24 * bpm / (60 * RATE) - 1e-9)


def test_a_clock_that_starts_mid_song_sends_its_position_and_continues_on_the_sixteenth():
    sent = send([new_clock(24_000, start=1.3)])
    assert sent[0] == (0, JUMP, 1.5)
    continued = int(np.ceil(0.2 * 24_000 - 1e-6))
    assert sent[1] == (continued, CONTINUE, 1.5)
    assert sent[2][:2] == (continued, TICK)
    assert sent[3][:2] == (continued + 1_000, TICK)


def test_before_beat_0_nothing_is_sent():
    sent = send([new_clock(24_000, start=-0.5)])
    assert sent[:2] == [(12_000, START, 0.0), (12_000, TICK, 0.0)]


def test_stop_and_start_again():
    playing = np.where((np.arange(48_000) >= 10_100) & (np.arange(48_000) < 20_000), 0.0, 1.0)
    block = block_of(Transport, playing=playing, frames=48_000)
    Transport.process(block)
    sent = send([block.out])
    kinds = [kind for _, kind, _ in sent if kind != TICK]
    assert kinds == [START, STOP, JUMP, CONTINUE]
    stop, jump, go = (row for row in sent if row[1] in (STOP, JUMP, CONTINUE))
    assert stop[0] == 10_100
    assert jump == (20_000, JUMP, 0.5)
    assert go[0] == 20_000 + 12_000 - 10_100
    assert not [f for f, kind, _ in sent if kind == TICK and 10_100 <= f < go[0]]


def test_a_jump_sends_stop_song_position_and_continue():
    clock = new_clock(24_000, start=0.0)
    beat = clock.beat.copy()
    beat[12_000:] += 7.25
    changes = new_events()
    changes.records[0] = np.array((12_000, JUMP, 0, 0, 0.0, beat[12_000]), EVENT)
    changes.count[0] = 1
    sent = send([Clock(beat, clock.tempo, clock.playing, clock.quantum, changes)])
    others = [row for row in sent if row[1] != TICK]
    assert others == [(0, START, 0.0), (12_000, STOP, 7.75), (12_000, JUMP, 7.75), (12_000, CONTINUE, 7.75)]


def test_no_clock_sends_nothing():
    clock = new_clock(4_800, tempo=0.0)
    assert send([clock]) == []


def test_midi_clock_reads_what_clock_out_sends():
    follower = block_of(MidiClock, frames=4_800)
    sender = block_of(ClockOut, frames=4_800)
    for i, clock in enumerate(transport(20, tempo=133.0)):
        sender = sender._replace(clock=clock)
        ClockOut.process(sender)
        follower = follower._replace(events=sender.out)
        MidiClock.process(follower)
        if i > 10:
            np.testing.assert_allclose(follower.out.beat, clock.beat, atol=3e-5)
            np.testing.assert_allclose(follower.out.tempo, 133.0, rtol=1e-4)
