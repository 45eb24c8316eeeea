"""MidiClock: even beats from jittered ticks."""

from __future__ import annotations

import numpy as np
import pytest

from graph import CONTINUE, JUMP, START, STOP, TICK
from graph.memory.events import EVENT, new_events
from graph.testing import block_of
from nodes import MidiClock

RATE = 48_000


def frames_of(beats, bpm=120.0):
    return np.asarray(beats) * 60.0 * RATE / bpm


def ticks(start, stop, bpm=120.0, first=0.0):
    """Frames of the ticks from one beat to another, the first of them `first` frames after 0."""
    count = round((stop - start) * 24)
    return first + np.arange(count) * 60.0 * RATE / (24 * bpm)


def follow(messages, frames, **values):
    """Runs `messages`, (frame, kind, value) in order, through the node in blocks of up to 1 s."""
    beats, tempi, playing, changes = [], [], [], []
    messages = sorted(messages, key=lambda m: m[0])
    block, start = None, 0
    while start < frames:
        size = min(4_800, frames - start)
        events = new_events()
        mine = [(round(f) - start, k, 0, 0, 0.0, v) for f, k, v in messages if start <= round(f) < start + size]
        events.records[: len(mine)] = np.array(mine, EVENT) if mine else np.zeros(0, EVENT)
        events.count[0] = len(mine)
        if block is None:
            block = block_of(MidiClock, frames=size, events=events, sample_rate=RATE, **values)
        else:
            block = block._replace(events=events)
        MidiClock.process(block)
        beats.append(block.out.beat[:-1].copy())
        tempi.append(block.out.tempo.copy())
        playing.append(block.out.playing.copy())
        records = block.out.changes.records[: block.out.changes.count[0]]
        changes += [(int(r["frame"]) + start, int(r["kind"]), float(r["value"])) for r in records]
        start += size
    return np.concatenate(beats), np.concatenate(tempi), np.concatenate(playing), changes


def clock(times, jitter=0.0, seed=1):
    rng = np.random.default_rng(seed)
    times = np.asarray(times)
    late = times + rng.normal(0.0, jitter * RATE, len(times))
    return [(max(0.0, f), TICK, 0.0) for f in np.sort(late)]


def hits(beat, step=0.25):
    """The first frame at or after each multiple of a step."""
    wanted = np.arange(np.ceil(beat[0] / step), np.floor(beat[-1] / step) + 1) * step
    return wanted, np.searchsorted(beat, wanted - 1e-9)


def test_an_even_clock_is_followed_to_the_frame():
    beat, tempo, playing, changes = follow([(0, START, 0.0), *clock(ticks(0, 8))], 4 * RATE)
    assert (playing == 1).all()
    np.testing.assert_allclose(beat, np.arange(len(beat)) / 24_000, atol=1e-9)
    np.testing.assert_allclose(tempo[2_000:], 120.0, rtol=1e-9)
    assert [change[:2] for change in changes] == [(0, START)]


@pytest.mark.parametrize("bpm", [60.0, 120.0, 187.0, 300.0])
def test_a_millisecond_of_jitter_leaves_the_tempo_steady_and_the_hits_on_the_grid(bpm):
    first = 4_000.0
    times = ticks(-2, 38, bpm, first)
    origin = first + frames_of(2, bpm)
    messages = [(origin - 300, START, 0.0), *clock(times, jitter=0.001)]
    beat, tempo, playing, _ = follow(messages, int(origin + frames_of(38, bpm)))
    locked = int(origin + frames_of(6, bpm))
    assert playing[locked:].all()
    assert np.abs(tempo[locked:] / bpm - 1).max() < 0.001
    running = np.flatnonzero(playing)[0]
    wanted, frames = hits(beat[running:])
    off = (frames + running - (origin + frames_of(wanted, bpm))) / RATE
    assert np.abs(off).max() < 0.0015
    assert (np.diff(beat[running:]) >= 0).all()


def test_a_new_tempo_is_found_and_the_beat_is_not_lost():
    first, second = ticks(0, 8, 120.0), ticks(0, 16, 90.0, first=frames_of(8))
    messages = [(0, START, 0.0), *clock(np.concatenate([first, second]), jitter=0.0005)]
    beat, tempo, _, _ = follow(messages, int(frames_of(8) + frames_of(16, 90.0)))
    assert np.abs(tempo[int(frames_of(8) + frames_of(6, 90.0)) :] / 90 - 1).max() < 0.002
    wanted, frames = hits(beat)
    late = wanted > 12
    off = (frames[late] - frames_of(8) - frames_of(wanted[late] - 8, 90.0)) / RATE
    assert np.abs(off).max() < 0.0015


