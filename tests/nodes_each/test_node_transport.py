"""Transport: beats at exact frames, for hours."""

from __future__ import annotations

import numpy as np
import pytest

from graph import JUMP, START, STOP, NodeError
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
    Transport.process(block)
    block.law[1] = hour - 32
    Transport.process(block)
    assert block.out.beat[32] == pytest.approx(133 * 60, rel=1e-15)


def test_a_new_tempo_applies_from_its_frame_without_a_jump():
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


def test_a_stopped_beat_is_constant_and_resumes_from_there():
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


def test_a_time_signature_says_how_long_a_bar_is():
    assert clock(meter="6/8").out.quantum[0] == 3.0
    assert clock(meter="7/8").out.quantum[0] == 3.5


def test_a_tempo_ramp_takes_the_analytic_time():
    # dt = 60 / T db with T a straight line: 60 / slope * ln(end / begin) seconds.
    rate = 8_000
    block = clock(tempos="0: 60, 8: 180", frames=rate * 6, sample_rate=float(rate))
    seconds = 60 / 15 * np.log(3)
    frame = int(np.searchsorted(block.out.beat, 8.0 - 1e-9))
    assert frame == int(np.ceil(seconds * rate))
    time = np.arange(frame) / rate
    np.testing.assert_allclose(block.out.beat[:frame], 4 * np.expm1(time / 4), rtol=1e-12)
    np.testing.assert_allclose(block.out.tempo[:frame], 60 + 15 * block.out.beat[:frame], rtol=1e-12)
    after = np.arange(frame, rate * 6) / rate - seconds
    np.testing.assert_allclose(block.out.beat[frame:-1], 8 + after * 3, rtol=1e-12)


def test_a_tempo_map_holds_at_hold():
    block = clock(tempos="0: 60, 2: 60, 4: 120 hold, 5: 240", frames=6_000, sample_rate=1_000.0)
    assert block.out.beat[1_000] == pytest.approx(1.0, rel=1e-12)
    assert block.out.tempo[3_999] == 60.0
    assert block.out.tempo[4_000] == 120.0
    assert block.out.tempo[-1] == 240.0
    np.testing.assert_allclose(block.out.beat[-1], 5 + (2_000 / 1_000 - np.log(2) / 2) * 4, rtol=1e-9)


def test_a_new_tempo_is_reached_after_ramp_beats():
    tempo = np.where(np.arange(4_000) < 1_000, 60.0, 120.0)
    block = clock(tempo=tempo, ramp=2.0, sample_rate=1_000.0)
    reached = 1_000 + 60_000 / 30 * np.log(2)
    at = int(np.ceil(reached))
    assert block.out.beat[at - 1] < 3.0 <= block.out.beat[at]
    np.testing.assert_allclose(block.out.tempo[1_000:at], 60 + 30 * (block.out.beat[1_000:at] - 1), rtol=1e-12)
    assert (block.out.tempo[at:] == 120.0).all()
    np.testing.assert_allclose(block.out.beat[at:], 3 + (np.arange(at, 4_001) - reached) * 0.002, rtol=1e-12)


def test_taps_give_the_tempo_until_another_is_set():
    tap = np.zeros(6_000)
    tap[[500, 900, 1_300, 1_700]] = 1.0
    tempo = np.where(np.arange(6_000) < 5_000, 60.0, 90.0)
    block = clock(tempo=tempo, tap=tap, sample_rate=1_000.0)
    assert (block.out.tempo[:900] == 60.0).all()
    np.testing.assert_allclose(block.out.tempo[900:5_000], 150.0)
    assert (block.out.tempo[5_000:] == 90.0).all()
    assert (np.diff(block.out.beat) > 0).all()


