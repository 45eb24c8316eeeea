"""MidiFile: exact frames, loops without drift, and no lost events in dense passages."""

from __future__ import annotations

import mido
import numpy as np
import pytest
from sequenced import heard, jumps, lines, no_clock, offs, ons, ramp, sixty, stops, stuck

from graph import CONTROL, JUMP, KEY_PRESSURE, NOTE_OFF, NOTE_ON, START, MidiFileError, NodeError
from graph.testing import block_of
from nodes import MidiFile

RATE = 1_000.0


@pytest.fixture
def song(tmp_path):
    """Writes messages at 1000 ticks per second, so that a tick is a frame."""

    def make(*messages, end=0):
        file = mido.MidiFile(ticks_per_beat=500)
        now = 0
        track = mido.MidiTrack()
        for tick, message in messages:
            track.append(message.copy(time=tick - now))
            now = tick
        track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
        file.tracks.append(track)
        file.save(tmp_path / "song.mid")
        return str(tmp_path / "song.mid")

    return make


def on(tick, key, channel=1):
    return tick, mido.Message("note_on", note=key, velocity=127, channel=channel - 1)


def off(tick, key, channel=1):
    return tick, mido.Message("note_off", note=key, velocity=0, channel=channel - 1)


def play(file, frames, split=50, **options):
    """(frame, kind, channel, number) of every event, and the block after the last."""
    block = block_of(MidiFile, file=file, frames=split, sample_rate=RATE, clock=no_clock(split), **options)
    played = []
    for start in range(0, frames, split):
        MidiFile.process(block)
        for record in block.out.records[: block.out.count[0]]:
            assert 0 <= record["frame"] < split
            played.append(
                (int(record["frame"]) + start, int(record["kind"]), int(record["channel"]), int(record["number"]))
            )
        assert block.out.count[1] == 0
    return played, block


def test_events_occur_at_their_exact_frames(song):
    file = song(on(0, 60), on(123, 64, 2), off(200, 60), off(200, 64, 2))
    assert play(file, 300)[0] == [
        (0, NOTE_ON, 1, 60),
        (123, NOTE_ON, 2, 64),
        (200, NOTE_OFF, 1, 60),
        (200, NOTE_OFF, 2, 64),
    ]


def test_any_split_of_frames_plays_the_same(song):
    file = song(*(on(7 * i, 30 + i) for i in range(60)), end=500)
    assert play(file, 1_200, 1, loop=True)[0] == play(file, 1_200, 300, loop=True)[0]


def test_it_is_done_after_its_last_event(song):
    file = song(on(0, 60), off(120, 60))
    assert play(file, 100)[1].done[0] == 0
    assert play(file, 150)[1].done[0] == 1


def test_a_loop_repeats_after_the_length_of_the_file_without_drift(song):
    file = song(on(0, 60), off(10, 60), end=100)
    played, block = play(file, 350, loop=True)
    assert [frame for frame, kind, *_ in played if kind == NOTE_ON] == [0, 100, 200, 300]
    assert block.done[0] == 0
    block.lengths[0] = 100 + 1 / 3
    block.place[:] = 3 * 10**9, 0, 3 * 10**7 - 1
    MidiFile.process(block)
    first = round((3 * 10**7 - 1) * (100 + 1 / 3)) - 3 * 10**9
    assert first > 0
    assert block.out.count[0] == 0
    block.place[0] += first - block.frames
    MidiFile.process(block)
    assert block.out.records["frame"][0] == 0


def test_transpose_moves_notes_and_key_pressure_and_nothing_else(song):
    file = song(
        on(0, 60),
        (1, mido.Message("polytouch", note=60, value=9)),
        (2, mido.Message("control_change", control=74, value=9)),
        off(3, 60),
    )
    assert [event[1::2] for event in play(file, 50, transpose=-5)[0]] == [
        (NOTE_ON, 55),
        (KEY_PRESSURE, 55),
        (CONTROL, 74),
        (NOTE_OFF, 55),
    ]


