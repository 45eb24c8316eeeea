"""The clock of a patch: beats at exact frames, for hours."""

from __future__ import annotations

import numpy as np
import pytest

from graph import START, STOP
from graph.testing import block_of
from nodes import Transport


def changes(block):
    records = block.out.changes.records[: block.out.changes.count[0]]
    return [(int(r["frame"]), int(r["kind"]), float(r["value"])) for r in records]


def clock(**values):
    block = block_of(Transport, **values)
    Transport.process(block)
    return block


def test_the_beat_of_every_frame_is_exact():
    block = clock(tempo=120.0, frames=256)
    np.testing.assert_allclose(block.out.beat, np.arange(257) * 120 / (60 * 48_000), rtol=1e-15)
    assert (block.out.tempo == 120).all()
    assert (block.out.playing == 1).all()


def test_it_starts_once_at_its_first_frame():
    block = clock(frames=64)
    assert changes(block) == [(0, START, 0.0)]
    Transport.process(block)
    assert changes(block) == []


def test_blocks_join_without_a_seam():
    block = clock(tempo=140.0, frames=64)
    first = block.out.beat.copy()
    Transport.process(block)
    assert block.out.beat[0] == pytest.approx(first[64], rel=1e-15)
    np.testing.assert_allclose(block.out.beat, np.arange(64, 129) * 140 / (60 * 48_000), rtol=1e-15)


def test_an_hour_ends_on_its_sample():
    block = block_of(Transport, tempo=133.0, frames=64, sample_rate=44_100.0)
    hour = 3_600 * 44_100
    block.anchor[:] = 0.0, hour - 32, 133.0
    Transport.process(block)
    assert block.out.beat[32] == pytest.approx(133 * 60, rel=1e-15)


def test_a_new_tempo_holds_from_its_frame_and_the_beat_goes_on():
    tempo = np.where(np.arange(200) < 75, 120.0, 60.0)
    block = clock(tempo=tempo)
    expected = np.concatenate([[0.0], np.cumsum(tempo)]) / (60 * 48_000)
    np.testing.assert_allclose(block.out.beat, expected, rtol=1e-13)
    np.testing.assert_array_equal(block.out.tempo, tempo)


def test_a_tempo_that_moves_all_the_time_is_integrated():
    tempo = np.linspace(60, 180, 3_000).astype(np.float32)
    block = clock(tempo=tempo)
    expected = np.concatenate([[0.0], np.cumsum(tempo.astype(float))]) / (60 * 48_000)
    np.testing.assert_allclose(block.out.beat, expected, rtol=1e-12)


def test_stopped_the_beat_stands_still_and_goes_on_from_there():
    playing = np.where((np.arange(200) >= 50) & (np.arange(200) < 120), 0.0, 1.0)
    block = clock(playing=playing)
    per_frame = 120 / (60 * 48_000)
    at = 50 * per_frame
    assert [change[:2] for change in changes(block)] == [(0, START), (50, STOP), (120, START)]
    assert [change[2] for change in changes(block)] == pytest.approx([0.0, at, at], rel=1e-14)
    np.testing.assert_array_equal(block.out.playing, playing)
    np.testing.assert_allclose(block.out.beat[50:121], at, rtol=1e-14)
    assert block.out.beat[200] == pytest.approx(130 * per_frame)


def test_it_can_begin_stopped():
    block = clock(playing=0.0)
    assert changes(block) == []
    assert not block.out.beat.any()
    assert (block.out.tempo == 120).all()


def test_the_bar_has_the_beats_of_quantum():
    assert clock(quantum=3.5).out.quantum[0] == 3.5


@pytest.mark.parametrize(("wild", "held"), [(0.0, 20.0), (5_000.0, 999.0), (np.nan, 20.0)])
def test_a_wild_tempo_is_held_within_its_range(wild, held):
    block = clock(tempo=np.full(64, wild))
    assert (block.out.tempo == held).all()
    assert np.isfinite(block.out.beat).all()


def test_any_split_of_frames_gives_the_same_beats():
    tempo = np.repeat([90.0, 127.5, 60.0, 999.0], 48)
    playing = np.repeat([1.0, 0.0, 1.0], 64)
    whole = clock(tempo=tempo, playing=playing).out.beat
    block = block_of(Transport, tempo=tempo[:32], playing=playing[:32])
    for start in range(0, 192, 32):
        block.tempo[:, 0] = tempo[start : start + 32]
        block.playing[:, 0] = playing[start : start + 32]
        Transport.process(block)
        np.testing.assert_allclose(block.out.beat, whole[start : start + 33], rtol=1e-14)
