"""Notes: its notation, and every note on its exact frame at any clock."""

from __future__ import annotations

import numpy as np
import pytest

from graph import JUMP, NOTE_OFF, NOTE_ON, START, STOP, NodeError, emit
from graph.memory.events import Clock, new_clock, new_events
from graph.testing import block_of
from nodes import Notes
from nodes.dsp.sequencing.notation import parse

RATE = 1_000.0
"""Sample rate in Hz: at 60 bpm a beat is 1000 frames."""


def written(text):
    notes, length = parse(text)
    return [(n.start, n.length, n.keys, n.velocity) for n in notes if n.keys], length


def sixty(frames, start=0.0):
    return new_clock(frames, 60.0, RATE, start)


def no_clock(frames):
    return Clock(np.zeros(frames + 1), np.zeros(frames), np.zeros(frames, np.uint8), np.zeros(1), new_events())


def heard(text, clock, **options):
    """(frame, kind, key, velocity) of everything played."""
    block = block_of(Notes, notes=text, clock=clock, sample_rate=RATE, **options)
    Notes.process(block)
    return events(block), block


def events(block):
    records = block.out.records[: block.out.count[0]]
    return [(int(r["frame"]), int(r["kind"]), int(r["number"]), round(float(r["value"]), 6)) for r in records]


def ons(played):
    return [(frame, key) for frame, kind, key, _ in played if kind == NOTE_ON]


def offs(played):
    return [(frame, key) for frame, kind, key, _ in played if kind == NOTE_OFF]


def test_names_octaves_and_accidentals_are_keys():
    keys = [keys[0] for _, _, keys, _ in written("C4 A4 F#3 Bb2 C-1 G9")[0]]
    assert keys == [60, 69, 54, 46, 0, 127]


def test_rests_ties_lengths_bars_velocities_and_chords():
    assert written("C4 . D4 - _ | E4*3 [C4 E4 G4]:0.5 F4:.25*2 .*2 G4*0.5") == (
        [
            (0, 1, (60,), None),
            (2, 3, (62,), None),
            (5, 3, (64,), None),
            (8, 1, (60, 64, 67), 0.5),
            (9, 2, (65,), 0.25),
            (13, 0.5, (67,), None),
        ],
        13.5,
    )


def test_a_tie_after_a_rest_is_silence_too():
    assert written("C4 . - D4")[0] == [(0, 1, (60,), None), (3, 1, (62,), None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C4 H4", "cannot read 'H4' at character 4: write a note such as C4, F#3 or Bb2, a chord"),
        ("C4 C", "cannot read 'C' at character 4"),
        ("[C4 X] D4", r"cannot read 'X in \[C4 X\]' at character 1"),
        ("C4 [E4 G4", r"cannot read '\[E4 G4' at character 4: the chord has no '\]'"),
        ("[]", "the chord is empty"),
        ("C4:2", "velocity must be above 0 and at most 1"),
        ("C4:0", "velocity must be above 0 and at most 1"),
        ("C4:x", "write a velocity from 0 to 1 after ':'"),
        ("C4*0", "length must be above 0 and at most 1024 steps"),
        ("C4*", "a number of steps"),
        ("- C4", "there is no note before the tie"),
        ("C4 .:0.5", "only notes and chords take a velocity"),
        ("C4 -:0.5", "only notes and chords take a velocity"),
        (". | .", "there is no note in"),
        ("", "there is no note in"),
    ],
)
def test_an_error_names_the_token_its_position_and_the_allowed_forms(text, message):
    with pytest.raises(NodeError, match=f"^notes.notes: .*{message}"):
        block_of(Notes, notes=text)


def test_a_key_transposed_out_of_range_is_a_mistake():
    with pytest.raises(NodeError, match=r"key 129 is outside 0 \.\. 127"):
        block_of(Notes, notes="G9", transpose=2)