def test_distant_taps_start_a_new_measurement_and_uneven_ones_are_averaged():
    tap = np.zeros(12_000)
    tap[[100, 4_000, 4_480, 5_000]] = 1.0
    block = clock(tempo=60.0, tap=tap, sample_rate=1_000.0)
    assert (block.out.tempo[:4_480] == 60.0).all()
    assert block.out.tempo[-1] == pytest.approx(120.0)


def test_swing_bends_the_beat_between_the_beats():
    block = clock(tempo=60.0, swing=2 / 3, frames=3_000, sample_rate=1_000.0)
    assert block.out.beat[1_000] == pytest.approx(1.0)
    assert block.out.beat[667] >= 0.5 > block.out.beat[666]
    assert block.out.beat[1_667] >= 1.5 > block.out.beat[1_666]
    assert (np.diff(block.out.beat) > 0).all()


def test_a_loop_is_exactly_as_long_as_it_should_be_however_often_it_is_played():
    rate = 1_000.0
    block = clock(tempo=97.3, quantum=1.0, loop_from=2.0, loop_to=3.0, frames=60_000, sample_rate=rate)
    jumps = [(frame, value) for frame, kind, value in changes(block) if kind == JUMP]
    assert {value for _, value in jumps} == {1.0}
    exact = np.arange(2, 2 + len(jumps)) * 60 / 97.3 * rate
    np.testing.assert_array_equal([frame for frame, _ in jumps], np.ceil(exact - 1e-6))
    assert len(jumps) > 90
    np.testing.assert_allclose(block.out.beat[[frame for frame, _ in jumps]], 1.0, rtol=1e-12)


def test_a_section_has_its_number_can_be_looped_and_the_end_stops():
    words = {"sections": "intro: 1, verse: 3, end: 4", "quantum": 1.0, "tempo": 60.0, "sample_rate": 1_000.0}
    block = clock(frames=5_000, **words)
    np.testing.assert_array_equal(np.unique(block.section, return_index=True), [[1, 2, 3], [0, 2_000, 3_000]])
    assert changes(block) == [(0, START, 0.0), (3_000, STOP, pytest.approx(3.0))]
    assert block.done[0] == 1
    assert (block.out.beat[3_001:] == block.out.beat[3_000]).all()
    block = clock(frames=9_000, loop="intro", **words)
    assert [frame for frame, kind, _ in changes(block) if kind == JUMP] == [2_000, 4_000, 6_000, 8_000]
    assert block.done[0] == 0


def test_it_starts_at_a_bar_with_the_tempo_that_is_written_there():
    block = clock(start=3.0, tempos="0: 60, 8: 120, 16: 60", frames=100, sample_rate=1_000.0)
    assert block.out.beat[0] == 8.0
    assert changes(block) == [(0, START, 8.0)]
    assert block.out.tempo[0] == 120.0


def test_an_edited_curve_continues_at_the_current_beat():
    old = clock(tempos="0: 60", frames=3_000, sample_rate=1_000.0)
    new = block_of(Transport, tempos="0: 60, 2: 120 hold", frames=1_000, sample_rate=1_000.0)
    assert (old.heard != new.heard)[2]
    new.law[:], new.running[:] = old.law, old.running
    Transport.process(new)
    assert new.out.beat[0] == pytest.approx(3.0)
    assert (new.out.tempo == 120.0).all()
    assert new.out.beat[-1] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"meter": "4"}, "'4' is not a time signature"),
        ({"tempos": "0: 0"}, "a tempo must be 20 to 999 bpm, not 0"),
        ({"tempos": "0: -5"}, "a tempo must be"),
        ({"tempos": "0: 1e9"}, "a tempo must be"),
        ({"tempos": "0: 90, 4: 120 log"}, "a tempo map is linear"),
        ({"tempos": "4: 90, 0: 120"}, "comes before the point at 4"),
        ({"sections": "verse 5"}, "'verse 5' is not a section"),
        ({"sections": "verse: 5, chorus: 5"}, "must start after the previous section"),
        ({"sections": "verse: 5, end: 9", "loop": "vers"}, "no section 'vers' that can loop. Did you mean 'verse'"),
    ],
)
def test_an_error_says_what_is_wrong(words, message):
    with pytest.raises(NodeError, match=f"^transport: .*{message}"):
        clock(**words)