def test_a_selected_channel_plays_alone(song):
    file = song(on(0, 60, 1), on(0, 61, 10), off(9, 60, 1), off(9, 61, 10))
    assert play(file, 50, channel=10)[0] == [(0, NOTE_ON, 10, 61), (9, NOTE_OFF, 10, 61)]


def test_events_beyond_the_capacity_of_a_block_follow_in_the_next(song):
    many = [on(5, i % 128, 1 + i // 128) for i in range(600)]
    played, block = play(song(*many, end=1_000), 200)
    notes = [event for event in played if event[1] == NOTE_ON]
    assert [event[2:] for event in notes] == [(1 + i // 128, i % 128) for i in range(600)]
    assert [sum(event[0] == frame for event in notes) for frame in (5, 50, 100)] == [256, 256, 88]
    assert block.done[0] == 0


def test_a_loop_of_no_length_stays_bounded(song):
    played, block = play(song(on(0, 60), off(0, 60)), 100, loop=True)
    assert 0 < len(played) <= 2 * 256
    assert block.done[0] == 0


def test_a_file_without_events_is_done_at_once(song):
    assert play(song(), 50, loop=True)[1].done[0] == 1


def test_no_file_or_a_broken_one_is_a_clear_error(tmp_path):
    with pytest.raises(NodeError, match=r"midi_file\.file: name the MIDI file to play"):
        block_of(MidiFile)
    with pytest.raises(MidiFileError, match="No such file"):
        block_of(MidiFile, file=str(tmp_path / "nowhere.mid"))


def test_the_file_may_be_the_first_argument():
    assert MidiFile("song.mid").options["file"] == "song.mid"


BEAT = 500
"""Ticks of a beat, which the file itself plays at 120 bpm."""


@pytest.fixture
def clip(song):
    """Two beats: a note on each, the second a third of a beat long."""
    return song(on(0, 60), off(250, 60), on(BEAT, 64), off(BEAT + 167, 64), end=2 * BEAT)


def test_by_a_clock_its_beats_are_those_of_the_clock(clip):
    played = heard(MidiFile, sixty(3_000), file=clip)
    assert ons(played) == [(0, 60), (1000, 64)]
    assert offs(played) == [(500, 60), (1334, 64)]


def test_by_a_clock_it_loops_without_drift_and_wherever_the_clock_is(clip):
    played = heard(MidiFile, sixty(5_000, start=40_000.5), file=clip, loop=True)
    assert ons(played) == [
        (500, 64),
        (1500, 60),
        (2500, 64),
        (3500, 60),
        (4500, 64),
    ]


def test_it_follows_a_ramp_to_the_frame(clip):
    clock = ramp(4_000)
    assert [frame for frame, _ in ons(heard(MidiFile, clock, file=clip, loop=True))] == lines(clock, 1.0)


def test_a_jump_and_a_stop_end_its_notes_and_lift_its_pedals(song):
    pedal = (10, mido.Message("control_change", control=64, value=127))
    up = (990, mido.Message("control_change", control=64, value=0))
    file = song(on(0, 60), pedal, off(900, 60), up, end=1_000)
    played = heard(MidiFile, stops(sixty(1_000), 300), file=file)
    assert played == [(0, NOTE_ON, 60, 1.0), (20, CONTROL, 64, 1.0), (300, NOTE_OFF, 60, 0.5), (300, CONTROL, 64, 0.0)]
    played = heard(MidiFile, jumps(sixty(1_000), 300, 0.0), file=file)
    assert [event[:2] for event in played[2:]] == [(300, NOTE_OFF), (300, CONTROL), (300, NOTE_ON), (320, CONTROL)]


def test_a_clip_may_be_longer_or_shorter_than_its_file(clip):
    played = heard(MidiFile, sixty(7_000), file=clip, loop=True, length=3.0)
    assert [frame for frame, _ in ons(played)] == [0, 1000, 3000, 4000, 6000]
    played = heard(MidiFile, sixty(2_600), file=clip, loop=True, length=1.25)
    assert ons(played) == [(0, 60), (1000, 64), (1250, 60), (2250, 64), (2500, 60)]
    assert (1250, 64) in offs(played), "what sounds at the end of the loop ends there"
    played = heard(MidiFile, no_clock(1_800), file=clip, loop=True, length=1.25)
    assert ons(played) == [(0, 60), (500, 64), (625, 60), (1125, 64), (1250, 60), (1750, 64)]
    assert (625, 64) in offs(played)


def test_by_a_clock_it_waits_for_beat_zero_and_ends_after_its_last_event(clip):
    assert ons(heard(MidiFile, sixty(1_000, start=-0.5), file=clip)) == [(500, 60)]
    block = block_of(MidiFile, file=clip, clock=sixty(1_000), sample_rate=RATE)
    MidiFile.process(block)
    assert block.done[0] == 0
    block = block_of(MidiFile, file=clip, clock=sixty(1_500), sample_rate=RATE)
    MidiFile.process(block)
    assert block.done[0] == 1


@pytest.mark.parametrize("split", [1, 40])
def test_by_a_clock_any_split_of_frames_plays_the_same(song, split):
    rng = np.random.default_rng(8)
    pairs = [((begin := int(rng.integers(0, 900))), begin + int(rng.integers(1, 300)), int(rng.integers(40, 80)))
             for _ in range(20)]  # fmt: skip
    events = sorted([on(b, k) for b, _, k in pairs] + [off(e, k) for _, e, k in pairs], key=lambda event: event[0])
    clock = jumps(stops(ramp(2_000), 1_700), 1_800, 0.3)
    file = song(*events, end=1_300)
    whole = heard(MidiFile, clock, file=file, loop=True, transpose=3)
    assert whole == heard(MidiFile, clock, file=file, split=split, loop=True, transpose=3)
    assert not stuck(whole)


def test_defects_of_the_file_are_reported_by_check_render_and_playback(song, tmp_path, graphrun):
    file = song(on(0, 60), off(100, 60))
    (tmp_path / "song.mid").write_bytes((tmp_path / "song.mid").read_bytes()[:-1])
    nodes = f"nodes:\n  clip: {{node: MidiFile, file: {file}}}\n  v: {{node: VoiceAllocator, events: clip}}\n"
    (tmp_path / "p.yaml").write_text(nodes + "  m: {node: Mix, audio: v.gate * 0.1}\nout: m\n")
    odd = "clip.file: track 1, byte 18: the declared length is 12 bytes; 11 are present"
    for words in (
        ("check", "p.yaml"),
        ("p.yaml", "--out", "o.wav"),
        ("p.yaml", "--device", "null", "--seconds", "0.3"),
    ):
        done = graphrun(*words)
        assert done.returncode == 0, done.stderr
        assert (done.stdout + done.stderr).count(odd) == 1


@pytest.mark.parametrize("clocked", [False, True])
def test_a_reset_ends_what_sounds_and_starts_the_file_again_at_its_frame(song, clocked):
    file = song(on(0, 60), off(200, 60), on(300, 64), off(900, 64))
    reset = np.zeros(1_400)
    reset[600:700] = 1.0
    clock = sixty(1_400) if clocked else no_clock(1_400)
    if clocked:
        clock.tempo[:] = 120.0  # a tick is a frame
        clock.beat[:] = np.arange(1_401) / 500
    played = heard(MidiFile, clock, file=file, reset=reset, split=70)
    assert ons(played) == [(0, 60), (300, 64), (600, 60), (900, 64)]
    assert offs(played) == [(200, 60), (600, 64), (800, 60)]


def test_after_a_reset_the_file_s_clock_counts_from_its_first_beat_and_reports_a_jump(song):
    block = block_of(MidiFile, file=song(on(0, 60), off(900, 60)), frames=800, sample_rate=RATE, clock=no_clock(800))
    block.reset[500:, 0] = 1.0
    MidiFile.process(block)
    assert block.beat.beat[499] == pytest.approx(499 / 500)
    assert block.beat.beat[500:502] == pytest.approx([0.0, 1 / 500])
    changes = block.beat.changes.records[: block.beat.changes.count[0]]
    assert [(int(each["frame"]), int(each["kind"])) for each in changes] == [(0, START), (500, JUMP)]