def test_notes_fall_on_their_frames_and_end_with_the_gate():
    played, _ = heard("C4 E4 . [G4 B4]:0.5", sixty(2_000), step=0.5, gate=0.5)
    assert played == [
        (0, NOTE_ON, 60, 0.8),
        (250, NOTE_OFF, 60, 0.5),
        (500, NOTE_ON, 64, 0.8),
        (750, NOTE_OFF, 64, 0.5),
        (1500, NOTE_ON, 67, 0.5),
        (1500, NOTE_ON, 71, 0.5),
        (1750, NOTE_OFF, 67, 0.5),
        (1750, NOTE_OFF, 71, 0.5),
    ]


def test_a_held_note_is_cut_by_the_gate_in_its_last_step_only():
    assert offs(heard("C4*2 - D4", sixty(2_000), step=0.5, gate=0.5)[0])[0] == (1250, 60)


def test_a_note_falls_on_the_first_frame_that_has_reached_its_beat():
    clock = new_clock(3_000, 133.0, RATE)
    frames = [frame for frame, _ in ons(heard("C4", clock, step=1 / 3)[0])]
    expected = [int(np.argmax(clock.beat[:-1] >= beat - 1e-9)) for beat in np.arange(20) / 3]
    assert frames == expected


def test_the_loop_begins_again_without_drift():
    clock = new_clock(500, 60.0, RATE, start=30_000.0)
    assert ons(heard("C4 D4 E4", clock, step=0.1)[0]) == [(0, 60), (100, 62), (200, 64), (300, 60), (400, 62)]


def test_a_gate_of_one_ends_a_note_before_the_same_key_repeats():
    played, _ = heard("C4", sixty(1_200), step=0.5, gate=1.0)
    assert [event[:2] for event in played] == [
        (0, NOTE_ON),
        (500, NOTE_OFF),
        (500, NOTE_ON),
        (1000, NOTE_OFF),
        (1000, NOTE_ON),
    ]


def test_without_a_loop_it_reports_its_end():
    played, block = heard("C4 D4", sixty(900), loop=False)
    assert ons(played) == [(0, 60), (500, 62)]
    assert block.done[0] == 0
    played, block = heard("C4 D4", sixty(2_000), loop=False)
    assert offs(played)[-1] == (950, 62)
    assert len(played) == 4
    assert block.done[0] == 1


def test_it_follows_a_tempo_that_changes():
    clock = sixty(2_000)
    clock.tempo[1_000:] = 120.0
    clock.beat[1_000:] = 1.0 + np.arange(1_001) * 0.002
    assert [frame for frame, _ in ons(heard("C4", clock, step=0.5)[0])] == [0, 500, 1000, 1250, 1500, 1750]


def test_a_stop_ends_sounding_notes():
    clock = sixty(1_000)
    clock.playing[200:] = 0
    clock.beat[200:] = 0.2
    emit(clock.changes, 200, STOP, 0, 0, 0.0, 0.2)
    played, _ = heard("[C4 E4]", clock)
    assert offs(played) == [(200, 60), (200, 64)]
    assert len(played) == 4


def test_a_start_in_the_middle_waits_for_the_next_note():
    clock = sixty(1_000, start=0.25)
    clock.playing[:100] = 0
    emit(clock.changes, 100, START, 0, 0, 0.0, float(clock.beat[100]))
    assert ons(heard("C4 D4", clock)[0]) == [(250, 62), (750, 60)]


def test_a_jump_ends_sounding_notes_and_resumes_at_the_new_position():
    clock = sixty(1_000)
    clock.beat[300:] = 7.4 + np.arange(701) * 0.001
    emit(clock.changes, 300, JUMP, 0, 0, 0.0, 7.4)
    played, _ = heard("C4 D4 E4", clock)
    assert offs(played)[0] == (300, 60)
    assert ons(played) == [(0, 60), (400, 60), (900, 62)]


def test_it_waits_for_beat_zero_while_a_clock_counts_in():
    assert ons(heard("C4 D4", sixty(1_000, start=-0.3))[0]) == [(300, 60), (800, 62)]