def test_a_tempo_that_doubles_is_followed_within_a_beat():
    messages = [(0, START, 0.0), *clock(np.concatenate([ticks(0, 4), ticks(0, 8, 240.0, frames_of(4))]))]
    beat, tempo, _, _ = follow(messages, int(frames_of(4) + frames_of(8, 240.0)))
    after = int(frames_of(4) + frames_of(1, 240.0))
    np.testing.assert_allclose(tempo[after:], 240.0, rtol=0.001)
    assert beat[-1] == pytest.approx(12.0, abs=0.01)


def test_stop_continue_and_song_position():
    messages = [
        *clock(ticks(0, 12)),
        (0, START, 0.0),
        (frames_of(2) + 500, STOP, 0.0),
        (frames_of(4) - 100, CONTINUE, 0.0),
        (frames_of(5) + 500, STOP, 0.0),
        (frames_of(5) + 700, JUMP, 16.0),
        (frames_of(6) - 100, CONTINUE, 0.0),
    ]
    beat, _, playing, changes = follow([messages[-6], *messages[:-6], *messages[-5:]], int(frames_of(8)))
    assert [kind for _, kind, _ in changes] == [START, STOP, START, STOP, JUMP, START]
    stopped = 2 + 1 / 24
    assert beat[int(frames_of(3))] == pytest.approx(2 + 0.5 / 24, abs=1e-4)
    assert beat[int(frames_of(4.5))] == pytest.approx(stopped + 0.5, abs=1e-6)
    assert beat[int(frames_of(5.9))] == pytest.approx(16.0)
    assert beat[int(frames_of(7.5))] == pytest.approx(17.5, abs=1e-6)
    assert not playing[int(frames_of(3))]


def test_ticks_alone_give_the_tempo_and_play_nothing():
    beat, tempo, playing, changes = follow(clock(ticks(0, 4, 90.0)), int(frames_of(4, 90.0)), tempo=140.0)
    assert not playing.any()
    assert not beat.any()
    assert changes == []
    assert tempo[-1] == pytest.approx(90.0)


def test_until_ticks_arrive_it_runs_at_its_own_tempo():
    _, tempo, playing, _ = follow([], 4_800, tempo=97.0)
    np.testing.assert_allclose(tempo, 97.0)
    assert not playing.any()


@pytest.mark.parametrize("gap", [2.0, 7.5])
def test_a_clock_that_drops_out_stops_and_is_rejoined_where_it_would_be(gap):
    times = ticks(0, 16)
    silent = (times >= frames_of(6)) & (times < frames_of(6 + gap))
    messages = [(0, START, 0.0), *clock(times[~silent], jitter=0.0003)]
    beat, _, playing, changes = follow(messages, int(frames_of(15)))
    assert [kind for _, kind, _ in changes] == [START, STOP, START]
    assert changes[1][0] == pytest.approx(frames_of(6) - 1_000 + 0.5 * RATE, abs=100)
    assert changes[2][0] == pytest.approx(frames_of(6 + gap), abs=100)
    back = int(frames_of(6 + gap)) + 4_000
    assert playing[back:].all()
    np.testing.assert_allclose(beat[back:], np.arange(back, len(beat)) / 24_000, atol=0.0015 * 2)


def test_a_single_late_tick_moves_nothing_far():
    times = ticks(0, 12)
    times[200] += 0.9 * 1_000
    beat, tempo, _, _ = follow([(0, START, 0.0), *clock(times)], int(frames_of(12)))
    np.testing.assert_allclose(beat, np.arange(len(beat)) / 24_000, atol=0.0015 * 2)
    assert np.abs(tempo[5_000:] / 120 - 1).max() < 0.005


def test_offset_brings_the_beat_forward():
    beat, _, _, _ = follow([(0, START, 0.0), *clock(ticks(0, 4))], int(frames_of(4)), offset=0.01)
    np.testing.assert_allclose(beat[10_000:], (np.arange(10_000, len(beat)) + 480) / 24_000, atol=1e-6)


def test_a_flood_of_ticks_stays_finite():
    messages = [(0, START, 0.0), *[(10, TICK, 0.0)] * 200, *clock(ticks(0, 2, first=24_000))]
    beat, tempo, _, _ = follow(messages, 2 * RATE)
    assert np.isfinite(beat).all()
    assert (tempo > 0).all()
    assert (tempo <= 1_001).all()