def test_any_split_of_frames_gives_the_same_tempo_map():
    words = {"tempos": "0: 400, 1: 999, 2: 100", "swing": 0.6, "sections": "a: 1, b: 2, end: 5", "quantum": 1.0}
    whole = clock(frames=4_096, sample_rate=1_000.0, loop_from=2.0, loop_to=3.0, **words)
    block = block_of(Transport, frames=64, sample_rate=1_000.0, loop_from=2.0, loop_to=3.0, **words)
    seen = []
    for start in range(0, 4_096, 64):
        Transport.process(block)
        np.testing.assert_array_equal(block.out.beat[:-1], whole.out.beat[start : start + 64])
        seen += [(frame + start, kind, value) for frame, kind, value in changes(block)]
    assert seen == changes(whole)


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


def test_a_reset_leads_to_the_bar_where_it_starts_at_its_frame():
    rate, reset = 1_000.0, np.where(np.abs(np.arange(4_000) - 2_503) < 3, 1.0, 0.0)
    block = clock(tempo=60.0, frames=4_000, sample_rate=rate, reset=reset, start=3.0, quantum=4.0)
    assert changes(block) == [(0, START, 8.0), (2_501, JUMP, 8.0)]
    expected = 8 + np.concatenate([np.arange(2_501), np.arange(1_500)]) / rate
    np.testing.assert_allclose(block.out.beat, expected, rtol=1e-12)


def test_a_reset_starts_a_song_that_has_ended_again_and_finds_the_tempo_of_its_map():
    rate = 1_000.0
    reset = np.where(np.arange(6_000) >= 5_000, 1.0, 0.0)
    words = {"tempos": "0: 60, 4: 120 hold, 8: 120", "sections": "a: 1, end: 2", "quantum": 4.0}
    block = clock(frames=6_000, sample_rate=rate, reset=reset, **words)
    assert [row[:2] for row in changes(block)] == [(0, START), (4_000, STOP), (5_000, START)]
    assert block.out.tempo[5_500] == 60
    assert block.out.beat[5_500] == pytest.approx(0.5)


def test_stopped_a_reset_waits_at_the_start():
    rate = 1_000.0
    playing = np.where((np.arange(3_000) >= 1_000) & (np.arange(3_000) < 2_000), 0.0, 1.0)
    reset = np.where(np.arange(3_000) == 1_500, 1.0, 0.0)
    block = clock(tempo=60.0, frames=3_000, sample_rate=rate, playing=playing, reset=reset)
    assert block.out.beat[1_400] == pytest.approx(1.0)
    assert block.out.beat[1_999] == 0
    assert block.out.beat[2_250] == pytest.approx(0.25)


def test_a_tap_falls_on_a_beat_where_it_is_to_set_the_phase():
    rate, tap = 1_000.0, np.zeros(4_000)
    for place in (1_100, 1_700, 2_300):  # 100 bpm, off the beat
        tap[place : place + 5] = 1.0
    block = clock(tempo=60.0, frames=4_000, sample_rate=rate, tap=tap, tap_phase=True)
    assert block.out.beat[1_100] == 1
    assert block.out.beat[1_700] == 2
    assert block.out.beat[2_300] == 3
    assert block.out.beat[2_900] == pytest.approx(4.0, abs=1e-9)
    assert [row[:2] for row in changes(block)] == [(0, START), (1_100, JUMP), (1_700, JUMP)]
    plain = clock(tempo=60.0, frames=4_000, sample_rate=rate, tap=tap)
    assert plain.out.beat[1_100] == pytest.approx(1.1)
    assert [row[:2] for row in changes(plain)] == [(0, START)]