def test_without_a_clock_it_runs_at_its_own_tempo():
    tempo = np.where(np.arange(1_000) < 500, 60.0, 120.0)
    assert ons(heard("C4", no_clock(1_000), tempo=tempo)[0]) == [(0, 60), (500, 60), (750, 60)]


def test_velocity_transpose_and_channel_are_applied():
    played, block = heard("C4", sixty(100), velocity=0.25, transpose=-12, channel=10)
    assert played == [(0, NOTE_ON, 48, 0.25)]
    assert block.out.records["channel"][0] == 10


@pytest.mark.parametrize("split", [1, 50])
def test_any_split_of_frames_plays_the_same(split):
    whole, _ = heard("C4 [D4 G4]:0.3 - . A4*0.5", sixty(1_500), step=0.23)
    block = block_of(Notes, notes="C4 [D4 G4]:0.3 - . A4*0.5", clock=sixty(split), step=0.23, sample_rate=RATE)
    parts = []
    for start in range(0, 1_500, split):
        block.clock.beat[:] = (start + np.arange(split + 1)) * 60.0 / (60.0 * RATE)
        Notes.process(block)
        parts += [(frame + start, *rest) for frame, *rest in events(block)]
    assert parts == whole


def directed(text, direction, frames=4_000, **more):
    return ons(heard(text, sixty(frames), step=0.25, direction=direction, **more)[0])


def test_the_four_directions():
    text = "C4 D4 E4 F4"
    assert [key for _, key in directed(text, "backward")][:6] == [65, 64, 62, 60, 65, 64]
    assert [key for _, key in directed(text, "ping_pong")][:9] == [60, 62, 64, 65, 64, 62, 60, 62, 64]
    drawn = [key for _, key in directed(text, "random", 30_000, seed=5)]
    assert len(drawn) == 120
    assert all(15 < drawn.count(key) < 48 for key in (60, 62, 64, 65))
    assert drawn != [key for _, key in directed(text, "random", 30_000, seed=6)]


def test_backward_a_long_note_starts_where_it_ends_forward_and_rests_are_steps():
    played, _ = heard("C4*3 . [D4 F4]", sixty(2_500), step=0.5, gate=1.0, direction="backward")
    assert ons(played) == [(0, 62), (0, 65), (1_000, 60)]
    assert offs(played) == [(500, 62), (500, 65)] + [(2_500, 60)] * (len(offs(played)) - 2)
    assert directed("C4 . . D4", "ping_pong", 2_000) == [(0, 60), (750, 62), (1_500, 60)]


def test_a_looped_bar_of_notes_at_random_repeats_and_a_part_agrees_with_the_whole():
    whole = directed("C4 D4 . E4*2", "random", 8_000, seed=7)
    part, _ = heard("C4 D4 . E4*2", sixty(4_000, 4.0), step=0.25, direction="random", seed=7)
    assert [(frame + 4_000, key) for frame, key in ons(part)] == [each for each in whole if each[0] >= 4_000]


@pytest.mark.parametrize(("direction", "count"), [("forward", 3), ("backward", 3), ("ping_pong", 4), ("random", 3)])
def test_without_a_loop_one_cycle_is_played_in_every_direction(direction, count):
    played, block = heard("C4 D4 E4", sixty(4_000), step=0.25, direction=direction, loop=False)
    assert [frame for frame, _ in ons(played)] == [250 * i for i in range(count)]
    assert len(offs(played)) == count
    assert block.done[0] == 1


def test_two_notes_less_than_a_semitone_apart_sound_together():
    block = block_of(Notes, notes="[A4 A4+14c] .", clock=sixty(900), sample_rate=RATE)
    Notes.process(block)
    found = [(int(r["frame"]), int(r["kind"]), float(r["number"])) for r in block.out.records[: block.out.count[0]]]
    assert found == [(0, NOTE_ON, 69.0), (0, NOTE_ON, 69.14), (450, NOTE_OFF, 69.0), (450, NOTE_OFF, 69.14)]
